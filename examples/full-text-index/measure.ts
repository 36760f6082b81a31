/** Runs one way of doing the job, and takes its time. */
import { batchesOf, type File } from './files.js';
import type { Summary, TermCount } from './postings.js';
import { Progress } from './progress.js';
import { addTally, emptyTally, filesOf, type Tally } from './scan.js';
import { search } from './search.js';
import type { Way } from './way.js';

export interface Run {
  readonly name: string;
  readonly seconds: number;
  readonly tally: Tally;
  readonly summary: Summary;
  /** Messages between actors for the index alone. */
  readonly messages: number | undefined;
  /** Time of each query in microseconds, in order. */
  readonly queryMicros: readonly number[];
  /** Documents that all queries together have found. */
  readonly found: number;
}

const QUERIES = 2_000;
/** Steps through the most frequent terms at which the second word of a query follows the first. */
const STRIDE = 7;

export const measure = async (way: Way, files: readonly File[]): Promise<Run> => {
  const tally = emptyTally();
  const progress = new Progress(process.stdout, way.name, files.length);
  const began = performance.now();
  await way.index(batchesOf(files), (part) => {
    addTally(tally, part);
    progress.advance(filesOf(part));
  });
  const seconds = (performance.now() - began) / 1000;
  progress.end();
  const messages = way.messages?.();
  const summary = await way.summarise();
  const queries = await askAll(way, summary.top);
  await way.close();
  return { name: way.name, seconds, tally, summary, messages, ...queries };
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
