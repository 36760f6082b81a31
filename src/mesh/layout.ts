/**
 * The shared memory of a system: where every word of it lies, and who writes it.
 *
 * ```
 *   +--------------------+
 *   | system             |  128 bytes
 *   +--------------------+
 *   | awake 0 ... N      |  one word each: whether the thread is awake
 *   +--------------------+
 *   | thread 0 (host)    |  1 KiB each: bell, state, books
 *   | thread 1 ... N     |
 *   +--------------------+
 *   | estate 0 ... N     |  512 bytes each: what the control thread adds to the books of threads that have died
 *   +--------------------+
 *   | pair 0 0 ... N N   |  128 bytes each: what a thread has sent to one other and received from it
 *   +--------------------+
 *   | scratch 0 ... N    |  one record each, private to its thread
 *   +--------------------+
 *   | names              |  4 MiB: the table of actors' names (`registry/name-entry.ts`)
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
 *          epoch                 control thread (publish)                everybody, advisory
 *    256   slot, label, run      its thread (plain)                      observers; exact once the thread has ended
 *          number, imports,
 *          heartbeat
 *    384   books: 64-bit floats  its thread (plain)                      everybody: advisory while it runs, exact
 *                                                                        once it sleeps or has ended
 * ```
 *
 * A pair's part, of thread A about its peer B:
 *
 * ```
 *   byte   words                 written by                              read by
 *      0   requests sent,        A (plain); while A is dead and the      everybody: as the books
 *          requests received,    thread that replaces it has not yet
 *          replies sent,         opened the link, whoever settles
 *          replies received:     for A: B, or the control thread
 *          64-bit floats
 *     32   requests sent when    A (plain, before the next word)         control thread
 *          A last settled
 *     64   settled epoch         A (publish); control thread for a       B (loadShared), control thread
 *                                thread that starts
 * ```
 *
 * Pages that nobody has touched cost nothing: a system of 64 threads reserves 1 GiB and uses what it writes.
 */
import { ISOLATION_BYTES, type RingPlace, recordBytesMax, ringBytes } from '../../native-free-queues/index.js';
import { CONTROL_RING_BYTES, NAMES_MAX } from '../base/limits.js';
import { BOOKS_LENGTH } from './books.js';

const SYSTEM_BYTES = 128;
const THREAD_BYTES = 1024;
const ESTATE_BYTES = 512;
const PAIR_BYTES = 128;
export const NAMES_HEAD_BYTES = 128;
export const NAME_ENTRY_BYTES = 128;

/** System part. */
const REPORTS_WORD = 0;
const LIVES_WORD = 1;
const DEATHS_WORD = 2;

/** Thread part. */
const BELL_WORD = 0;
const STATE_WORD = 128 / 4;
const EPOCH_WORD = STATE_WORD + 1;
const RUNNING_WORD = 256 / 4;
const IMPORTING_WORD = RUNNING_WORD + 3;
const HEARTBEAT_WORD = RUNNING_WORD + 4;
const BOOKS_FLOAT = 384 / 8;
const BOOKS_MAX = Math.min(THREAD_BYTES - 384, ESTATE_BYTES) / 8;

/** Pair part. */
const SETTLED_SENT_FLOAT = 32 / 8;
const SETTLED_EPOCH_WORD = 64 / 4;

/** Entries of the table of names: twice as many as there can be names, so that lookups stay short. */
export const nameEntries = (namesMax: number): number => namesMax * 2;
export const namesBytes = (namesMax: number): number => NAMES_HEAD_BYTES + nameEntries(namesMax) * NAME_ENTRY_BYTES;

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
  /** Where the table of names lies. */
  readonly namesAt: number;
  readonly #threadsAt: number;
  readonly #estatesAt: number;
  readonly #pairsAt: number;
  readonly #scratchAt: number;
  readonly #controlAt: number;
  readonly #dataAt: number;

  constructor({ workers, ringBytes: capacityBytes }: MeshShape) {
    this.threads = workers + 1;
    this.#ringBytes = capacityBytes;
    this.scratchBytes = align(recordBytesMax(capacityBytes));
    this.#threadsAt = SYSTEM_BYTES + align(this.threads * 4);
    this.#estatesAt = this.#threadsAt + this.threads * THREAD_BYTES;
    this.#pairsAt = this.#estatesAt + this.threads * ESTATE_BYTES;
    this.#scratchAt = this.#pairsAt + this.threads * this.threads * PAIR_BYTES;
    this.namesAt = this.#scratchAt + this.threads * this.scratchBytes;
    this.#controlAt = this.namesAt + namesBytes(NAMES_MAX);
    this.#dataAt = this.#controlAt + (this.threads + 1) * this.threads * ringBytes(CONTROL_RING_BYTES);
    this.totalBytes = this.#dataAt + this.threads * this.threads * ringBytes(capacityBytes);
  }

  /** The control thread sends like a thread of this number. */
  get controlThread(): number {
    return this.threads;
  }

  /** Word: 1 while the thread is awake. Those of all threads follow one another. */
  awakeWord(thread: number): number {
    return SYSTEM_BYTES / 4 + thread;
  }

  /** Word: which reports the host wants to hear of. */
  get reportsWord(): number {
    return REPORTS_WORD;
  }

  /** Word: a number that goes up when all threads have been told of the end of one. Written by the control thread. */
  get deathsWord(): number {
    return DEATHS_WORD;
  }

  /** Word: whether the host wants to hear of the lives of actors. */
  get livesWord(): number {
    return LIVES_WORD;
  }

  #threadAt(thread: number): number {
    return this.#threadsAt + thread * THREAD_BYTES;
  }

  bellWord(thread: number): number {
    return this.#threadAt(thread) / 4 + BELL_WORD;
  }

  stateWord(thread: number): number {
    return this.#threadAt(thread) / 4 + STATE_WORD;
  }

  /** Word: how often the thread has been replaced. */
  epochWord(thread: number): number {
    return this.#threadAt(thread) / 4 + EPOCH_WORD;
  }

  /**
   * Word: slot of the actor whose handler began last; then the label of what it handles, 0 when no handler is on the
   * stack; then the run number, which wraps. Who looks on remembers when it first saw a run number.
   */
  runningWord(thread: number): number {
    return this.#threadAt(thread) / 4 + RUNNING_WORD;
  }

  /** Word: a number that goes up now and then as long as the thread's driver has its turns, also while it sleeps. */
  heartbeatWord(thread: number): number {
    return this.#threadAt(thread) / 4 + HEARTBEAT_WORD;
  }

  /** Word: how many modules the thread is importing. */
  importingWord(thread: number): number {
    return this.#threadAt(thread) / 4 + IMPORTING_WORD;
  }

  /** Float: the first entry of the thread's books. */
  booksFloat(thread: number): number {
    return this.#threadAt(thread) / 8 + BOOKS_FLOAT;
  }

  /** Float: the first entry of what is added to the thread's books. */
  estateFloat(thread: number): number {
    return (this.#estatesAt + thread * ESTATE_BYTES) / 8;
  }

  #pairAt(thread: number, peer: number): number {
    return this.#pairsAt + (thread * this.threads + peer) * PAIR_BYTES;
  }

  /** Float: the first of the four counts of a pair. */
  pairFloat(thread: number, peer: number): number {
    return this.#pairAt(thread, peer) / 8;
  }

  /** Float: what had been sent to the peer when its end was last settled. */
  settledSentFloat(thread: number, peer: number): number {
    return this.pairFloat(thread, peer) + SETTLED_SENT_FLOAT;
  }

  /** Word: the latest epoch of `peer` for which `thread` has done with all that was before. */
  settledEpochWord(thread: number, peer: number): number {
    return this.#pairAt(thread, peer) / 4 + SETTLED_EPOCH_WORD;
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

/** What a thread's state word says. */
export const STARTING = 0;
export const RUNNING = 1;
/** It takes no more messages; what it still has is counted. */
export const HALTED = 2;
/** Its thread has ended, and no other takes its place. */
export const ENDED = 3;
/** Its thread was ended but does not end: it is in code that cannot be interrupted. */
export const STUCK = 4;
/** The system ends, and those of its actors have ended whose end is a matter of order. */
export const CLEARED = 5;

if (BOOKS_LENGTH > BOOKS_MAX) throw new Error("mesh/layout: a thread's books do not fit into its part");
if (
  [SYSTEM_BYTES, THREAD_BYTES, ESTATE_BYTES, PAIR_BYTES, NAMES_HEAD_BYTES].some(
    (bytes) => bytes % ISOLATION_BYTES !== 0,
  )
) {
  throw new Error('mesh/layout: the parts do not keep their distance');
}
