/**
 * What the two ends of a ring promise to each other and to their users.
 *
 * A ring carries records of different lengths from exactly one producer to exactly one consumer, each on a thread of
 * its own (or both on one). Records arrive once, in order, and whole.
 *
 * - **Claim, write, commit, publish.** `claim` finds room, the payload is written with plain stores, `commit` ends the
 *   record, and `publish` makes everything committed so far visible with one atomic store. A claim that is not
 *   committed leaves no trace; a producer that dies in the middle of a record, or before it publishes, leaves
 *   nothing visible.
 * - **Drain, release.** `drain` hands over visible records, oldest first; `release` gives their room back with one
 *   atomic store. The consumer must have read or copied what it wants of a record before it releases it.
 * - **A full ring refuses.** `claim` returns -1 and changes nothing; the producer comes again, or sleeps by
 *   `waitForRoom`.
 * - **Closing.** The producer's `close` publishes what is committed; the consumer still drains it and then is `ended`.
 *   A consumer that closes makes every later `claim` throw `QUEUE_CLOSED`.
 *
 * One object per end and thread. Calling one end from two threads is not detected and breaks everything.
 */

/** The fields of a ring that both ends must agree on. */
export interface RingPlace {
  /** A view of the whole shared buffer. */
  readonly words: Int32Array;
  /** Where the ring begins, in bytes from the start of the view; a multiple of 128. */
  readonly atBytes: number;
  /** Room for records: a power of two from 1 KiB to 32 MiB. */
  readonly capacityBytes: number;
}

/** Receives the records that `drain` finds. It may drain the same ring again; the inner call goes on behind it. */
export interface RecordSink {
  /**
   * @param type  what the producer gave to `commit`, 1 to 4095
   * @param at    where the record begins, in bytes from the start of the view; its payload begins 8 bytes later
   * @param end   where the record ends, a multiple of 8
   */
  receive(type: number, at: number, end: number): void;
}

export interface RecordProducerContract {
  /**
   * Finds `bytes` bytes in a row, the record's header of 8 bytes counted in.
   *
   * @param bytes a multiple of 8, at most `recordBytesMax`
   * @returns where the record begins, in bytes from the start of the view, or -1 when the ring is full
   * @throws QueueError `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED`
   */
  claim(bytes: number): number;
  /**
   * Ends the record at `at`, which is what the last `claim` returned.
   *
   * @param bytes a multiple of 8, at most what was claimed
   * @param type  1 to 4095, for the consumer
   */
  commit(at: number, bytes: number, type: number): void;
  /** Makes all committed records visible and wakes the consumer if it sleeps. Returns whether it did wake it. */
  publish(): boolean;
  /** Copies `payload` into a record of its own. False when the ring is full. */
  tryWrite(type: number, payload: Uint8Array): boolean;
  /** Publishes, then tells the consumer that nothing more will come. */
  close(): void;
}

export interface RecordConsumerContract {
  /** Hands at most `limit` visible records to `sink`, oldest first, and returns how many. */
  drain(sink: RecordSink, limit: number): number;
  /** Gives the room of all drained records back and wakes the producer if it waits for it. */
  release(): void;
  /** Whether a record is visible that has not been drained. */
  hasNews(): boolean;
  /** The producer has closed and everything that it wrote has been drained. */
  readonly ended: boolean;
  /** Tells the producer that nobody reads any more. */
  close(): void;
}
