/** The job with piscina: its workers read and tokenise, the host merges what they return. */
import { Piscina } from 'piscina';
import { appendPacked } from './packed.js';
import type { PoolResult } from './pool-worker.js';
import { Postings } from './postings.js';
import { BATCHES_AHEAD, type Way, WORKER_LIMITS } from './way.js';

export const openPool = async (threads: number): Promise<Way> => {
  const pool = new Piscina({
    filename: new URL('./pool-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: BATCHES_AHEAD,
    resourceLimits: WORKER_LIMITS,
  });
  const postings = new Postings();
  const inParallel = (tasks: number, task: () => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: tasks }, task));
  // The start of the threads is not part of the job.
  await inParallel(threads, () => pool.run({ firstDoc: 0, paths: [] }));
  return {
    name: 'piscina',
    async index(batches, done) {
      await inParallel(threads * BATCHES_AHEAD, async () => {
        for (const batch of batches) {
          const { tally, packed }: PoolResult = await pool.run(batch);
          appendPacked(postings, packed);
          done(tally);
        }
      });
    },
    summarise: () => postings.summarise(),
    find: (term) => postings.find(term),
    close: () => pool.destroy(),
  };
};
