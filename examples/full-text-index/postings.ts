/** The index itself: for each term, the documents that it is in, and how often. The same for all three ways. */

/** A document and a count, the next document and its count, ... */
export type Pairs = ArrayLike<number>;

export interface TermCount {
  readonly term: string;
  readonly count: number;
}

/** What tells one index from another, and shards can add up. */
export interface Summary {
  readonly terms: number;
  readonly postings: number;
  readonly tokens: number;
  /** Over all terms and postings, in any order. */
  readonly checksum: number;
  /** The most frequent terms, in order. */
  readonly top: TermCount[];
}

/** How many of the most frequent terms a summary names. */
const TOP_TERMS = 100;

/** FNV-1a over UTF-16 units. */
const hashTerm = (term: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < term.length; at++) hash = Math.imul(hash ^ term.charCodeAt(at), 0x01000193);
  return hash >>> 0;
};

/** Mixes a posting into a hash (the finaliser of MurmurHash3), so that sums of them tell indexes apart. */
const hashPosting = (term: number, doc: number, count: number): number => {
  let hash = Math.imul(term ^ doc, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ count, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};

/** Which of so many shards a term belongs to. */
export const shardOf = (term: string, shards: number): number => hashTerm(term) % shards;

export class Postings {
  readonly #lists = new Map<string, number[]>();

  /** All terms, each with its documents and counts. */
  get lists(): ReadonlyMap<string, readonly number[]> {
    return this.#lists;
  }

  /** One more of this term in a document; the documents come one after the other. */
  count(term: string, doc: number): void {
    const list = this.#lists.get(term);
    if (list === undefined) this.#lists.set(term, [doc, 1]);
    else if (list[list.length - 2] === doc) list[list.length - 1]!++;
    else list.push(doc, 1);
  }

  /** Adds the documents and counts of a term that lie from `at` to `end`. */
  append(term: string, pairs: Pairs, at: number, end: number): void {
    const list = this.#lists.get(term) ?? [];
    if (list.length === 0) this.#lists.set(term, list);
    for (let place = at; place < end; place++) list.push(pairs[place]!);
  }

  find(term: string): Pairs {
    return this.#lists.get(term) ?? [];
  }

  summarise(): Summary {
    const counts: TermCount[] = [];
    let [postings, tokens, checksum] = [0, 0, 0];
    for (const [term, list] of this.#lists) {
      const hash = hashTerm(term);
      let total = 0;
      for (let at = 0; at < list.length; at += 2) {
        const [doc, count] = [list[at]!, list[at + 1]!];
        total += count;
        checksum = (checksum + hashPosting(hash, doc, count)) >>> 0;
      }
      postings += list.length / 2;
      tokens += total;
      counts.push({ term, count: total });
    }
    return { terms: this.#lists.size, postings, tokens, checksum, top: mostFrequent(counts) };
  }
}

/** Sorts only what can still be among them. */
const mostFrequent = (counts: readonly TermCount[]): TermCount[] => {
  const best: TermCount[] = [];
  for (const count of counts) {
    if (best.push(count) < 16 * TOP_TERMS) continue;
    best.sort(byCount).splice(TOP_TERMS);
  }
  return best.sort(byCount).slice(0, TOP_TERMS);
};

const byCount = (a: TermCount, b: TermCount): number => b.count - a.count || (a.term < b.term ? -1 : 1);

/** The summary of an index whose shards have these summaries. */
export const addSummaries = (parts: readonly Summary[]): Summary => {
  const sum = (read: (part: Summary) => number): number => parts.reduce((total, part) => total + read(part), 0);
  return {
    terms: sum(({ terms }) => terms),
    postings: sum(({ postings }) => postings),
    tokens: sum(({ tokens }) => tokens),
    checksum: sum(({ checksum }) => checksum) % 2 ** 32,
    top: mostFrequent(parts.flatMap(({ top }) => top)),
  };
};
