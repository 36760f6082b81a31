/** What lies in the middle of some samples, and around it. */
import { median } from '../../harness/statistics.js';

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export const spreadOf = (samples: readonly number[]): Spread => ({
  low: Math.min(...samples),
  median: median(samples),
  high: Math.max(...samples),
});
