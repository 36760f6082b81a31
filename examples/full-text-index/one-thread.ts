/** The job in plain JavaScript: one loop, no messages. */
import type { File } from './files.js';
import { Postings } from './postings.js';
import { Scan } from './scan.js';
import type { Way } from './way.js';

export const openOneThread = (_threads: number, files: readonly File[]): Way => {
  let postings = new Postings();
  return {
    name: 'one thread',
    index() {
      const scan = new Scan(files);
      postings = scan.postings;
      return { tally: scan.tally, summary: postings.summarise() };
    },
    find: (term) => postings.find(term),
    close: () => undefined,
  };
};
