/**
 * W4, request and reply: `value -> value + 1` (an addition), from an actor on worker 1 to one on worker 2.
 *
 * - W4-c1: one call in flight, hot: the median time of a call. By hand it is the round trip of W1.
 * - W4-c64: 64 calls in flight: calls per second.
 *
 * heddle's `(host)` row calls from the host. piscina has one worker, and is called from the host, as it is made for.
 */
import { Adder, Caller } from '../actors/adder.js';
import { measureCalls } from '../harness/calls.js';
import { heddle } from '../harness/contestants.js';
import { PATIENCE } from '../harness/patience.js';
import type { Contestant, Workload } from '../harness/workload.js';
import { type CallLoad, comlinkCalls, makePool, postedCalls, type ReadCalls, spinningRally } from './rivals.js';

const ONE = 'W4-c1';
const MANY = 'W4-c64';
const IN_FLIGHT = 64;
const MICROS_PER_NANO = 1e-3;

const fromWorker = (figure: string, load: CallLoad, read: ReadCalls): Contestant =>
  heddle('heddle', async (system) => {
    const caller = await system.spawn(Caller, undefined, { place: 1 });
    const to = await system.spawn(Adder, undefined, { place: 2 });
    return async () => [{ figure, value: read(await caller.run({ to, ...load }, PATIENCE)) }];
  });

const fromHost = (figure: string, { count, inFlight }: CallLoad, read: ReadCalls): Contestant =>
  heddle('heddle (host)', async (system) => {
    const to = await system.spawn(Adder, undefined, { place: 1 });
    return async () => [
      { figure, value: read(await measureCalls((value) => to.add({ a: value, b: 1 }), count, inFlight)) },
    ];
  });

const piscina = (figure: string, { count, inFlight }: CallLoad, read: ReadCalls): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-add', threads: 1 });
    const call = (value: number): Promise<number> => pool.run({ a: value, b: 1 });
    return {
      sample: async () => [{ figure, value: read(await measureCalls(call, count, inFlight)) }],
      close: () => pool.close(),
    };
  },
});

export const w4One: Workload = {
  title: 'a call from worker to worker, one at a time, median',
  figures: { [ONE]: 'us' },
  contestants: (effort) => {
    const hot = { count: effort.of(100_000, 10_000), inFlight: 1 };
    const sleepy = { count: effort.of(5_000, 500), inFlight: 1 };
    const read: ReadCalls = ({ p50Micros }) => p50Micros;
    return [
      fromWorker(ONE, hot, read),
      fromHost(ONE, hot, read),
      spinningRally(ONE, effort.of(1_000_000, 200_000), MICROS_PER_NANO),
      postedCalls(ONE, sleepy, read),
      comlinkCalls(ONE, sleepy, read),
      piscina(ONE, sleepy, read),
    ];
  },
};

export const w4Many: Workload = {
  title: 'calls from worker to worker, 64 at a time',
  figures: { [MANY]: 'M calls/s' },
  contestants: (effort) => {
    const load = (full: number, quick: number): CallLoad => ({ count: effort.of(full, quick), inFlight: IN_FLIGHT });
    const read: ReadCalls = ({ perSecond }) => perSecond / 1e6;
    return [
      fromWorker(MANY, load(1_000_000, 100_000), read),
      fromHost(MANY, load(500_000, 50_000), read),
      postedCalls(MANY, load(100_000, 20_000), read),
      comlinkCalls(MANY, load(20_000, 5_000), read),
      piscina(MANY, load(5_000, 1_000), read),
    ];
  },
};
