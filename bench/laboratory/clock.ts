/**
 * Time in nanoseconds, the same on all threads, and in all processes of the machine, so that a message can be stamped here
 * and read there.
 *
 * `process.hrtime` is the machine's clock, but dear; `performance.now` is cheaper, but counts from a moment of its own. Both
 * run alike, so the distance between them is fixed, and is measured once a thread.
 */
import { NANOSECONDS_PER_MS } from './units.js';

/** The narrowest of so many pairs of looks counts: a thread may lose its core between two. */
const LOOKS = 200;

/** How far `process.hrtime` is ahead of `performance.now`, in nanoseconds. */
export const calibrate = (): number => {
  let narrowest = Number.POSITIVE_INFINITY;
  let distance = 0;
  for (let look = 0; look < LOOKS; look++) {
    const before = performance.now();
    const there = Number(process.hrtime.bigint());
    const after = performance.now();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    distance = there - ((before + after) / 2) * NANOSECONDS_PER_MS;
  }
  return distance;
};

const distance = calibrate();

export const nowNs = (): number => performance.now() * NANOSECONDS_PER_MS + distance;
