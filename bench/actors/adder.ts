import { call, defineActor, f64, i32, record, ref, u32 } from 'heddle';
import { measureCalls } from '../harness/calls.js';

export const Adder = defineActor(import.meta.url, 'Adder', {
  protocol: { add: call({ a: i32, b: i32 }, i32) },
  init: () => undefined,
  on: { add: (_, { a, b }) => a + b },
});

/** Calls an adder, so many times, so many at a time. */
export const Caller = defineActor(import.meta.url, 'Caller', {
  protocol: { run: call({ to: ref(Adder), count: u32, inFlight: u32 }, record({ perSecond: f64, p50Micros: f64 })) },
  init: () => undefined,
  on: { run: (_, { to, count, inFlight }) => measureCalls((value) => to.add({ a: value, b: 1 }), { count, inFlight }) },
});
