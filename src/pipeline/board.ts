/**
 * The counters of a job, in memory that all threads share: a row for each actor of it, written by that actor only. They
 * can be read while every worker is busy, and outlive the thread that wrote them. All but `ACKNOWLEDGED` are advisory
 * while the job runs: 64-bit floats that are written and read plainly.
 *
 * ```
 *   row   | taken | emitted | failed | ... | acknowledged | produced |     24 words of 8 bytes
 * ```
 */

/** Items that were processed, and that were emitted. */
export const TAKEN = 0;
export const EMITTED = 1;
/** Items that could not be processed, or sent, and went elsewhere. */
export const FAILED = 2;
/** Further attempts. */
export const RETRIED = 3;
/** Times that its state was made anew. */
export const RESTARTED = 4;
/** Items that were not delivered because of a channel's policy. */
export const DROPPED = 5;
/** Items that nobody wanted any more. */
export const UNWANTED = 6;
/** Items that did not arrive, by the gaps in their numbers. */
export const MISSED = 7;
/** Items that wait to be processed, and to be sent. */
export const WAITING = 8;
export const PENDING = 9;
/** Times that it had to wait for room. */
export const BLOCKED = 10;
export const TICKS = 11;
export const TICKS_MISSED = 12;
export const NOTIFIED = 13;
/** 1 while it has something to do. */
export const BUSY = 14;
/** All items of the source before this number are done: an integer of 64 bits, stored atomically by the source. */
export const ACKNOWLEDGED = 15;
/** Items that the source of an acknowledged pipeline has made, without those that it made again. */
export const PRODUCED = 16;

/** Lines of a processor's cache are not shared by rows. */
const ROW_WORDS = 24;
const WORD_BYTES = 8;
/** Actors that a job may have had. */
export const ROWS_MAX = 1_024;

export const boardBytes = (rows: number): number => rows * ROW_WORDS * WORD_BYTES;

/** One row, of the actor that writes it or of the job that reads it. */
export class Row {
  readonly #words: Float64Array;
  readonly #integers: BigInt64Array;

  constructor(buffer: SharedArrayBuffer, row: number) {
    const at = boardBytes(row);
    this.#words = new Float64Array(buffer, at, ROW_WORDS);
    this.#integers = new BigInt64Array(buffer, at, ROW_WORDS);
  }

  get(counter: number): number {
    return this.#words[counter]!;
  }

  set(counter: number, value: number): void {
    this.#words[counter] = value;
  }

  add(counter: number, count: number): void {
    this.#words[counter]! += count;
  }

  /** Pairs with `loadAcknowledged`: whoever reads the number may begin there after its writer has died. */
  publishAcknowledged(upTo: number): void {
    Atomics.store(this.#integers, ACKNOWLEDGED, BigInt(upTo));
  }

  loadAcknowledged(): number {
    return Number(Atomics.load(this.#integers, ACKNOWLEDGED));
  }
}
