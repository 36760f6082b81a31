/** The tables behind the plots. */
import { median } from '../../harness/statistics.js';
import type { LatencySamples, Measurement } from '../results.js';
import type { Table } from './figure.js';
import { spreadOf } from './spread.js';
import { formatNanoseconds, formatNumber, formatQuantity } from './units.js';

const PERCENTILES = [
  ['50 %', 'p50'],
  ['90 %', 'p90'],
  ['99 %', 'p99'],
  ['99.9 %', 'p999'],
  ['Longest', 'max'],
] as const satisfies readonly (readonly [string, keyof LatencySamples])[];

const besidesOf = (measurements: readonly Measurement[]): string[] => [
  ...new Set(measurements.flatMap(({ beside }) => Object.keys(beside ?? {}))),
];

const besideCells = ({ beside }: Measurement, names: readonly string[]): string[] =>
  names.map((name) => {
    const samples = beside?.[name];
    return samples === undefined || samples.length === 0 ? '' : formatNumber(median(samples));
  });

/** Of each percentile the median of the rounds. */
export const latencyTable = (measurements: readonly Measurement[]): Table => {
  const besides = besidesOf(measurements);
  return {
    columns: ['Contestant', ...PERCENTILES.map(([name]) => name), 'Messages a round', ...besides],
    rows: measurements.flatMap((measurement) => {
      const { contestant, latency } = measurement;
      if (latency === undefined) return [];
      const cells = PERCENTILES.map(([, key]) => formatNanoseconds(median(latency[key])));
      return [[contestant, ...cells, formatNumber(latency.count), ...besideCells(measurement, besides)]];
    }),
  };
};

/** Median and extremes; `sweep` is the condition that its rows differ in. */
export const samplesTable = (measurements: readonly Measurement[], sweep?: string): Table => {
  const besides = besidesOf(measurements);
  return {
    columns: [
      'Contestant',
      ...(sweep === undefined ? [] : [sweep]),
      'Median',
      'Lowest',
      'Highest',
      'Rounds',
      ...besides,
    ],
    rows: measurements.map((measurement) => {
      const { contestant, conditions, samples, unit } = measurement;
      const { median, low, high } = spreadOf(samples);
      return [
        contestant,
        ...(sweep === undefined ? [] : [formatNumber(Number(conditions[sweep]))]),
        ...[median, low, high].map((value) => formatQuantity(value, unit)),
        String(samples.length),
        ...besideCells(measurement, besides),
      ];
    }),
  };
};
