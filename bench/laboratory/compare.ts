/** What has changed since an earlier run, and what of it is no noise. */
import { readFile } from 'node:fs/promises';
import { align, number } from '../harness/report.js';
import { median } from '../harness/statistics.js';
import { UsageError } from './options.js';
import type { LaboratoryRun, Measurement } from './results.js';

/** Changes below this are noise, however alike the samples are. */
const NOISE_SHARE_MIN = 0.1;
const PERCENT = 100;

export type Verdict = 'better' | 'same' | 'worse';

export interface Change {
  readonly measurement: Measurement;
  readonly before: number;
  readonly after: number;
  /** By which part it has grown or shrunk. */
  readonly share: number;
  /** What may have come by itself: how far the samples of both runs lie apart. */
  readonly noiseShare: number;
  readonly verdict: Verdict;
}

/** @throws UsageError */
export const readRun = async (file: string): Promise<LaboratoryRun> => {
  let run: Partial<LaboratoryRun>;
  try {
    run = JSON.parse(await readFile(file, 'utf8')) as Partial<LaboratoryRun>;
  } catch (cause) {
    throw new UsageError(`--compare ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (run?.format === 'heddle-laboratory' && run.version === 1) return run as LaboratoryRun;
  throw new UsageError(`--compare ${file} is nothing that --json of this version has written`);
};

const keyOf = ({ experiment, scenario, contestant, conditions, unit }: Measurement): string =>
  JSON.stringify([experiment, scenario, contestant, Object.entries(conditions).sort(), unit]);

const spread = (samples: readonly number[]): number => Math.max(...samples) - Math.min(...samples);

const change = (earlier: Measurement, measurement: Measurement): Change => {
  const before = median(earlier.samples);
  const after = median(measurement.samples);
  // Of the smaller one: half as much and twice as much are the same distance.
  const base = Math.max(Number.MIN_VALUE, Math.min(before, after));
  const share = (after - before) / base;
  // Each median lies somewhere within its samples, so both may be off by half of their spreads.
  const noiseShare = Math.max(NOISE_SHARE_MIN, (spread(earlier.samples) + spread(measurement.samples)) / 2 / base);
  const changed = Math.abs(share) > noiseShare;
  const worse = share > 0 === (measurement.better === 'less');
  return { measurement, before, after, share, noiseShare, verdict: changed ? (worse ? 'worse' : 'better') : 'same' };
};

/** What both runs have measured. */
export const compare = (earlier: LaboratoryRun, now: LaboratoryRun): Change[] => {
  const known = new Map(earlier.measurements.map((one) => [keyOf(one), one]));
  return now.measurements.flatMap((measurement) => {
    const before = known.get(keyOf(measurement));
    return before === undefined ? [] : [change(before, measurement)];
  });
};

const describe = ({ experiment, scenario, contestant, conditions }: Measurement): string =>
  [
    `${experiment}: ${scenario}`,
    contestant,
    ...Object.entries(conditions).map(([key, value]) => `${key} ${value}`),
  ].join(', ');

const percent = (share: number): string => `${number(share * PERCENT)} %`;
const TEXT_COLUMNS = 2;

export const changesTable = (changes: readonly Change[]): string => {
  if (changes.length === 0) return 'nothing that the earlier run has measured too';
  const rows = changes.map(({ measurement, before, after, share, noiseShare, verdict }) => [
    describe(measurement),
    verdict === 'same' ? '' : verdict,
    `${number(before)} ${measurement.unit}`,
    `${number(after)} ${measurement.unit}`,
    percent(share),
    percent(noiseShare),
  ]);
  return align([['measured', 'is', 'before', 'now', 'change', 'noise'], ...rows], TEXT_COLUMNS);
};

export const regressions = (changes: readonly Change[]): readonly string[] =>
  changes
    .filter(({ verdict }) => verdict === 'worse')
    .map(({ measurement, share }) => `${describe(measurement)}: ${percent(share)}`);
