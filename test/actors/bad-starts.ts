/** A module that starts a system where it is imported, as a bundled application does. */
import { call, createSystem, defineActor, text } from 'heddle';

export const Starts = defineActor(import.meta.url, 'Starts', {
  protocol: { ask: call({}, text) },
  init: () => ({}),
  on: { ask: () => 'answered' },
});

export const system = await createSystem({ threads: 1 });
