/** What lies in the middle of some samples, and around it. */

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export const spreadOf = (samples: readonly number[]): Spread => {
  if (samples.length === 0) throw new RangeError('a spread of nothing');
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    low: sorted[0]!,
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    high: sorted.at(-1)!,
  };
};

export const medianOf = (samples: readonly number[]): number => spreadOf(samples).median;
