/** The end of a run: a table of what was measured, and one of what was to be reached. */
import type { Bar } from '../bars.js';
import type { Result } from './run.js';
import { median, ratioByRound } from './statistics.js';

const DIGITS = 3;
const OWN = 'heddle';

export const number = (value: number): string => {
  const rounded = Number(value.toPrecision(DIGITS));
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: DIGITS });
};

/** Lines up columns; the first ones are texts, the others numbers. */
export const align = (rows: readonly (readonly string[])[], texts: number): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    column < texts ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
};

const find = (results: readonly Result[], figure: string, system: string): Result | undefined =>
  results.find((result) => result.figure === figure && result.system === system);

/** Median, spread, and how many times heddle's figure it is. */
export const figuresTable = (results: readonly Result[]): string => {
  const rows = results.map((result, index) => {
    const { figure, system, unit, samples } = result;
    const own = find(results, figure, OWN);
    return [
      results[index - 1]?.figure === figure ? '' : figure,
      system,
      unit,
      number(median(samples)),
      `${number(Math.min(...samples))} .. ${number(Math.max(...samples))}`,
      own === undefined ? '' : number(ratioByRound(samples, own.samples)),
    ];
  });
  return align([['workload', 'system', 'unit', 'median', 'min .. max', `of ${OWN}'s`], ...rows], DIGITS);
};

const spell = ({ figure, system = OWN, over, least, most }: Bar, unit: string): string => {
  const bound = least === undefined ? `<= ${most}` : `>= ${least}`;
  return over === undefined ? `${figure} ${system} ${bound} ${unit}` : `${figure} ${system} ${bound} x ${over}`;
};

/** The bars that this run says something about. */
export const barsTable = (bars: readonly Bar[], results: readonly Result[]): string => {
  const rows = bars.flatMap((bar) => {
    const { figure, system = OWN, over, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = bar;
    const own = find(results, figure, system);
    const other = over === undefined ? undefined : find(results, figure, over);
    if (own === undefined || (over !== undefined && other === undefined)) return [];
    const value = other === undefined ? median(own.samples) : ratioByRound(own.samples, other.samples);
    return [[spell(bar, own.unit), value >= least && value <= most ? 'met' : 'missed', number(value)]];
  });
  return rows.length === 0 ? '' : align([['bar', 'in this run', 'measured'], ...rows], 2);
};

/** What `--json` writes. */
export const toJson = (results: readonly Result[]): string =>
  `${JSON.stringify(
    results.map(({ figure, system, unit, samples }) => ({
      workload: figure,
      system,
      unit,
      median: median(samples),
      samples,
    })),
    undefined,
    2,
  )}\n`;
