/** The books of all threads, read from shared memory: no message is sent, no thread is disturbed. */
import {
  BOOKS_LENGTH,
  COUNTER_NAMES,
  type CounterName,
  counterIndex,
  DEAD_REASONS,
  type DeadReason,
  deadIndex,
} from '../mesh/books.js';
import { ENDED, HALTED, type MeshLayout, RUNNING } from '../mesh/layout.js';

export type ThreadState = 'starting' | 'running' | 'halted' | 'ended';

export type DeadCounts = Readonly<Record<DeadReason, number>>;

export interface ThreadCounters extends Readonly<Record<CounterName, number>> {
  readonly thread: number;
  readonly state: ThreadState;
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

const STATES: Readonly<Record<number, ThreadState>> = { [RUNNING]: 'running', [HALTED]: 'halted', [ENDED]: 'ended' };

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
    const books = this.#floats.slice(base, base + BOOKS_LENGTH);
    const read = (name: CounterName): number => books[counterIndex(name)]!;
    const dead = deadCounts((reason) => books[deadIndex(reason)]!);
    const counters = Object.fromEntries(COUNTER_NAMES.map((name) => [name, read(name)])) as Record<CounterName, number>;
    return {
      thread,
      state: this.stateOf(thread),
      ...counters,
      underway: Math.max(0, read('queued') + read('received') - read('handled') - read('lost') - sumOf(dead)),
      actors: read('actorsSpawned') - read('actorsEnded'),
      dead,
    };
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
    const replies = (counters: SystemCounters, names: readonly CounterName[]): number =>
      counters.threads.reduce((sum, thread) => sum + names.reduce((part, name) => part + thread[name], 0), 0);
    const answered = replies(first, ['repliesReceived', 'repliesLate']);
    if (settled !== second.accepted || answered < replies(second, ['repliesSent'])) return undefined;
    return `${settled}:${answered}`;
  }
}
