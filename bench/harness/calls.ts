/** Measures calls `value => value + 1`, for heddle and its rivals alike. */
import { check } from './check.js';
import { median } from './statistics.js';

export interface CallFigures {
  /** Calls per second. */
  readonly perSecond: number;
  /** Median time of a call in microseconds; with several in flight it includes their wait for each other. */
  readonly p50Micros: number;
}

/** Of these, the one that is asked for. */
export type ReadCalls = (figures: CallFigures) => number;

export interface CallLoad {
  readonly count: number;
  readonly inFlight: number;
}

type Increment = (value: number) => Promise<number>;

/** Makes `count` calls, `inFlight` at a time. */
export const measureCalls = async (call: Increment, { count, inFlight }: CallLoad): Promise<CallFigures> => {
  const latencies = new Float64Array(count);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const value = next++;
      const began = performance.now();
      const reply = await call(value);
      latencies[value] = performance.now() - began;
      if (reply !== value + 1) check(`the reply to ${value}`, reply, value + 1);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, caller));
  const elapsed = performance.now() - began;
  return { perSecond: (count * 1e3) / elapsed, p50Micros: median(latencies) * 1e3 };
};
