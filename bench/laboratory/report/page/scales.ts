/** Round numbers along logarithmic axes. */

/** More decades than this leave no room for numbers within them. */
const FINE_DECADES = 2.2;
const FINE = [1, 2, 5] as const;
const COARSE = [1] as const;
/** Rounding errors are no steps. */
const TOLERANCE = 1e-9;

const stepsBetween = (low: number, high: number, within: readonly number[]): number[] => {
  const first = Math.floor(Math.log10(low) + TOLERANCE);
  const last = Math.ceil(Math.log10(high) - TOLERANCE);
  const decades = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return decades.flatMap((decade) => within.map((step) => step * decade));
};

/** `low` and `high`, moved outwards to round numbers. */
export const roundedOutwards = (low: number, high: number): [number, number] => {
  const steps = stepsBetween(low, high, FINE);
  const below = steps.filter((step) => step <= low * (1 + TOLERANCE)).at(-1) ?? low;
  const above = steps.find((step) => step >= high * (1 - TOLERANCE)) ?? high;
  return below === above ? [below / 2, above * 2] : [below, above];
};

export const logarithmicTicks = (low: number, high: number): number[] => {
  const fine = Math.log10(high / low) <= FINE_DECADES;
  return stepsBetween(low, high, fine ? FINE : COARSE).filter(
    (tick) => tick >= low * (1 - TOLERANCE) && tick <= high * (1 + TOLERANCE),
  );
};
