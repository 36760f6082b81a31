/** Measurements by what they were measured in. */
import type { Measurement } from '../results.js';
import { formatCount, formatNumber } from './units.js';

export type Conditions = Measurement['conditions'];

/** Measurements under the same conditions. */
export interface Situation {
  readonly conditions: Conditions;
  readonly measurements: readonly Measurement[];
}

const counted = (value: string | number, thing: string): string =>
  `${typeof value === 'number' ? formatNumber(value) : value} ${thing}${value === 1 ? '' : 's'}`;

/** How a condition is said, where its name and value would not do. */
const PHRASES: Readonly<Record<string, (value: string | number) => string>> = {
  wait: (value) => `${value} waiting`,
  placement: (value) => String(value).replace('same-thread', 'same thread').replace('-', ' to '),
  payload: String,
  threads: (value) => counted(value, 'thread'),
  pairs: (value) => counted(value, 'pair'),
  actors: (value) => counted(value, 'actor'),
  'in flight': (value) => `${typeof value === 'number' ? formatNumber(value) : value} in flight`,
  'messages/s': (value) => `${typeof value === 'number' ? formatCount(value) : value} messages/s`,
  'idle ms': (value) => `after ${value} ms`,
};

const phrase = (key: string, value: string | number): string => {
  const say = PHRASES[key];
  if (say !== undefined) return say(value);
  return `${key} ${typeof value === 'number' ? formatNumber(value) : value}`;
};

export const sayConditions = (conditions: Conditions, keys: readonly string[] = Object.keys(conditions)): string =>
  keys
    .filter((key) => key in conditions)
    .map((key) => phrase(key, conditions[key]!))
    .join(', ');

export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[][] => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

const without = (conditions: Conditions, but: string | undefined): Conditions =>
  Object.fromEntries(Object.entries(conditions).filter(([key]) => key !== but));

/** In the order in which they were measured; those that differ only in the condition `but` are one. */
export const situationsOf = (measurements: readonly Measurement[], but?: string): Situation[] =>
  groupBy(measurements, ({ conditions }) =>
    JSON.stringify(Object.entries(without(conditions, but)).sort(([a], [b]) => (a < b ? -1 : 1))),
  ).map((group) => ({ conditions: without(group[0]!.conditions, but), measurements: group }));

/** The conditions that are not the same in all. */
export const varyingKeys = (situations: readonly Situation[]): string[] => {
  const first = situations[0]?.conditions ?? {};
  return Object.keys(first).filter((key) => situations.some(({ conditions }) => conditions[key] !== first[key]));
};

/**
 * Of one scenario, in which every contestant may have conditions of its own: each waits as it does best, say. Such a
 * condition does not keep them from being compared, and is told aside.
 */
export const comparable = (
  measurements: readonly Measurement[],
): { readonly measurements: readonly Measurement[]; readonly aside: string } => {
  const byContestant = groupBy(measurements, ({ contestant }) => contestant);
  const varying = varyingKeys(situationsOf(measurements));
  const own = varying.filter((key) =>
    byContestant.every((group) => group.every(({ conditions }) => conditions[key] === group[0]!.conditions[key])),
  );
  const said = groupBy(byContestant, ([first]) => sayConditions(first!.conditions, own)).map(
    (groups) =>
      `${groups.map(([first]) => first!.contestant).join(', ')}: ${sayConditions(groups[0]![0]!.conditions, own)}`,
  );
  return {
    measurements: measurements.map((measurement) => ({
      ...measurement,
      conditions: own.reduce(without, measurement.conditions),
    })),
    aside: own.length === 0 ? '' : said.join('; '),
  };
};

export const contestantsOf = (measurements: readonly Measurement[]): string[] => [
  ...new Set(measurements.map(({ contestant }) => contestant)),
];

/** `Round trip`, of `round trip`. */
export const asTitle = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
