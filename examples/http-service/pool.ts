/** The service with piscina: as many threads, the same deadline. */
import { Piscina } from 'piscina';
import type { Answer } from './answer.js';
import { DEADLINE_MS, Refusal, type Way } from './way.js';

export const openPool = (threads: number): Way => {
  const pool = new Piscina<Uint8Array, Answer>({
    filename: new URL('./pool-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  return {
    async answer(body, signal) {
      // It has one signal for both, and ends the thread of a task that is given up.
      const deadline = AbortSignal.timeout(DEADLINE_MS);
      try {
        return await pool.run(body, { signal: AbortSignal.any([signal, deadline]) });
      } catch (error) {
        throw deadline.aborted ? new Refusal(504, 'not answered in time', error) : error;
      }
    },
    close: () => pool.destroy(),
  };
};
