/** The job with piscina: its workers read and tokenise batches of files, the host merges what they return. */
import { Piscina } from 'piscina';
import { batchesOf, type File } from './files.js';
import { appendPacked } from './packed.js';
import type { PoolResult } from './pool-worker.js';
import { Postings } from './postings.js';
import { addTally, emptyTally } from './scan.js';
import { type Way, WORKER_LIMITS } from './way.js';

/** Batches that are under way to each worker, so that none waits for the host. */
const BATCHES_AHEAD = 2;

export const openPool = async (threads: number, files: readonly File[]): Promise<Way> => {
  const pool = new Piscina({
    filename: new URL('./pool-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: BATCHES_AHEAD,
    resourceLimits: WORKER_LIMITS,
  });
  const postings = new Postings();
  const tally = emptyTally();
  const inParallel = (tasks: number, task: () => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: tasks }, task));
  // The start of the threads is not part of the job.
  await inParallel(threads, () => pool.run([]));
  return {
    name: 'piscina',
    async index() {
      const batches = batchesOf(files);
      await inParallel(threads * BATCHES_AHEAD, async () => {
        for (const batch of batches) {
          const result: PoolResult = await pool.run(batch);
          appendPacked(postings, result.packed);
          addTally(tally, result.tally);
        }
      });
      return { tally, summary: postings.summarise() };
    },
    find: (term) => postings.find(term),
    close: () => pool.destroy(),
  };
};
