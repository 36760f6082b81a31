/** Definitions that are not the same on every thread. */
import { call, defineActor, f64, isHost, text } from 'heddle';

const spec = {
  protocol: { note: {}, ask: call({}, text) },
  init: () => ({}),
  on: { note: () => undefined, ask: () => 'answered' },
};

/** Defined on the host only. */
export const HostOnly = isHost ? defineActor(import.meta.url, 'HostOnly', spec) : undefined;

/** Defined by whoever calls this, and nobody does so on workers. */
export const defineLater = () => defineActor(import.meta.url, 'Later', spec);

/** Declared differently on workers. */
export const TwoFaced = defineActor(import.meta.url, 'TwoFaced', {
  protocol: { measure: isHost ? { length: f64 } : { length: text } },
  init: () => ({}),
  on: { measure: () => undefined },
});
