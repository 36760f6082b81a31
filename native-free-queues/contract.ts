/**
 * What the two ends of a ring promise to each other and to their users.
 *
 * A ring carries records of different lengths from exactly one producer to exactly one consumer, each on a thread of
 * its own (or both on one). Records arrive once, in order, and whole.
 *
 * - **Claim, write, commit, publish.** `claim` finds room, the payload is written with plain stores, `commit` ends the
 *   record, and `publish` makes everything committed so far visible with one atomic store. A claim that is not
 *   committed is never visible, and its room is claimed again; a producer that dies in the middle of a record, or
 *   before it publishes, leaves nothing visible.
 * - **Drain, release.** `drain` hands over visible records, oldest first; `release` gives their room back with one
 *   atomic store. The consumer must have read or copied what it wants of a record before it releases it.
 * - **A full ring refuses.** `claim` publishes what is committed, lest both sides wait, and returns -1; the producer
 *   comes again, or sleeps by `waitForRoom`.
 * - **Closing** is for good. The producer's `close` publishes what is committed; the consumer still drains it and then
 *   is `ended`; the producer's later claims throw. When the consumer has closed, the producer learns it at the latest
 *   from a ring that is full: its `claim` throws `QUEUE_CLOSED`.
 * - **Taking over.** A new end made on the same memory goes on where the earlier one left off, once that one's thread
 *   has ended or has let go of it. It wakes whoever sleeps on the other side, for whom the earlier one may have had news.
 *
 * One object per end and thread. Calling one end from two threads is not detected and breaks everything.
 */
import type { WaitStrategy } from './wait.js';

/** The fields of a ring that both ends must agree on. */
export interface RingPlace {
  /** A view of shared memory; both ends' views begin at the same byte of the buffer. */
  readonly words: Int32Array;
  /** Where the ring begins, in bytes from the start of the view; a multiple of 128. It ends within the first 2 GiB. */
  readonly atBytes: number;
  /** Room for records: a power of two from 1 KiB to 32 MiB. */
  readonly capacityBytes: number;
}

/**
 * Receives the records that `drain` finds. It may drain the same ring again; the inner call goes on behind it. A record
 * counts as drained as soon as it is handed over, also if `receive` throws.
 */
export interface RecordSink {
  /**
   * @param type  what the producer gave to `commit`, 1 to 4095
   * @param at    where the record begins, in bytes from the start of the view; its payload begins 8 bytes later
   * @param end   where the record ends, a multiple of 8; up to 56 bytes more than what was committed
   */
  receive(type: number, at: number, end: number): void;
}

export interface RecordProducerContract {
  /**
   * Finds `bytes` bytes in a row, the record's header of 8 bytes counted in. No other method may be called between this
   * and `commit`, but `claim` itself: then the earlier claim is forgotten.
   *
   * @param bytes a multiple of 8, 8 or more (not checked), at most `recordBytesMax`
   * @returns where the record begins, in bytes from the start of the view, or -1 when the ring is full
   * @throws QueueError `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED`
   */
  claim(bytes: number): number;
  /**
   * Ends the record at `at`, which is what the last `claim` returned. Nothing here is checked.
   *
   * @param bytes a multiple of 8, 8 or more, at most what was claimed
   * @param type  1 to 4095, for the consumer
   */
  commit(at: number, bytes: number, type: number): void;
  /** Makes all committed records visible and wakes the consumer if it sleeps. Returns whether it did wake it. */
  publish(): boolean;
  /**
   * Copies `payload` into a record of its own and commits it. False when the ring is full.
   *
   * @param type    1 to 4095
   * @param payload at most `payloadBytesMax` bytes
   * @throws QueueError `QUEUE_INVALID_ARGUMENT`, `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED`
   */
  tryWrite(type: number, payload: Uint8Array): boolean;
  /**
   * Publishes, then waits until `bytes` bytes can be claimed or the consumer has closed. It may return earlier: claim,
   * and wait again. For `tryWrite` wait for `payloadRecordBytes(payload.length)`.
   *
   * @throws QueueError `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED` if this end has closed
   */
  waitForRoom<Result>(bytes: number, strategy: WaitStrategy<Result>): Result;
  /** Publishes, then tells the consumer that nothing more will come. */
  close(): void;
}

export interface RecordConsumerContract {
  /**
   * Hands at most `limit` visible records to `sink`, oldest first, and returns how many. It looks for records that have
   * become visible since the last look only when it has drained what it knew of.
   *
   * @throws QueueError `QUEUE_CORRUPT`, and what `sink` throws
   */
  drain(sink: RecordSink, limit: number): number;
  /** Gives the room of all drained records back and wakes the producer if it waits for it. */
  release(): void;
  /** Whether a record is visible that has not been drained, or the producer's flags have changed since the last look. */
  hasNews(): boolean;
  /** Waits until there is news or the ring has ended. It may return earlier: drain, and wait again. */
  waitForNews<Result>(strategy: WaitStrategy<Result>): Result;
  /** The producer has closed and everything that it wrote has been drained. */
  readonly ended: boolean;
  /** Tells the producer that nobody reads any more. */
  close(): void;
}
