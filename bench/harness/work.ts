/** Work for a processor: the same for all, and as much of it as one asks for. */
import { median } from './statistics.js';

const SEED = 0x9e3779b9;

/** A few steps of xorshift; the result depends on each of them. */
export const work = (value: number, steps: number): number => {
  let hash = value ^ SEED || 1;
  for (let step = 0; step < steps; step++) {
    hash ^= hash << 13;
    hash ^= hash >>> 17;
    hash ^= hash << 5;
  }
  return hash & 1;
};

const ITEMS = 5_000;
const REPEATS = 5;
const STEPS_TO_CALIBRATE = 1_000;

/** How long an item of so many steps takes on this thread right now, in microseconds. */
export const timeWork = (steps: number): number => {
  const times = Array.from({ length: REPEATS }, () => {
    const began = performance.now();
    let sum = 0;
    for (let item = 0; item < ITEMS; item++) sum += work(item, steps);
    // Compared, so that the loop cannot be left out.
    return sum < 0 ? 0 : ((performance.now() - began) * 1e3) / ITEMS;
  });
  return median(times);
};

/** How many steps take so many microseconds. */
export const stepsFor = (micros: number): number => {
  timeWork(STEPS_TO_CALIBRATE);
  return Math.round((micros * STEPS_TO_CALIBRATE) / timeWork(STEPS_TO_CALIBRATE));
};
