/** Latency by percentile: one figure for each situation, all on the same scale. */
import { median } from '../../../harness/statistics.js';
import type { LatencySamples, Measurement } from '../../results.js';
import type { Extent, Figure, Line } from '../figure.js';
import { asTitle, type Situation, sayConditions, situationsOf, varyingKeys } from '../situations.js';
import { latencyTable } from '../tables.js';
import { formatNanoseconds } from '../units.js';

/** Between the points that are drawn, as fine as one can see. */
const STEPS_A_NINE = 20;
/** A logarithm of nothing is none. */
const LEAST_NS = 1;
const DIGITS = 4;

/** How many nines there are to a percentile; the last of `count` messages stands for as many as it is one of. */
const ninesOf = (percentile: number, count: number): number =>
  Math.min(-Math.log10(Math.max(1 - percentile / 100, 0)), Math.log10(Math.max(count, 10)));

/** The curve at each place of the `grid`; null beyond its end. Between two points it is straight, on logarithmic scales. */
export const valuesAt = (grid: readonly number[], { curve, count }: LatencySamples): (number | null)[] => {
  const points = curve.map(([percentile, ns]) => [ninesOf(percentile, count), Math.max(ns, LEAST_NS)] as const);
  let next = 0;
  return grid.map((place) => {
    while (next < points.length && points[next]![0] < place) next++;
    const after = points[next];
    if (after === undefined) return null;
    const before = points[next - 1];
    if (before === undefined || after[0] === before[0]) return after[1];
    const share = (place - before[0]) / (after[0] - before[0]);
    return before[1] * (after[1] / before[1]) ** share;
  });
};

/** Finer than a plot can show would only make the file longer. */
const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(DIGITS)));

const gridOf = (measurements: readonly Measurement[]): number[] => {
  const longest = Math.max(...measurements.map(({ latency }) => Math.log10(Math.max(latency?.count ?? 0, 10))));
  return Array.from({ length: Math.ceil(longest * STEPS_A_NINE) + 1 }, (_, index) => index / STEPS_A_NINE);
};

const figureOf = (situation: Situation, title: string, grid: readonly number[], extent: Extent): Figure => {
  const lines = situation.measurements.flatMap(({ contestant, latency }): Line[] =>
    latency === undefined ? [] : [{ contestant, values: valuesAt(grid, latency).map(rounded) }],
  );
  const medians = situation.measurements
    .map(({ contestant, samples }) => ({ contestant, median: median(samples) }))
    .sort((a, b) => a.median - b.median)
    .map(({ contestant, median }) => `${contestant} ${formatNanoseconds(median)}`);
  return {
    title,
    caption: '',
    description: `Latency by percentile. Medians, the shortest first: ${medians.join('; ')}. Arrow keys read it.`,
    plot: { kind: 'percentiles', nines: grid, lines, extent },
    table: latencyTable(situation.measurements),
  };
};

/** Of one scenario. */
export const percentileFigures = (scenario: string, measurements: readonly Measurement[]): Figure[] => {
  const timed = measurements.filter(({ latency }) => latency !== undefined);
  const situations = situationsOf(timed);
  const varying = varyingKeys(situations);
  const grid = gridOf(timed);
  const drawn = timed.flatMap(({ latency }) => valuesAt(grid, latency!)).filter((value) => value !== null);
  const extent: Extent = [Math.min(...drawn), Math.max(...drawn)];
  return situations.map((situation) =>
    figureOf(situation, asTitle(sayConditions(situation.conditions, varying)) || asTitle(scenario), grid, extent),
  );
};
