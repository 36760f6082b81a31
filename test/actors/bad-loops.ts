/** A module that blocks the worker that imports it: its top level loops. */
import { call, defineActor, isHost, text } from 'heddle';

export const Loops = defineActor(import.meta.url, 'Loops', {
  protocol: { note: {}, ask: call({}, text) },
  init: () => ({}),
  on: { note: () => undefined, ask: () => 'answered' },
});

while (!isHost);
