/** Measures calls `value => value + 1`, for heddle and its rivals alike. */
import { check } from './check.js';
import { median } from './statistics.js';

export interface CallFigures {
  /** Calls per second. */
  readonly perSecond: number;
  /**
   * Median time of a call in microseconds, one look at the clock included; NaN with several in flight, because a look at
   * the clock costs a good part of a call.
   */
  readonly p50Micros: number;
}

/** Of these, the one that is asked for. */
export type ReadCalls = (figures: CallFigures) => number;

export interface CallLoad {
  readonly count: number;
  readonly inFlight: number;
}

type Increment = (value: number) => Promise<number>;

const verify = (value: number, reply: number): void => {
  if (reply !== value + 1) check(`the reply to ${value}`, reply, value + 1);
};

/** One call after the other: each begins when the last one has ended. */
const oneByOne = async (call: Increment, count: number): Promise<number> => {
  const latencies = new Float64Array(count);
  let last = performance.now();
  for (let value = 0; value < count; value++) {
    verify(value, await call(value));
    const now = performance.now();
    latencies[value] = now - last;
    last = now;
  }
  return median(latencies) * 1e3;
};

const severalAtATime = async (call: Increment, { count, inFlight }: CallLoad): Promise<number> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const value = next++;
      verify(value, await call(value));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return Number.NaN;
};

/** Makes `count` calls, `inFlight` at a time. */
export const measureCalls = async (call: Increment, load: CallLoad): Promise<CallFigures> => {
  const began = performance.now();
  const p50Micros = await (load.inFlight === 1 ? oneByOne(call, load.count) : severalAtATime(call, load));
  return { perSecond: (load.count * 1e3) / (performance.now() - began), p50Micros };
};
