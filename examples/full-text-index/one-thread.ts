/** The job in plain JavaScript: one loop, no messages. */
import { Postings } from './postings.js';
import { scanInto } from './scan.js';
import type { Way } from './way.js';

export const openOneThread = (): Way => {
  const postings = new Postings();
  return {
    name: 'one thread',
    async index(batches, done) {
      for (const batch of batches) done(scanInto(postings, batch));
    },
    summarise: () => postings.summarise(),
    find: (term) => postings.find(term),
    close: () => undefined,
  };
};
