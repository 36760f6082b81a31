/** What can go wrong with a ring. Each has a stable `code`; compare that, not the class. */
export type QueueErrorCode =
  /** The capacity is not a power of two from 1 KiB to 32 MiB; of a lossy ring: its slots are too few, many or large. */
  | 'QUEUE_INVALID_CAPACITY'
  /** No ring fits there: not shared memory, not a multiple of 128, or it ends behind the view or behind 2 GiB. */
  | 'QUEUE_INVALID_MEMORY'
  /** A type that is not 1 to 4095, a note that is not 0 to 15, or an id that is not 0 to 2^53 - 1. */
  | 'QUEUE_INVALID_ARGUMENT'
  /** The record is longer than `recordBytesMax`, or than the slots of a lossy ring; it will never fit. */
  | 'QUEUE_RECORD_TOO_LARGE'
  /** One of the ends has closed the ring, so nobody would read what is written. */
  | 'QUEUE_CLOSED'
  /** The lossy ring has, or had, such an end already. */
  | 'QUEUE_END_TAKEN'
  /** The ring holds something that its producer cannot have written: somebody else wrote there, or two threads did. */
  | 'QUEUE_CORRUPT';

export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
