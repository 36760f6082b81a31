/** The receiver's book: checks every message, and notes how long those took that carry a time. */
import { check } from '../harness/check.js';
import type { Timed } from './adapter.js';
import { nowNs } from './clock.js';
import { readPercentiles, toDistribution } from './distribution.js';

/**
 * At saturation only one of so many messages is timed, because to look at the clock costs as much as a message. A prime, so
 * that it falls on every place of a batch.
 */
export const SATURATION_TIMED_EVERY = 17;

/** What a thread says at the end of a task. Plain, because it crosses threads in many ways. */
export interface Recorded {
  /** The nanoseconds of each of `PERCENTILES`; all 0 if nothing was timed. */
  readonly nanoseconds: Float64Array;
  readonly timed: number;
  /** Messages that have come. */
  readonly count: number;
  /** Of these, out of turn or damaged. */
  readonly wrong: number;
  /** When the last one came. */
  readonly endedNs: number;
}

export class Arrivals {
  readonly #latencies: Float64Array;
  readonly #clock: () => number;
  #timed = 0;
  #next = 0;
  #wrong = 0;

  /** @param most how many messages there will be */
  constructor(most: number, clock = nowNs) {
    this.#clock = clock;
    this.#latencies = new Float64Array(most);
  }

  get count(): number {
    return this.#next;
  }

  /** A message that carries the time `at`. */
  arrive(index: number, at: number, isRight: boolean): void {
    if (at !== 0) this.#latencies[this.#timed++] = this.#clock() - at;
    this.#enter(index, isRight);
  }

  /** A message of which somebody else has seen how long it took. */
  took(index: number, ns: number, isRight: boolean): void {
    this.#latencies[this.#timed++] = ns;
    this.#enter(index, isRight);
  }

  #enter(index: number, isRight: boolean): void {
    if (index !== this.#next || !isRight) this.#wrong++;
    this.#next++;
  }

  finish(): Recorded {
    const endedNs = this.#clock();
    const nanoseconds = readPercentiles(this.#latencies.subarray(0, this.#timed));
    return { nanoseconds, timed: this.#timed, count: this.#next, wrong: this.#wrong, endedNs };
  }
}

export const checkRecorded = ({ count, wrong }: Recorded, expected: number): void => {
  check('the number of messages', count, expected);
  check('the number of messages out of turn or damaged', wrong, 0);
};

/** @throws if not all came, each in its turn and whole */
export const timedOf = (recorded: Recorded, expected: number): Timed => {
  checkRecorded(recorded, expected);
  return { distribution: toDistribution(recorded.nanoseconds), count: recorded.timed };
};
