/**
 * Closes the books of threads that have died, so that every request that was ever accepted is accounted for.
 *
 * What a dead thread's own books say stands. What it had received and not finished is counted: a request whose handler was
 * on the stack as lost, the others as dead letters. That needs the number of requests that it had received: only the living ends of its links know that, and say so when they
 * settle. Where both ends of a link are dead, the control thread settles it for them.
 *
 * What is added lies beside the thread's books, because the thread that takes its place goes on writing there.
 */
import { settleConsumer } from '../../native-free-queues/index.js';
import {
  BOOKS_LENGTH,
  type CounterName,
  counterIndex,
  DEAD_REASONS,
  deadIndex,
  type PairCounterName,
  pairIndex,
} from '../mesh/books.js';
import type { MeshLayout } from '../mesh/layout.js';
import { isRequest, typeOf } from '../mesh/link.js';
import type { Memory } from '../messages/memory.js';

/** The books of one life of a thread, until they are closed. */
interface Estate {
  readonly thread: number;
  /** The life that follows. */
  readonly epoch: number;
  /** What its own books count for that life. */
  readonly own: Float64Array;
  /** Whether the handler of a request was on its stack. */
  readonly inHandler: boolean;
  /** Requests that it had received, from the threads that have settled. */
  received: number;
  /** Threads that have not settled yet. */
  readonly unsettled: Set<number>;
}

export class Estates {
  readonly #layout: MeshLayout;
  readonly #floats: Float64Array;
  readonly #words: Int32Array;
  /** How often each thread has been replaced. */
  readonly #epochs: readonly number[];
  /** Threads that nobody runs any more. */
  readonly #vacant = new Set<number>();
  /** The books of each thread as of its latest death. */
  readonly #lastBooks: Float64Array[];
  /** Requests that one thread had sent to another as of the last time that it settled. */
  readonly #lastSent: Float64Array[];
  #open: Estate[] = [];

  /** @param epochs kept up to date by its owner */
  constructor(layout: MeshLayout, memory: Memory, epochs: readonly number[]) {
    const { threads } = layout;
    this.#layout = layout;
    this.#floats = memory.f64;
    this.#words = memory.i32;
    this.#epochs = epochs;
    this.#lastBooks = Array.from({ length: threads }, () => new Float64Array(BOOKS_LENGTH));
    this.#lastSent = Array.from({ length: threads }, () => new Float64Array(threads));
  }

  /**
   * A thread has died, and its epoch has been raised. To be called before anybody else is told.
   *
   * @param inHandler whether the handler of a request was on its stack
   */
  enter(thread: number, inHandler: boolean): void {
    // What others have settled of its earlier lives, before they settle again.
    this.close();
    const { threads } = this.#layout;
    const base = this.#layout.booksFloat(thread);
    const books = this.#floats.slice(base, base + BOOKS_LENGTH);
    const own = books.map((value, index) => value - this.#lastBooks[thread]![index]!);
    this.#lastBooks[thread] = books;
    const others = Array.from({ length: threads }, (_, other) => other).filter((other) => other !== thread);
    this.#open.push({ thread, epoch: this.#epochs[thread]!, own, inHandler, received: 0, unsettled: new Set(others) });
    for (const other of others) {
      if (this.#vacant.has(other) || !this.#hasSettled(thread, other)) this.#settlePair(thread, other);
    }
    this.close();
  }

  /** No thread runs under this number any more: what it has not settled yet is settled for it. */
  vacate(thread: number): void {
    this.#vacant.add(thread);
    for (const estate of this.#open) if (estate.unsettled.has(thread)) this.#settlePair(estate.thread, thread);
    this.close();
  }

  /** Closes what all have settled. Returns whether anything is still open. */
  close(): boolean {
    this.#open = this.#open.filter((estate) => {
      for (const other of estate.unsettled) this.#collect(estate, other);
      if (estate.unsettled.size > 0) return true;
      this.#write(estate);
      return false;
    });
    return this.#open.length > 0;
  }

  #collect(estate: Estate, other: number): void {
    const word = this.#layout.settledEpochWord(other, estate.thread);
    // Pairs with the publish in `Mesh.settle`; orders what was settled before what is read here.
    if (((Atomics.load(this.#words, word) - estate.epoch) | 0) < 0) return;
    const sent = this.#floats[this.#layout.settledSentFloat(other, estate.thread)]!;
    estate.received += sent - this.#lastSent[other]![estate.thread]!;
    this.#lastSent[other]![estate.thread] = sent;
    estate.unsettled.delete(other);
  }

  #write({ thread, own, inHandler, received }: Estate): void {
    const count = (name: CounterName): number => own[counterIndex(name)]!;
    const dead = DEAD_REASONS.reduce((sum, reason) => sum + own[deadIndex(reason)]!, 0);
    const left = count('queued') + received - count('handled') - count('lost') - dead;
    // Between two handlers of one turn the label of the first still stands: its request may be counted already.
    const lost = inHandler ? Math.min(1, left) : 0;
    this.#add(thread, counterIndex('lost'), lost);
    this.#add(thread, deadIndex('thread-lost'), left - lost);
    this.#add(thread, counterIndex('actorsEnded'), count('actorsSpawned') - count('actorsEnded'));
    this.#add(thread, counterIndex('outboxBytes'), -count('outboxBytes'));
    this.#add(thread, counterIndex('heldBytes'), -count('heldBytes'));
  }

  /** A handler of a thread has been seen to be slow. */
  countSlow(thread: number): void {
    this.#add(thread, counterIndex('slowHandlers'), 1);
  }

  #add(thread: number, index: number, amount: number): void {
    this.#floats[this.#layout.estateFloat(thread) + index]! += amount;
  }

  /** Whether a thread that has died had done with all former lives of another. */
  #hasSettled(thread: number, other: number): boolean {
    const word = this.#layout.settledEpochWord(thread, other);
    return ((Atomics.load(this.#words, word) - this.#epochs[other]!) | 0) >= 0;
  }

  /** Settles the links between two threads that have both died, each before it had settled the death of the other. */
  #settlePair(a: number, b: number): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const left = this.#emptyRings(from, to);
      // Accepted, never received, and dead.
      this.#add(from, counterIndex('queued'), left);
      this.#add(from, deadIndex('thread-lost'), left);
      this.#copy(to, from, 'received', 'sent');
      this.#copy(to, from, 'repliesArrived', 'repliesSent');
    }
    for (const [thread, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const sent = this.#floats[this.#layout.pairFloat(thread, other) + pairIndex('sent')]!;
      this.#floats[this.#layout.settledSentFloat(thread, other)] = sent;
      // Pairs with the load in `Mesh.#isAwaitedBy`.
      Atomics.store(this.#words, this.#layout.settledEpochWord(thread, other), this.#epochs[other]!);
    }
  }

  /** What one thread has received is what the other has sent. */
  #copy(receiver: number, sender: number, received: PairCounterName, sent: PairCounterName): void {
    const value = this.#floats[this.#layout.pairFloat(receiver, sender) + pairIndex(received)]!;
    this.#floats[this.#layout.pairFloat(sender, receiver) + pairIndex(sent)] = value;
  }

  /** Returns how many requests were in the rings. */
  #emptyRings(from: number, to: number): number {
    let requests = 0;
    const visit = (type: number, at: number): void => {
      if (isRequest(typeOf(type, this.#words, at))) requests++;
    };
    settleConsumer(this.#layout.dataRing(this.#words, from, to), visit);
    settleConsumer(this.#layout.controlRing(this.#words, from, to), visit);
    return requests;
  }
}
