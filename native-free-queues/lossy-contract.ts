/**
 * What the two ends of a lossy ring promise to each other and to their users.
 *
 * A lossy ring carries records from exactly one producer to exactly one consumer. **The producer never waits**: a ring
 * that is full loses its oldest record to the newest one. Each record has an id, a running number, so both sides know
 * exactly what was lost.
 *
 * - **Claim, write, publish.** `claim` names the slot that is the producer's own, the payload is written there with plain
 *   stores, and `publish` gives it to the ring with one atomic exchange. It takes a bounded number of steps whatever the
 *   consumer does. What is not published is never visible; a producer that dies in the middle leaves nothing torn.
 * - **Loss is told to the producer.** `publish` returns the id of the record that it has overwritten unread, or -1. That
 *   record is still to be read in the producer's slot until the next one is written there.
 * - **Take.** `take` takes all records that are in the ring at that moment, and the consumer reads them where they lie,
 *   oldest first, until its next `take`. A record is taken once, and never while it is written: slots change owner.
 * - **Loss is told to the consumer.** A batch is the records `from` up to, and not with, `to`. From one batch to the next
 *   `from - to` records were lost. `lost` is their sum, and once the ring has ended `lost + read` is what was written.
 * - **Closing** is the producer's, and for good. The consumer still takes what is there and then is `ended`.
 * - **No taking over.** Which slots an end owns, only that end knows. When the thread of one has ended the other one stays
 *   whole, and goes on with a new ring; its `firstId` lets the ids go on as well.
 *
 * One object per end, for the whole life of the ring: a second one is refused.
 */
import type { WaitStrategy } from './wait.js';

/** The fields of a lossy ring that both ends must agree on. */
export interface LossyPlace {
  /** A view of shared memory; both ends' views begin at the same byte of the buffer. */
  readonly words: Int32Array;
  /** Where the ring begins, in bytes from the start of the view; a multiple of 128. It ends within the first 2 GiB. */
  readonly atBytes: number;
  /** Records that the ring holds: 1 to 32,767. */
  readonly capacity: number;
  /** Room for the payload of a record: a multiple of 8, up to 16 MiB. */
  readonly slotBytes: number;
}

export interface LossyProducerContract {
  /** Id of the record that is published next. */
  readonly nextId: number;
  /** Records published so far. */
  readonly written: number;
  /** Of these, how many were overwritten unread. */
  readonly overwritten: number;
  /**
   * Where the next payload is to be written, in bytes from the start of the view; a multiple of 8. There are `slotBytes`
   * bytes. It stays there until `publish`.
   */
  claim(): number;
  /**
   * Makes what was written at the last `claim` the next record, and wakes the consumer if it sleeps.
   *
   * @param bytes length of the payload; 0 or more (not checked), at most `slotBytes`
   * @param tag   a 32-bit integer for the consumer
   * @returns the id of the record that is lost for it, or -1
   * @throws QueueError `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED`
   */
  publish(bytes: number, tag?: number): number;
  /** Copies `payload` into the slot and publishes it; the same in all else. */
  write(payload: Uint8Array, tag?: number): number;
  /** Payload of the record that the last `publish` has overwritten, if it returned an id; valid until the next write. */
  lostPayload(): Uint8Array;
  /** Its tag. */
  readonly lostTag: number;
  /** Tells the consumer that nothing more will come. */
  close(): void;
}

export interface LossyConsumerContract {
  /** Ids of the last batch: from the first up to, and not with, `to`. Both are the next id when it was empty. */
  readonly from: number;
  readonly to: number;
  /** Records taken so far. */
  readonly read: number;
  /** Records with ids below `to` that were never taken. */
  readonly lost: number;
  /**
   * Gives the slots of the last batch back and takes what is in the ring.
   *
   * @returns how many records, 0 to `capacity`
   */
  take(): number;
  /**
   * Where the payload of record `from + index` of the batch begins, in bytes from the start of the view, index 0 to one
   * less than `take` returned (not checked).
   */
  at(index: number): number;
  /** Length of that payload in bytes. */
  bytes(index: number): number;
  /** What the producer gave to `publish`. */
  tag(index: number): number;
  /** A view of that payload: the slot itself, valid until the next `take`. */
  payload(index: number): Uint8Array;
  /** Whether there is something to take. */
  hasNews(): boolean;
  /** Waits until there is news or the ring has ended. It may return earlier: take, and wait again. */
  waitForNews<Result>(strategy: WaitStrategy<Result>): Result;
  /** The producer has closed and everything that it wrote has been taken or lost. */
  readonly ended: boolean;
}
