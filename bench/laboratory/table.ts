/** The tables at the end: one for each scenario, with a line for each contestant in each situation. */
import { align, number } from '../harness/report.js';
import { median, ratioByRound } from '../harness/statistics.js';
import type { LaboratoryRun, LatencySamples, Measurement } from './results.js';

const OWN = 'heddle';
const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
] as const;

/** Nanoseconds as people say them: `264 ns`, `54.4 us`. */
export const duration = (ns: number): string => {
  const [unit, size] = UNITS.find(([, size]) => ns >= size) ?? UNITS.at(-1)!;
  return `${number(ns / size)} ${unit}`;
};

const LATENCIES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['max', 'max'],
] as const satisfies readonly (readonly [string, keyof LatencySamples])[];

const conditionsOf = ({ conditions }: Measurement): string => JSON.stringify(conditions);
const conditionsButWaiting = ({ conditions: { wait: _, ...others } }: Measurement): string => JSON.stringify(others);

/** heddle's in the same situation; where it waits in one way only, whoever waits in another is compared with that. */
const findOwn = (measurement: Measurement, all: readonly Measurement[]): Measurement | undefined => {
  const own = all.filter(({ contestant }) => contestant === OWN);
  const exact = own.find((one) => conditionsOf(one) === conditionsOf(measurement));
  const alike = own.filter((one) => conditionsButWaiting(one) === conditionsButWaiting(measurement));
  return exact ?? (alike.length === 1 ? alike[0] : undefined);
};

/** How many times heddle's figure it is, where there is one. */
const ofOwn = (measurement: Measurement, all: readonly Measurement[]): string => {
  const own = findOwn(measurement, all);
  if (own === undefined || own.samples.length !== measurement.samples.length) return '';
  const ratio = ratioByRound(measurement.samples, own.samples);
  return Number.isFinite(ratio) ? number(ratio) : '';
};

const figuresOf = ({ samples, latency, unit, beside = {} }: Measurement): readonly string[] => {
  const figures =
    latency === undefined
      ? [`${number(median(samples))} ${unit}`, `${number(Math.min(...samples))} .. ${number(Math.max(...samples))}`]
      : LATENCIES.map(([, key]) => duration(median(latency[key])));
  return [...figures, ...Object.values(beside).map((values) => number(median(values)))];
};

const headOf = ({ latency, beside = {} }: Measurement): readonly string[] => [
  ...(latency === undefined ? ['median', 'min .. max'] : LATENCIES.map(([name]) => name)),
  ...Object.keys(beside),
];

const scenarioTable = (all: readonly Measurement[]): string => {
  const first = all[0]!;
  const conditions = Object.keys(first.conditions);
  const withOwn = all.some(({ contestant }) => contestant !== OWN);
  const rows = all.map((one) => [
    one.contestant,
    ...Object.values(one.conditions).map(String),
    ...figuresOf(one),
    ...(withOwn ? [ofOwn(one, all)] : []),
  ]);
  const head = ['contestant', ...conditions, ...headOf(first), ...(withOwn ? [`of ${OWN}'s`] : [])];
  return align([head, ...rows], 1 + conditions.length);
};

const scenarios = (measurements: readonly Measurement[]): readonly (readonly Measurement[])[] => {
  const groups = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const name = `${one.experiment}: ${one.scenario}`;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()];
};

export const tables = ({ measurements, absent }: LaboratoryRun): string => {
  const parts = scenarios(measurements).map(
    (all) => `${all[0]!.experiment}: ${all[0]!.scenario}\n${scenarioTable(all)}\n`,
  );
  const missing = absent.map(({ contestant, reason }) => `${contestant} did not take part: ${reason}`);
  return [...parts, ...missing].join('\n');
};
