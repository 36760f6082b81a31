/** Runs one way of doing the job, and takes its time. */
import { showLive } from './live.js';
import type { TermCount } from './postings.js';
import { search } from './search.js';
import type { Report, Way } from './way.js';

export interface Run extends Report {
  readonly name: string;
  readonly seconds: number;
  /** Time of each query in microseconds, in order. */
  readonly queryMicros: readonly number[];
  /** Documents that all queries together have found. */
  readonly found: number;
}

const QUERIES = 2_000;
/** Steps through the most frequent terms at which the second word of a query follows the first. */
const STRIDE = 7;

export const measure = async (way: Way): Promise<Run> => {
  const endLive = showLive(way, process.stdout);
  const began = performance.now();
  const report = await way.index();
  const seconds = (performance.now() - began) / 1000;
  endLive();
  const queries = await askAll(way, report.summary.top);
  await way.close();
  return { name: way.name, seconds, ...report, ...queries };
};

const askAll = async (way: Way, terms: readonly TermCount[]): Promise<Pick<Run, 'queryMicros' | 'found'>> => {
  const queryMicros: number[] = [];
  let found = 0;
  for (let query = 0; query < QUERIES && terms.length > 0; query++) {
    const [one, other] = [query, query * STRIDE + 1].map((place) => terms[place % terms.length]!.term);
    const began = performance.now();
    found += (await search(way, one!, other!)).documents;
    queryMicros.push((performance.now() - began) * 1000);
  }
  return { queryMicros: queryMicros.sort((a, b) => a - b), found };
};
