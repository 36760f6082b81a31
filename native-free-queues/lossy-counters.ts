/** What can be read about a lossy ring from any thread, without disturbing either end. */
import type { LossyPlace } from './lossy-contract.js';
import {
  FIRST_ID_WORD,
  idLow,
  idOf,
  LAP_BEGUN_WORD,
  LOST_COUNT_WORD,
  lapField,
  lossyShape,
  OVERWRITTEN_COUNT_WORD,
  READ_COUNT_WORD,
} from './lossy-layout.js';
import { writtenCells } from './lossy-search.js';
import { loadShared } from './memory.js';

/**
 * Counts are unsigned and wrap at 2^32. While the ends are at work they are advisory, a little old, and `writtenCount`
 * may be off by as many as the ring holds; once both rest they are exact. A thread that died in the middle of `publish`
 * or `take` leaves `overwrittenCount` behind by one, or the consumer's counts by a batch.
 */
export interface LossyCounters {
  /** Records published so far. */
  readonly writtenCount: number;
  /** Of these, how many the producer has overwritten unread. */
  readonly overwrittenCount: number;
  /** Records taken so far. */
  readonly readCount: number;
  /** Records that the consumer has found missing. Once it has caught up, this and `readCount` make `writtenCount`. */
  readonly lostCount: number;
}

/** Reads the counters of a lossy ring; from any thread, at any time. */
export const readLossyCounters = (place: LossyPlace): LossyCounters => {
  const { words } = place;
  const shape = lossyShape(place);
  const { header, capacity } = shape;
  // Shared loads of plain words, which pair with nothing: plain ones may change places. The consumer's first, so that
  // they are not ahead of the producer's.
  const readCount = loadShared(words, header + READ_COUNT_WORD) >>> 0;
  const lostCount = loadShared(words, header + LOST_COUNT_WORD) >>> 0;
  const overwrittenCount = loadShared(words, header + OVERWRITTEN_COUNT_WORD) >>> 0;
  const lapBegun = header + LAP_BEGUN_WORD;
  const lapId = idOf(loadShared(words, lapBegun), loadShared(words, lapBegun + 1));
  const inLap = writtenCells(words, shape, lapField(lapId / capacity - 1, shape), 0);
  const writtenCount = (idLow(lapId + inLap) - loadShared(words, header + FIRST_ID_WORD)) >>> 0;
  return { writtenCount, overwrittenCount, readCount, lostCount };
};
