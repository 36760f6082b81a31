/** Postings in the form that travels: one text and one array of numbers, instead of an object for each term. */
import { type Postings, shardOf } from './postings.js';

export interface PackedPostings {
  /** The terms, each followed by a line end. */
  readonly terms: string;
  /** For each term the number of its documents, then each document and its count. */
  readonly numbers: Uint32Array;
}

/** Packs the postings for each of `shards` places apart. */
export const pack = (postings: Postings, shards: number): PackedPostings[] => {
  const parts = Array.from({ length: shards }, () => ({ terms: '', numbers: [] as number[] }));
  for (const [term, list] of postings.lists) {
    const part = parts[shardOf(term, shards)]!;
    part.terms += `${term}\n`;
    part.numbers.push(list.length / 2, ...list);
  }
  return parts.map(({ terms, numbers }) => ({ terms, numbers: Uint32Array.from(numbers) }));
};

export const unpackInto = (postings: Postings, { terms, numbers }: PackedPostings): void => {
  let at = 0;
  let start = 0;
  for (let end = terms.indexOf('\n'); end >= 0; end = terms.indexOf('\n', start)) {
    const term = terms.slice(start, end);
    const listEnd = at + 1 + 2 * numbers[at]!;
    for (at++; at < listEnd; at += 2) postings.add(term, numbers[at]!, numbers[at + 1]!);
    start = end + 1;
  }
};
