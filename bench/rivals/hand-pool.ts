/**
 * A pool of threads made by hand for one kind of job: two numbers there, their sum back, each way through a ring. Results
 * come in the order of the jobs, so that no numbers are needed.
 *
 * ```
 *   host  --jobs-->  thread 1  --results-->  host
 *         --jobs-->  thread 2  --results-->
 * ```
 */
import { PairReader, PairWriter } from './pair-ring.js';

/** Jobs that are published together. */
const BATCH = 64;

export interface Lane {
  readonly jobs: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
}

class HandLane {
  readonly #jobs: PairWriter;
  readonly #results: PairReader;
  readonly #waiting: ((sum: number) => void)[] = [];
  #settled = 0;

  constructor({ jobs, results }: Lane) {
    this.#jobs = new PairWriter(jobs, BATCH);
    this.#results = new PairReader(results);
  }

  get pending(): number {
    return this.#waiting.length - this.#settled;
  }

  submit(a: number, b: number, resolve: (sum: number) => void): void {
    this.#waiting.push(resolve);
    while (!this.#jobs.write(a, b)) this.collect();
  }

  publish(): void {
    this.#jobs.publish();
  }

  collect(): void {
    const got = this.#results.look();
    if (got === 0) return;
    for (let index = 0; index < got; index++) this.#waiting[this.#settled++]!(this.#results.int(index));
    this.#results.release(got);
  }
}

/** The host's side, for one batch of jobs. */
export class HandPool {
  readonly #lanes: readonly HandLane[];
  #next = 0;
  #polling = false;

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes.map((lane) => new HandLane(lane));
  }

  run(a: number, b: number): Promise<number> {
    return new Promise((resolve) => {
      this.#lanes[this.#next]!.submit(a, b, resolve);
      this.#next = (this.#next + 1) % this.#lanes.length;
      if (!this.#polling) {
        this.#polling = true;
        setImmediate(this.#poll);
      }
    });
  }

  readonly #poll = (): void => {
    let pending = 0;
    for (const lane of this.#lanes) {
      lane.publish();
      lane.collect();
      pending += lane.pending;
    }
    this.#polling = pending > 0;
    if (this.#polling) setImmediate(this.#poll);
  };
}
