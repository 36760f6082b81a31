/** What can be read about a ring from any thread, without disturbing either end. */
import type { RingPlace } from './contract.js';
import { FLAGS_MASK, HEAD_WORD, PUBLISHED_NUMBER_WORD, RELEASED_NUMBER_WORD, TAIL_WORD, TAKEN_WORD } from './layout.js';
import { loadShared } from './memory.js';

/**
 * Counts are unsigned and wrap at 2^32. While the ends are at work they are advisory, a little old or a little new;
 * once both rest they are exact. A thread that died in the middle of `publish` or `release` leaves its count ahead by
 * that batch, until a new end on the ring puts it right.
 */
export interface RingCounters {
  /** Records published so far. */
  readonly publishedCount: number;
  /** Records whose room has been given back so far. */
  readonly releasedCount: number;
  /** Bytes that are published and not yet drained, paddings included. */
  readonly waitingBytes: number;
  /** Bytes that are drained and not yet released. */
  readonly unreleasedBytes: number;
}

/** Reads the counters of a ring; from any thread, at any time. */
export const readRingCounters = ({ words, atBytes }: RingPlace): RingCounters => {
  const header = atBytes >> 2;
  // The head first and the tail last: each is at most as far as the next, so no difference is negative. Shared loads
  // also of the plain words, because plain ones may change places. They pair with nothing.
  const head = loadShared(words, header + HEAD_WORD);
  const releasedCount = loadShared(words, header + RELEASED_NUMBER_WORD);
  const taken = loadShared(words, header + TAKEN_WORD);
  const tail = loadShared(words, header + TAIL_WORD) & ~FLAGS_MASK;
  return {
    publishedCount: loadShared(words, header + PUBLISHED_NUMBER_WORD) >>> 0,
    releasedCount: releasedCount >>> 0,
    waitingBytes: (tail - taken) | 0,
    unreleasedBytes: (taken - head) | 0,
  };
};
