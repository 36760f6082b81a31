/** What a worker of piscina does with a batch. */
import type { File } from './files.js';
import { type PackedPostings, pack } from './packed.js';
import { Scan, type Tally } from './scan.js';

export interface PoolResult {
  readonly tally: Tally;
  readonly packed: PackedPostings;
}

export default (batch: readonly File[]): PoolResult => {
  const { tally, postings } = new Scan(batch);
  return { tally, packed: pack(postings, 1)[0]! };
};
