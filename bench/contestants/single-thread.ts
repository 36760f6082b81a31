/** Rivals that know only one thread; each gets a worker of its own. */
import type { Contestant, Sample } from '../harness/workload.js';
import type { tasks as nact } from '../rivals/nact.js';
import type { tasks as plain } from '../rivals/plain.js';
import type { tasks as streams } from '../rivals/streams.js';
import type { RivalThread } from '../rivals/thread.js';
import { onThread } from './threads.js';

const PLAIN = new URL('../rivals/plain.js', import.meta.url);
const NACT = new URL('../rivals/nact.js', import.meta.url);
const STREAMS = new URL('../rivals/streams.js', import.meta.url);

/** What one does on a single thread without a library. */
export const onPlain = (setUp: (thread: RivalThread<typeof plain>) => Promise<Sample>): Contestant =>
  onThread('plain JavaScript', PLAIN, setUp);

export const onNact = (setUp: (thread: RivalThread<typeof nact>) => Promise<Sample>): Contestant =>
  onThread('nact', NACT, setUp);

export const onStreams = (setUp: (thread: RivalThread<typeof streams>) => Promise<Sample>): Contestant =>
  onThread('Node streams', STREAMS, setUp);
