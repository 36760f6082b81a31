/** The table at the end. */
import type { Run } from './measure.js';

const NAMED_MAX = 5;
const TOP_SHOWN = 10;
const LABEL_WIDTH = 18;
const COLUMN_WIDTH = 14;
const PERCENT = 100;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (bytes: number): number => bytes / 1e6;
const line = (label: string, text: string): string => `${label.padEnd(LABEL_WIDTH)}${text}`;

/** @param sorted in ascending order */
const percentile = (sorted: readonly number[], percent: number): string => {
  const value = sorted[Math.floor((sorted.length * percent) / PERCENT)];
  return value === undefined ? '-' : value.toFixed(1);
};

/** What all ways have found alike, then how long each took; the last way is what the others are compared with. */
export const report = (runs: readonly Run[]): string => {
  const last = runs.at(-1)!;
  const { tally, summary } = last;
  const row = (label: string, read: (run: Run) => string): string =>
    line(label, runs.map((run) => read(run).padStart(COLUMN_WIDTH)).join(''));
  return [
    '',
    line('files', `${whole(tally.files)} indexed, ${whole(tally.binary)} binary, ${unreadable(tally.unreadable)}`),
    line('text', `${megabytes(tally.bytes).toFixed(1)} MB`),
    line('tokens', whole(summary.tokens)),
    line('terms', whole(summary.terms)),
    line('postings', whole(summary.postings)),
    line('checksum', summary.checksum.toString(16).padStart(8, '0')),
    line(
      'top terms',
      summary.top
        .slice(0, TOP_SHOWN)
        .map(({ term, count }) => `${term} ${whole(count)}`)
        .join(', '),
    ),
    '',
    row('', ({ name }) => name),
    row('seconds', ({ seconds }) => seconds.toFixed(2)),
    row('MB/s', ({ seconds }) => megabytes(tally.bytes / seconds).toFixed(1)),
    row(`x ${last.name}`, ({ seconds }) => (last.seconds / seconds).toFixed(2)),
    row('query p50, us', ({ queryMicros }) => percentile(queryMicros, 50)),
    row('query p99, us', ({ queryMicros }) => percentile(queryMicros, 99)),
    '',
  ].join('\n');
};

const unreadable = (paths: readonly string[]): string => {
  const named = [...paths].sort().slice(0, NAMED_MAX);
  const more = paths.length - named.length;
  const names = named.length === 0 ? '' : ` (${named.join('; ')}${more > 0 ? `; and ${more} more` : ''})`;
  return `${whole(paths.length)} unreadable${names}`;
};

/**
 * What tells the results of the ways apart, fact by fact; empty if nothing does. If the bytes differ too, the files
 * have changed in the meantime.
 */
export const differences = (runs: readonly Run[]): string[] => {
  const facts = runs.map(({ tally, summary: { top, ...summary }, found }) => ({
    ...tally,
    unreadable: tally.unreadable.length,
    ...summary,
    top: top[0]?.term,
    found,
  }));
  return Object.keys(facts[0]!).flatMap((name) => {
    const values = facts.map((fact) => fact[name as keyof typeof fact]);
    return new Set(values).size === 1 ? [] : [`${name}: ${values.join(' | ')}`];
  });
};
