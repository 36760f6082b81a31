import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nanosecondsAt,
  PERCENTILES,
  readPercentiles,
  summarise,
  toDistribution,
} from '../../bench/laboratory/distribution.js';

/** What three significant digits leave open. */
const PRECISION = 1e-3;

const distributionOf = (latencies: readonly number[]) => toDistribution(readPercentiles(Float64Array.from(latencies)));

describe('a distribution', () => {
  it('has at each percentile what so many percent did not exceed, to three digits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 500 }), (latencies) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        for (const [percentile, ns] of distributionOf(latencies)) {
          const rank = (percentile / 100) * sorted.length;
          const low = sorted[Math.max(0, Math.floor(rank) - 1)]!;
          const high = sorted[Math.max(0, Math.ceil(rank) - 1)]!;
          expect(ns).toBeGreaterThanOrEqual(low * (1 - PRECISION) - 1);
          expect(ns).toBeLessThanOrEqual(high * (1 + PRECISION) + 1);
        }
      }),
    );
  });

  it('takes times of less than a nanosecond, negative ones and those beyond an hour', () => {
    const curve = distributionOf([-5, 0, 0.2, 1e15]);
    expect(curve[0]![1]).toBe(1);
    expect(curve.at(-1)![1]).toBeCloseTo(3.6e12, -11);
  });

  it('is read at a percentile that it has not by the next one', () => {
    const curve = PERCENTILES.map((percentile) => [percentile, percentile * 10] as const);
    expect(nanosecondsAt(curve, 50)).toBe(500);
    expect(nanosecondsAt(curve, 51)).toBe(600);
    expect(nanosecondsAt([[50, 7]], 99)).toBe(7);
  });

  it('of several rounds has a sample for each, and the curve of the round in the middle', () => {
    const rounds = [300, 100, 200].map((ns) => distributionOf([ns, ns, ns * 2]));
    const { p50, max, curve, count } = summarise(rounds, 3);
    expect(p50.map((ns) => Math.round(ns / 100))).toEqual([3, 1, 2]);
    expect(max.map((ns) => Math.round(ns / 100))).toEqual([6, 2, 4]);
    expect(curve).toBe(rounds[2]);
    expect(count).toBe(3);
  });
});
