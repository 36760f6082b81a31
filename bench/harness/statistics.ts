/** Medians, and what lies around them. */

/** The value below which the share `q` of the values lies, interpolated. */
export const quantile = (values: readonly number[] | Float64Array, q: number): number => {
  if (values.length === 0) throw new RangeError('a quantile of nothing');
  const sorted = Float64Array.from(values).sort();
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  return low + (sorted[Math.min(below + 1, sorted.length - 1)]! - low) * (place - below);
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const median = (values: readonly number[] | Float64Array): number => quantile(values, 0.5);

/** The median of `a[i] / b[i]`: both were measured in the same round, so what disturbs a round disturbs both. */
export const ratioByRound = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length) throw new RangeError(`${a.length} samples cannot be compared with ${b.length}`);
  return median(a.map((value, round) => value / b[round]!));
};
