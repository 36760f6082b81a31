/**
 * W4, request and reply: `value -> value + 1` (an addition), from an actor on worker 1 to one on worker 2.
 *
 * - W4-c1: one call in flight, hot: the median time of a call. By hand it is the round trip of W1.
 * - W4-c64: 64 calls in flight: calls per second.
 *
 * heddle's `(host)` row calls from the host. piscina has one worker, and is called from the host, as it is made for.
 */
import { Adder, Caller } from '../actors/adder.js';
import { spinningRally } from '../contestants/by-hand.js';
import { comlinkCalls } from '../contestants/comlink.js';
import { heddle } from '../contestants/heddle.js';
import { makePool } from '../contestants/piscina.js';
import { postedCalls } from '../contestants/post-message.js';
import { type CallFigures, type CallLoad, measureCalls, type ReadCalls } from '../harness/calls.js';
import { PATIENCE } from '../harness/patience.js';
import { SampleSize } from '../harness/sample-size.js';
import type { Contestant, Workload } from '../harness/workload.js';

const ONE = 'W4-c1';
const MANY = 'W4-c64';
const IN_FLIGHT = 64;
const MS_PER_SECOND = 1e3;
const MICROS_PER_NANO = 1e-3;

type MeasureCalls = (load: CallLoad) => Promise<CallFigures>;

/** Samples calls that may be hot. */
const sampleCalls = (figure: string, size: SampleSize, inFlight: number, read: ReadCalls, measure: MeasureCalls) => {
  return async () => {
    const { count } = size;
    const figures = await measure({ count, inFlight });
    size.took((count * MS_PER_SECOND) / figures.perSecond);
    return [{ figure, value: read(figures) }];
  };
};

const fromWorker = (figure: string, size: SampleSize, inFlight: number, read: ReadCalls): Contestant =>
  heddle('heddle', async (system) => {
    const caller = await system.spawn(Caller, undefined, { place: 1 });
    const to = await system.spawn(Adder, undefined, { place: 2 });
    return sampleCalls(figure, size, inFlight, read, (load) => caller.run({ to, ...load }, PATIENCE));
  });

const fromHost = (figure: string, size: SampleSize, inFlight: number, read: ReadCalls): Contestant =>
  heddle('heddle (host)', async (system) => {
    const to = await system.spawn(Adder, undefined, { place: 1 });
    const add = (value: number): Promise<number> => to.add({ a: value, b: 1 });
    return sampleCalls(figure, size, inFlight, read, (load) => measureCalls(add, load));
  });

const piscina = (figure: string, load: CallLoad, read: ReadCalls): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-add', threads: 1 });
    const call = (value: number): Promise<number> => pool.run({ a: value, b: 1 });
    return {
      sample: async () => [{ figure, value: read(await measureCalls(call, load)) }],
      close: () => pool.close(),
    };
  },
});

export const w4One: Workload = {
  title: 'a call from worker to worker, one at a time, median',
  figures: { [ONE]: 'us' },
  contestants: (effort) => {
    const sleepy = { count: effort.of(5_000, 500), inFlight: 1 };
    const hot = () => new SampleSize(sleepy.count, effort.of(100_000, 10_000));
    const read: ReadCalls = ({ p50Micros }) => p50Micros;
    return [
      fromWorker(ONE, hot(), 1, read),
      fromHost(ONE, hot(), 1, read),
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
    const least = effort.of(50_000, 20_000);
    const read: ReadCalls = ({ perSecond }) => perSecond / 1e6;
    return [
      fromWorker(MANY, new SampleSize(least, effort.of(1_000_000, 100_000)), IN_FLIGHT, read),
      fromHost(MANY, new SampleSize(least, effort.of(500_000, 50_000)), IN_FLIGHT, read),
      postedCalls(MANY, load(100_000, 20_000), read),
      comlinkCalls(MANY, load(20_000, 5_000), read),
      piscina(MANY, load(5_000, 1_000), read),
    ];
  },
};
