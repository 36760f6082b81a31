/** What a worker of piscina does with a batch. */
import type { Batch } from './files.js';
import { type PackedPostings, pack } from './packed.js';
import { Postings } from './postings.js';
import { scanInto, type Tally } from './scan.js';

export interface PoolResult {
  readonly tally: Tally;
  readonly packed: PackedPostings;
}

export default (batch: Batch): PoolResult => {
  const postings = new Postings();
  const tally = scanInto(postings, batch);
  return { tally, packed: pack(postings, 1)[0]! };
};
