/** The books of all threads, read from shared memory: no message is sent, no thread is disturbed. */
import {
  BOOKS_LENGTH,
  COUNTER_NAMES,
  type CounterName,
  counterIndex,
  DEAD_REASONS,
  type DeadReason,
  deadIndex,
  PAIR_COUNTERS,
  type PairCounterName,
  pairIndex,
} from '../mesh/books.js';
import { CLEARED, ENDED, HALTED, type MeshLayout, RUNNING, STUCK } from '../mesh/layout.js';

/**
 * `cleared`: the system ends, and so have those actors there that have a `stopped` hook or children. `stuck`: it was ended, but is in code that cannot be interrupted; it is replaced once it ends. */
export type ThreadState = 'starting' | 'running' | 'cleared' | 'halted' | 'ended' | 'stuck';

export type DeadCounts = Readonly<Record<DeadReason, number>>;

/** Of all lives of a thread, added up. */
export interface ThreadCounters extends Readonly<Record<CounterName | PairCounterName, number>> {
  readonly thread: number;
  readonly state: ThreadState;
  /** How often the thread has died and was replaced. */
  readonly epoch: number;
  /** Requests that have arrived here and whose handler has not ended: in a mailbox, or being handled. */
  readonly underway: number;
  /** Actors that are alive. */
  readonly actors: number;
  readonly dead: DeadCounts;
}

export interface SystemCounters {
  readonly threads: readonly ThreadCounters[];
  /**
   * Requests over all threads. Whenever the system is quiet, `accepted` is `handled + lost + dead`; otherwise the rest
   * is under way.
   */
  readonly accepted: number;
  readonly handled: number;
  readonly lost: number;
  readonly dead: number;
  readonly deadByReason: DeadCounts;
}

const STATES: Readonly<Record<number, ThreadState>> = {
  [RUNNING]: 'running',
  [HALTED]: 'halted',
  [ENDED]: 'ended',
  [STUCK]: 'stuck',
  [CLEARED]: 'cleared',
};

const sumOf = (counts: DeadCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const deadCounts = (read: (reason: DeadReason) => number): DeadCounts =>
  Object.fromEntries(DEAD_REASONS.map((reason) => [reason, read(reason)])) as Record<DeadReason, number>;

export class CounterReader {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #layout: MeshLayout;

  constructor(buffer: SharedArrayBuffer, layout: MeshLayout) {
    this.#words = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
    this.#layout = layout;
  }

  stateOf(thread: number): ThreadState {
    return STATES[Atomics.load(this.#words, this.#layout.stateWord(thread))] ?? 'starting';
  }

  #thread(thread: number): ThreadCounters {
    const base = this.#layout.booksFloat(thread);
    const estate = this.#layout.estateFloat(thread);
    const books = this.#floats
      .subarray(base, base + BOOKS_LENGTH)
      .map((value, index) => value + this.#floats[estate + index]!);
    const read = (name: CounterName): number => books[counterIndex(name)]!;
    const pairs = (name: PairCounterName): number => this.#sumPairs(thread, name);
    const dead = deadCounts((reason) => books[deadIndex(reason)]!);
    const counters = Object.fromEntries([
      ...COUNTER_NAMES.map((name) => [name, read(name)]),
      ...PAIR_COUNTERS.map((name) => [name, pairs(name)]),
    ]) as Record<CounterName | PairCounterName, number>;
    return {
      thread,
      state: this.stateOf(thread),
      epoch: Atomics.load(this.#words, this.#layout.epochWord(thread)),
      ...counters,
      underway: Math.max(0, read('queued') + counters.received - read('handled') - read('lost') - sumOf(dead)),
      actors: read('actorsSpawned') - read('actorsEnded'),
      dead,
    };
  }

  #sumPairs(thread: number, name: PairCounterName): number {
    let sum = 0;
    for (let peer = 0; peer < this.#layout.threads; peer++) {
      sum += this.#floats[this.#layout.pairFloat(thread, peer) + pairIndex(name)]!;
    }
    return sum;
  }

  read(): SystemCounters {
    // What is settled before what was accepted: a request that moves meanwhile is then seen as under way, not as lost.
    const threads = Array.from({ length: this.#layout.threads }, (_, thread) => this.#thread(thread));
    const sum = (read: (counters: ThreadCounters) => number): number =>
      threads.reduce((total, counters) => total + read(counters), 0);
    const deadByReason = deadCounts((reason) => sum(({ dead }) => dead[reason]));
    return {
      threads,
      accepted: sum(({ queued, sent }) => queued + sent),
      handled: sum(({ handled }) => handled),
      lost: sum(({ lost }) => lost),
      dead: sumOf(deadByReason),
      deadByReason,
    };
  }

  /** Numbers that all stand still, and balance, when nothing is under way. */
  quietMark(): string | undefined {
    const first = this.read();
    const second = this.read();
    const settled = first.handled + first.lost + first.dead;
    const replies = ({ threads }: SystemCounters, name: PairCounterName): number =>
      threads.reduce((sum, thread) => sum + thread[name], 0);
    const answered = replies(first, 'repliesArrived');
    if (settled !== second.accepted || answered < replies(second, 'repliesSent')) return undefined;
    return `${settled}:${answered}`;
  }
}
