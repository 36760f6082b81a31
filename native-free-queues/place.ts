/** Checks and creation of the memory that a ring lives in. */
import type { RingPlace } from './contract.js';
import { QueueError } from './errors.js';
import { CAPACITY_BYTES_MAX, CAPACITY_BYTES_MIN, ISOLATION_BYTES, PLACE_END_MAX, ringBytes } from './layout.js';

/**
 * Makes the memory of one ring. Post `place.words.buffer` to the other thread and open it there with `openRing`.
 *
 * @param capacityBytes room for records: a power of two from 1 KiB to 32 MiB
 * @throws QueueError `QUEUE_INVALID_CAPACITY`
 */
export const createRing = (capacityBytes: number): RingPlace => {
  checkCapacity(capacityBytes);
  const words = new Int32Array(new SharedArrayBuffer(ringBytes(capacityBytes)));
  return { words, atBytes: 0, capacityBytes };
};

/**
 * The same ring, seen from the thread that received its buffer.
 *
 * @param buffer what `createRing` made, whole; for a ring inside a larger buffer write its `RingPlace` down yourself
 * @throws QueueError `QUEUE_INVALID_MEMORY`, `QUEUE_INVALID_CAPACITY`
 */
export const openRing = (buffer: SharedArrayBuffer): RingPlace => {
  checkShared(buffer);
  const capacityBytes = buffer.byteLength - ringBytes(0);
  checkCapacity(capacityBytes);
  return { words: new Int32Array(buffer), atBytes: 0, capacityBytes };
};

/** By its name and not `instanceof`: it may come from another realm. */
export const checkShared = (buffer: unknown): void => {
  const kind = Object.prototype.toString.call(buffer);
  if (kind === '[object SharedArrayBuffer]') return;
  throw new QueueError('QUEUE_INVALID_MEMORY', `a ring lives in a SharedArrayBuffer, got=${kind}`);
};

const checkCapacity = (capacityBytes: number): void => {
  const powerOfTwo = Number.isInteger(capacityBytes) && (capacityBytes & (capacityBytes - 1)) === 0;
  if (!powerOfTwo || capacityBytes < CAPACITY_BYTES_MIN || capacityBytes > CAPACITY_BYTES_MAX) {
    throw new QueueError(
      'QUEUE_INVALID_CAPACITY',
      `a ring holds a power of two from ${CAPACITY_BYTES_MIN} to ${CAPACITY_BYTES_MAX} bytes, capacityBytes=${capacityBytes}`,
    );
  }
};

/** @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY` */
export const checkPlace = ({ words, atBytes, capacityBytes }: RingPlace): void => {
  checkCapacity(capacityBytes);
  checkShared(words.buffer);
  const endBytes = atBytes + ringBytes(capacityBytes);
  const endBytesMax = Math.min(words.byteLength, PLACE_END_MAX);
  if (!Number.isInteger(atBytes / ISOLATION_BYTES) || atBytes < 0 || endBytes > endBytesMax) {
    throw new QueueError(
      'QUEUE_INVALID_MEMORY',
      `no ring fits there, atBytes=${atBytes} capacityBytes=${capacityBytes} viewBytes=${words.byteLength}`,
    );
  }
};
