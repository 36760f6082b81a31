/** What the three ways of doing the same job have in common, so that one program can run and compare them. */
import type { JobCounters } from 'heddle';
import type { Pairs, Summary } from './postings.js';
import type { Tally } from './scan.js';

/** What became of the files, and what the index is like. */
export interface Report {
  readonly tally: Tally;
  readonly summary: Summary;
}

export interface Way {
  readonly name: string;
  /** Indexes all files. */
  index(): Promise<Report> | Report;
  /** The documents that a term is in, and how often. */
  find(term: string): Promise<Pairs> | Pairs;
  /** How far it is, where that can be seen while it runs. */
  counters?(): JobCounters;
  close(): Promise<unknown> | undefined;
}

/**
 * What the workers of both pools are started with. Terms are many and short-lived, so a larger young generation spares
 * collections; for one thread it makes no difference that could be measured.
 */
export const WORKER_LIMITS = { maxYoungGenerationSizeMb: 96 } as const;
