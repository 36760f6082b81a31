/** A thread of the pool made by hand. */
import type { Lane } from './hand-pool.js';
import { backOff, PairReader, PairWriter } from './pair-ring.js';
import { serve } from './serve.js';

/** Results that are published together while there are more jobs. */
const BATCH = 64;
/** Looks that find nothing before the thread naps, and for how long: the host needs a core too. */
const LOOKS = 200;
const NAP_MS = 0.05;

const bed = new Int32Array(new SharedArrayBuffer(4));

export const tasks = {
  /** Does so many jobs. */
  work({ jobs, results, count }: Lane & { readonly count: number }): void {
    const reader = new PairReader(jobs);
    const writer = new PairWriter(results, BATCH);
    let looks = 0;
    for (let left = count; left > 0; ) {
      const got = reader.look();
      for (let index = 0; index < got; index++) {
        const sum = reader.int(index) + reader.float(index);
        while (!writer.write(sum, 0)) backOff();
      }
      if (got > 0) {
        reader.release(got);
        writer.publish();
        left -= got;
        looks = 0;
      } else if (++looks < LOOKS) backOff();
      else Atomics.wait(bed, 0, 0, NAP_MS);
    }
  },
};

serve(tasks);
