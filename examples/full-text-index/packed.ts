/** Postings in the form that travels: one text and one array of numbers, instead of an object for each term. */
import { type Postings, shardOf } from './postings.js';

export interface PackedPostings {
  /** The terms, with line ends between them. */
  readonly terms: string;
  /** For each term the number of its documents, then each document and its count. */
  readonly numbers: Uint32Array;
}

/** Packs the postings for each of `shards` places apart. */
export const pack = (postings: Postings, shards: number): PackedPostings[] => {
  const parts = Array.from({ length: shards }, () => ({ terms: [] as string[], numbers: [] as number[] }));
  for (const [term, list] of postings.lists) {
    const part = parts[shardOf(term, shards)]!;
    part.terms.push(term);
    part.numbers.push(list.length / 2, ...list);
  }
  return parts.map(({ terms, numbers }) => ({ terms: terms.join('\n'), numbers: Uint32Array.from(numbers) }));
};

export const appendPacked = (postings: Postings, packed: PackedPostings): void => {
  const { numbers } = packed;
  const terms = packed.terms.split('\n');
  for (let at = 0, term = 0; at < numbers.length; term++) {
    const end = at + 1 + 2 * numbers[at]!;
    postings.append(terms[term]!, numbers, at + 1, end);
    at = end;
  }
};
