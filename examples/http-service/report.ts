/** The table at the end. */
import type { Measured } from './load.js';

/** The rounds of one way. */
export interface Run {
  readonly name: string;
  readonly rounds: readonly Measured[];
}

const LABEL_WIDTH = 22;
const COLUMN_WIDTH = 26;

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** By nearest rank; NaN if there are no values. */
const quantile = (values: readonly number[], share: number): number =>
  ascending(values)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The median of all rounds, and the least and the most. */
const withSpread = (values: readonly number[], digits: number): string => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
};

export const report = (runs: readonly Run[]): string => {
  const row = (label: string, read: (run: Run) => string): string =>
    `${label.padEnd(LABEL_WIDTH)}${runs.map((run) => read(run).padStart(COLUMN_WIDTH)).join('')}`;
  const spread = (label: string, digits: number, read: (round: Measured) => number): string =>
    row(label, ({ rounds }) => withSpread(rounds.map(read), digits));
  const total = (label: string, read: (round: Measured) => number): string =>
    row(label, ({ rounds }) => sum(rounds.map(read)).toLocaleString('en'));
  return [
    '',
    row('', ({ name }) => name),
    spread('POST /diff, a second', 0, ({ answered, seconds }) => answered / seconds),
    spread('GET /health p50, ms', 1, ({ healthMs }) => median(healthMs)),
    spread('GET /health p99, ms', 1, ({ healthMs }) => quantile(healthMs, 0.99)),
    spread('GET /health max, ms', 1, ({ healthMs }) => quantile(healthMs, 1)),
    spread('probes late p99, ms', 1, ({ lateMs }) => quantile(lateMs, 0.99)),
    total('answers to /diff', ({ answered }) => answered),
    total('answers to /health', ({ healthMs }) => healthMs.length),
    total('refused, no room', ({ refused }) => refused),
    total('wrong answers', ({ wrong }) => wrong.length),
    '',
  ].join('\n');
};

/** What each wrong answer was, and whose. */
export const wrongAnswers = (runs: readonly Run[]): string[] =>
  runs.flatMap(({ name, rounds }) => rounds.flatMap(({ wrong }) => wrong.map((answer) => `${name}, ${answer}`)));
