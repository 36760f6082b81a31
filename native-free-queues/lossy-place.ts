/** Checks and creation of the memory that a lossy ring lives in. */
import { QueueError } from './errors.js';
import { ISOLATION_BYTES, PLACE_END_MAX } from './layout.js';
import type { LossyPlace } from './lossy-contract.js';
import {
  CAPACITY_WORD,
  FIRST_ID_WORD,
  idHigh,
  idLow,
  idOf,
  LAP_BEGUN_WORD,
  LOSSY_CAPACITY_MAX,
  LOSSY_HEADER_BYTES,
  lapField,
  lossyRingBytes,
  lossyShape,
  SLOT_ALIGNMENT_BYTES,
  SLOT_BYTES_MAX,
  SLOT_BYTES_WORD,
  slotField,
} from './lossy-layout.js';
import { exchange, loadPlain, storePlain } from './memory.js';
import { checkShared } from './place.js';

export interface LossyRingOptions {
  /** Records that the ring holds: 1 to 32,767. */
  readonly capacity: number;
  /** Room for the payload of a record: a multiple of 8, up to 16 MiB. */
  readonly slotBytes: number;
  /** Id of the first record; default 0. For a ring that goes on where another one was left. */
  readonly firstId?: number;
}

/**
 * Makes the memory of one lossy ring. Post `place.words.buffer` to the other thread and open it there with
 * `openLossyRing`.
 *
 * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY` if it takes more than 2 GiB, `QUEUE_INVALID_ARGUMENT`
 */
export const createLossyRing = ({ capacity, slotBytes, firstId = 0 }: LossyRingOptions): LossyPlace => {
  checkSizes(capacity, slotBytes);
  const bytes = lossyRingBytes(capacity, slotBytes);
  checkEnd(bytes, PLACE_END_MAX, { atBytes: 0, capacity, slotBytes });
  const place = { words: new Int32Array(new SharedArrayBuffer(bytes)), atBytes: 0, capacity, slotBytes };
  layOutLossyRing(place, firstId);
  return place;
};

/**
 * Makes an empty lossy ring of memory that nobody else uses yet.
 *
 * @param firstId id of the first record, 0 to 2^53 - 1
 * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_INVALID_ARGUMENT`
 */
export const layOutLossyRing = (place: LossyPlace, firstId = 0): void => {
  checkLossyPlace(place);
  if (!Number.isSafeInteger(firstId) || firstId < 0) {
    throw new QueueError('QUEUE_INVALID_ARGUMENT', `an id is an integer from 0 to 2^53 - 1, firstId=${firstId}`);
  }
  const { words, capacity, slotBytes } = place;
  const shape = lossyShape(place);
  const { header, cells } = shape;
  for (let word = header; word < cells; word++) storePlain(words, word, 0);
  storePlain(words, header + CAPACITY_WORD, capacity);
  storePlain(words, header + SLOT_BYTES_WORD, slotBytes);
  storePlain(words, header + FIRST_ID_WORD, idLow(firstId));
  storePlain(words, header + FIRST_ID_WORD + 1, idHigh(firstId));
  storeLapBegun(words, header, firstId - (firstId % capacity));
  // As if all records before the first one had been taken.
  const lap = Math.floor(firstId / capacity);
  for (let position = 0; position < capacity; position++) {
    const lapOfLast = position < firstId % capacity ? lap : lap - 1;
    storePlain(words, cells + position, lapField(lapOfLast, shape) | slotField(position));
  }
};

/** For the counters: the id of the record in the first cell of the lap in which the producer is. */
export const storeLapBegun = (words: Int32Array, header: number, lapId: number): void => {
  storePlain(words, header + LAP_BEGUN_WORD, idLow(lapId));
  storePlain(words, header + LAP_BEGUN_WORD + 1, idHigh(lapId));
};

/**
 * The same ring, seen from the thread that received its buffer.
 *
 * @param buffer what `createLossyRing` made, whole; for a ring inside a larger buffer write its `LossyPlace` down yourself
 * @throws QueueError `QUEUE_INVALID_MEMORY`, `QUEUE_INVALID_CAPACITY`
 */
export const openLossyRing = (buffer: SharedArrayBuffer): LossyPlace => {
  checkShared(buffer);
  if (buffer.byteLength < LOSSY_HEADER_BYTES || buffer.byteLength % ISOLATION_BYTES !== 0) {
    throw new QueueError('QUEUE_INVALID_MEMORY', `this is no lossy ring, bytes=${buffer.byteLength}`);
  }
  const words = new Int32Array(buffer);
  const place = {
    words,
    atBytes: 0,
    capacity: loadPlain(words, CAPACITY_WORD),
    slotBytes: loadPlain(words, SLOT_BYTES_WORD),
  };
  checkLossyPlace(place);
  return place;
};

const checkSizes = (capacity: number, slotBytes: number): void => {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > LOSSY_CAPACITY_MAX) {
    throw new QueueError(
      'QUEUE_INVALID_CAPACITY',
      `a lossy ring holds 1 to ${LOSSY_CAPACITY_MAX} records, capacity=${capacity}`,
    );
  }
  const aligned = Number.isInteger(slotBytes / SLOT_ALIGNMENT_BYTES);
  if (!aligned || slotBytes < SLOT_ALIGNMENT_BYTES || slotBytes > SLOT_BYTES_MAX) {
    throw new QueueError(
      'QUEUE_INVALID_CAPACITY',
      `a slot has room for a multiple of ${SLOT_ALIGNMENT_BYTES} up to ${SLOT_BYTES_MAX} bytes, slotBytes=${slotBytes}`,
    );
  }
};

const checkEnd = (end: number, endMax: number, { atBytes, capacity, slotBytes }: Omit<LossyPlace, 'words'>): void => {
  if (end <= endMax) return;
  throw new QueueError(
    'QUEUE_INVALID_MEMORY',
    `no such ring fits there, atBytes=${atBytes} capacity=${capacity} slotBytes=${slotBytes} bytesMax=${endMax}`,
  );
};

/** @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY` */
export const checkLossyPlace = (place: LossyPlace): void => {
  const { words, atBytes, capacity, slotBytes } = place;
  checkSizes(capacity, slotBytes);
  checkShared(words.buffer);
  if (!Number.isInteger(atBytes / ISOLATION_BYTES) || atBytes < 0) {
    throw new QueueError('QUEUE_INVALID_MEMORY', `a ring begins at a multiple of 128, atBytes=${atBytes}`);
  }
  checkEnd(atBytes + lossyRingBytes(capacity, slotBytes), Math.min(words.byteLength, PLACE_END_MAX), place);
};

/** @throws QueueError `QUEUE_END_TAKEN` */
export const takeEnd = ({ words, atBytes }: LossyPlace, word: number, name: string): void => {
  // Pairs with itself: of two threads that come at once only one finds 0.
  if (exchange(words, (atBytes >> 2) + word, 1) === 0) return;
  throw new QueueError('QUEUE_END_TAKEN', `a lossy ring has one ${name} in its life, atBytes=${atBytes}`);
};

/** Id of the first record. Both ends read it when they are made; whoever handed the memory over ordered it before. */
export const firstIdOf = ({ words, atBytes }: LossyPlace): number => {
  const at = (atBytes >> 2) + FIRST_ID_WORD;
  return idOf(loadPlain(words, at), loadPlain(words, at + 1));
};
