import { call, defineActor, f64, i32, record, ref, u32 } from 'heddle';
import { measureCalls } from '../harness/calls.js';

export const Incrementer = defineActor(import.meta.url, 'Incrementer', {
  protocol: { increment: call({ value: i32 }, i32) },
  init: () => undefined,
  on: { increment: (_, { value }) => value + 1 },
});

/** Calls an incrementer, so many times, so many at a time. */
export const Caller = defineActor(import.meta.url, 'Caller', {
  protocol: {
    run: call({ to: ref(Incrementer), count: u32, inFlight: u32 }, record({ perSecond: f64, p50Micros: f64 })),
  },
  init: () => undefined,
  on: { run: (_, { to, count, inFlight }) => measureCalls((value) => to.increment({ value }), count, inFlight) },
});
