/** All programs, in the order in which they are shown. */
import { banking } from './banking.js';
import { big } from './big.js';
import { boundedBuffer } from './bounded-buffer.js';
import { chameneos } from './chameneos.js';
import { counting } from './counting.js';
import { fibonacci } from './fibonacci.js';
import { forkJoin } from './fork-join.js';
import { pingPong } from './ping-pong.js';
import type { Program } from './program.js';
import { queens } from './queens.js';
import { radixSort } from './radix-sort.js';
import { shortestPaths } from './shortest-paths.js';
import { threadRing } from './thread-ring.js';

export const PROGRAMS: readonly Program[] = [
  pingPong,
  threadRing,
  counting,
  forkJoin,
  big,
  chameneos,
  fibonacci,
  banking,
  boundedBuffer,
  radixSort,
  queens,
  shortestPaths,
];
