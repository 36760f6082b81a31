/**
 * The shared memory of a system: where every word of it lies, and who writes it.
 *
 * ```
 *   +--------------------+
 *   | system             |  256 bytes
 *   +--------------------+
 *   | thread 0 (host)    |  1 KiB each: bell, state, books
 *   | thread 1 ... N     |
 *   +--------------------+
 *   | scratch 0 ... N    |  one record each, private to its thread
 *   +--------------------+
 *   | control rings      |  4 KiB and a header each: from every thread and the control thread, to every thread
 *   +--------------------+
 *   | data rings         |  `ringBytes` and a header each: from every thread to every thread
 *   +--------------------+
 * ```
 *
 * A thread's part:
 *
 * ```
 *   byte   words                 written by                              read by
 *      0   bell                  its thread arms, everybody rings        everybody
 *    128   state                 control thread and its thread (publish) everybody
 *    256   current actor, type,  its thread (plain)                      observers, advisory
 *          run number, imports
 *    384   books: 64-bit floats  its thread (plain)                      everybody: advisory while it runs, exact
 *                                                                        once it sleeps or has ended
 * ```
 *
 * Pages that nobody has touched cost nothing: a system of 64 threads reserves 1 GiB and uses what it writes.
 */
import { ISOLATION_BYTES, type RingPlace, recordBytesMax, ringBytes } from '../../native-free-queues/index.js';
import { CONTROL_RING_BYTES } from '../base/limits.js';
import { BOOKS_LENGTH } from './books.js';

const SYSTEM_BYTES = 256;
const THREAD_BYTES = 1024;

/** System part. */
const AWAKE_WORD = ISOLATION_BYTES / 4;
const REPORTS_WORD = AWAKE_WORD + 1;

/** Thread part. */
const BELL_WORD = 0;
const STATE_WORD = 128 / 4;
const RUNNING_WORD = 256 / 4;
const IMPORTING_WORD = RUNNING_WORD + 3;
const BOOKS_FLOAT = 384 / 8;
const BOOKS_MAX = (THREAD_BYTES - 384) / 8;

/** What a system is made of; enough for every thread to find everything. */
export interface MeshShape {
  /** Worker threads; the host is thread 0 beside them. */
  readonly workers: number;
  /** Room of a data ring. */
  readonly ringBytes: number;
}

const align = (bytes: number): number => (bytes + ISOLATION_BYTES - 1) & -ISOLATION_BYTES;

export class MeshLayout {
  /** Threads that run actors: the host and the workers. */
  readonly threads: number;
  readonly totalBytes: number;
  readonly scratchBytes: number;
  readonly #ringBytes: number;
  readonly #scratchAt: number;
  readonly #controlAt: number;
  readonly #dataAt: number;

  constructor({ workers, ringBytes: capacityBytes }: MeshShape) {
    this.threads = workers + 1;
    this.#ringBytes = capacityBytes;
    this.scratchBytes = align(recordBytesMax(capacityBytes));
    this.#scratchAt = SYSTEM_BYTES + this.threads * THREAD_BYTES;
    this.#controlAt = this.#scratchAt + this.threads * this.scratchBytes;
    this.#dataAt = this.#controlAt + (this.threads + 1) * this.threads * ringBytes(CONTROL_RING_BYTES);
    this.totalBytes = this.#dataAt + this.threads * this.threads * ringBytes(capacityBytes);
  }

  /** The control thread sends like a thread of this number. */
  get controlThread(): number {
    return this.threads;
  }

  /** Word: how many threads are awake. */
  get awakeWord(): number {
    return AWAKE_WORD;
  }

  /** Word: which reports the host wants to hear of. */
  get reportsWord(): number {
    return REPORTS_WORD;
  }

  #threadAt(thread: number): number {
    return SYSTEM_BYTES + thread * THREAD_BYTES;
  }

  bellWord(thread: number): number {
    return this.#threadAt(thread) / 4 + BELL_WORD;
  }

  stateWord(thread: number): number {
    return this.#threadAt(thread) / 4 + STATE_WORD;
  }

  /** Word: slot of the current actor; then the type of its message, then the run number. */
  runningWord(thread: number): number {
    return this.#threadAt(thread) / 4 + RUNNING_WORD;
  }

  /** Word: how many modules the thread is importing. */
  importingWord(thread: number): number {
    return this.#threadAt(thread) / 4 + IMPORTING_WORD;
  }

  /** Float: the first entry of the thread's books. */
  booksFloat(thread: number): number {
    return this.#threadAt(thread) / 8 + BOOKS_FLOAT;
  }

  scratchAt(thread: number): number {
    return this.#scratchAt + thread * this.scratchBytes;
  }

  /** `from` may be the control thread. */
  controlRing(words: Int32Array, from: number, to: number): RingPlace {
    const atBytes = this.#controlAt + (from * this.threads + to) * ringBytes(CONTROL_RING_BYTES);
    return { words, atBytes, capacityBytes: CONTROL_RING_BYTES };
  }

  dataRing(words: Int32Array, from: number, to: number): RingPlace {
    const atBytes = this.#dataAt + (from * this.threads + to) * ringBytes(this.#ringBytes);
    return { words, atBytes, capacityBytes: this.#ringBytes };
  }
}

/** What a thread's state word says; 0 while it starts. */
export const RUNNING = 1;
/** It takes no more messages; what it still has is counted. */
export const HALTED = 2;
/** Its thread has ended. */
export const ENDED = 3;

if (BOOKS_LENGTH > BOOKS_MAX) throw new Error("mesh/layout: a thread's books do not fit into its part");
if ((SYSTEM_BYTES % ISOLATION_BYTES) + (THREAD_BYTES % ISOLATION_BYTES) !== 0) {
  throw new Error('mesh/layout: the parts do not keep their distance');
}
