/** What the three ways of doing the same job have in common, so that one program can run and compare them. */
import type { Batch } from './files.js';
import type { Pairs, Summary } from './postings.js';
import type { Tally } from './scan.js';

export interface Way {
  readonly name: string;
  /**
   * Indexes all files.
   *
   * @param batches an iterator: several loops may take from it in turn
   * @param done    is told what became of each batch
   */
  index(batches: IterableIterator<Batch>, done: (tally: Tally) => void): Promise<void>;
  summarise(): Promise<Summary> | Summary;
  /** The documents that a term is in, and how often. */
  find(term: string): Promise<Pairs> | Pairs;
  /** Messages between actors so far, where there are any. */
  messages?(): number;
  close(): Promise<unknown> | undefined;
}

/**
 * What the workers of both pools are started with. Terms are many and short-lived, so a larger young generation spares
 * collections; for one thread it makes no difference that could be measured.
 */
export const WORKER_LIMITS = { maxYoungGenerationSizeMb: 96 } as const;

/** Batches that are under way to each worker, so that none waits for the host. */
export const BATCHES_AHEAD = 2;
