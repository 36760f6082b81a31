/**
 * Latencies and their distribution. While something is measured they are only noted down, which costs a nanosecond; an HDR
 * histogram (Node's own) takes them in afterwards, because that costs as much as a message.
 */
import { createHistogram } from 'node:perf_hooks';
import { median } from '../harness/statistics.js';
import type { Distribution } from './adapter.js';
import type { LatencySamples } from './results.js';

/** What is read out of each histogram. */
export const PERCENTILES = [
  0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 99.999, 100,
] as const;

/** Significant digits of a histogram, and the longest latency that it takes: an hour. */
const FIGURES = 3;
const LONGEST_NS = 3.6e12;
const SHORTEST_NS = 1;

/** The nanoseconds of each of `PERCENTILES`. */
export const readPercentiles = (latencies: Float64Array): Float64Array => {
  const histogram = createHistogram({ lowest: SHORTEST_NS, highest: LONGEST_NS, figures: FIGURES });
  for (const ns of latencies) histogram.record(Math.min(LONGEST_NS, Math.max(SHORTEST_NS, Math.round(ns))));
  return Float64Array.from(PERCENTILES, (percentile) =>
    percentile === 0 ? histogram.min : histogram.percentile(percentile),
  );
};

export const toDistribution = (nanoseconds: Float64Array): Distribution =>
  PERCENTILES.map((percentile, index) => [percentile, nanoseconds[index]!] as const);

/** The nanoseconds that so many percent of the messages did not exceed. */
export const nanosecondsAt = (distribution: Distribution, percentile: number): number => {
  const point = distribution.find(([at]) => at >= percentile) ?? distribution.at(-1);
  if (point === undefined) throw new RangeError('the distribution of nothing');
  return point[1];
};

const MEDIAN = 50;

/** What the rounds of a measurement have in common. */
export const summarise = (rounds: readonly Distribution[], count: number): LatencySamples => {
  const all = (percentile: number): number[] => rounds.map((round) => nanosecondsAt(round, percentile));
  const medians = all(MEDIAN);
  const middle = median(medians);
  const distances = medians.map((value) => Math.abs(value - middle));
  return {
    p50: medians,
    p90: all(90),
    p99: all(99),
    p999: all(99.9),
    max: all(100),
    curve: rounds[distances.indexOf(Math.min(...distances))]!,
    count,
  };
};
