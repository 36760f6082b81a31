/** A question to the index: the documents that hold two terms, those first that hold them most often. */
import type { Pairs } from './postings.js';
import type { Way } from './way.js';

const BEST = 10;

export interface Found {
  /** How many documents hold both terms. */
  readonly documents: number;
  readonly best: readonly number[];
}

export const search = async (way: Way, one: string, other: string): Promise<Found> => {
  const [left, right] = await Promise.all([way.find(one), way.find(other)]);
  const counts = new Map(pairsOf(left));
  const both = [...pairsOf(right)].flatMap(([doc, count]) => {
    const more = counts.get(doc);
    return more === undefined ? [] : [{ doc, score: Math.min(count, more) }];
  });
  both.sort((a, b) => b.score - a.score || a.doc - b.doc);
  return { documents: both.length, best: both.slice(0, BEST).map(({ doc }) => doc) };
};

function* pairsOf(list: Pairs): Generator<[doc: number, count: number]> {
  for (let at = 0; at < list.length; at += 2) yield [list[at]!, list[at + 1]!];
}
