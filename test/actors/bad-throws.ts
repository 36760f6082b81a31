/** A module that cannot be imported by workers: it throws. */
import { call, defineActor, isHost, text } from 'heddle';

export const Throws = defineActor(import.meta.url, 'Throws', {
  protocol: { note: {}, ask: call({}, text) },
  init: () => ({}),
  on: { note: () => undefined, ask: () => 'answered' },
});

if (!isHost) throw new RangeError('this module breaks on workers');
