/** A module that workers never finish importing: its top level awaits what does not come. */
import { call, defineActor, isHost, text } from 'heddle';

export const Waits = defineActor(import.meta.url, 'Waits', {
  protocol: { note: {}, ask: call({}, text) },
  init: () => ({}),
  on: { note: () => undefined, ask: () => 'answered' },
});

if (!isHost) await new Promise(() => undefined);
