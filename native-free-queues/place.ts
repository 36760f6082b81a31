/** Checks and creation of the memory that a ring lives in. */
import type { RingPlace } from './contract.js';
import { QueueError } from './errors.js';
import { CAPACITY_BYTES_MAX, CAPACITY_BYTES_MIN, ISOLATION_BYTES, ringBytes } from './layout.js';

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
 * @throws QueueError `QUEUE_INVALID_MEMORY`, `QUEUE_INVALID_CAPACITY`
 */
export const openRing = (buffer: SharedArrayBuffer): RingPlace => {
  const place = { words: new Int32Array(buffer), atBytes: 0, capacityBytes: buffer.byteLength - ringBytes(0) };
  checkPlace(place);
  return place;
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
  const endBytes = atBytes + ringBytes(capacityBytes);
  if (!Number.isInteger(atBytes / ISOLATION_BYTES) || atBytes < 0 || endBytes > words.byteLength) {
    throw new QueueError(
      'QUEUE_INVALID_MEMORY',
      `no ring fits there, atBytes=${atBytes} capacityBytes=${capacityBytes} bufferBytes=${words.byteLength}`,
    );
  }
};
