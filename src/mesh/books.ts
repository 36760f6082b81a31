/**
 * The books of a thread: counters in shared memory, written by their thread alone with plain stores, read by
 * everybody without disturbing anyone. Advisory while the thread runs, exact once it sleeps or has ended.
 *
 * Requests (casts and calls) are conserved: over all threads, whenever the system is quiet,
 *
 *     queued + sent = handled + lost + dead letters of all reasons
 *
 * What is sent and received is counted for each pair of threads, so that the books can be closed when one of them dies:
 * the living end knows what has arrived. Replies and notices have counters of their own.
 */

/** Why a request that was accepted was never handled. */
export const DEAD_REASONS = [
  /** Its address is of no living actor. */
  'no-such-actor',
  /** Its actor was stopped or killed while it waited. */
  'actor-stopped',
  /** Its actor failed, in `init` or in a handler, while it waited. */
  'actor-failed',
  /** The mailbox was full. */
  'mailbox-full',
  /** The actor drops its oldest, or newest, message when its mailbox is full. */
  'dropped',
  /** Its deadline had passed before its turn came. */
  'deadline',
  /** It could not be decoded. */
  'corrupt',
  /** Its actor's module could not be imported. */
  'definition-failed',
  /** Too many messages waited for actors that are not yet born. */
  'held-full',
  /** The thread that it was on, or on its way to, has ended. */
  'thread-lost',
  /** The system was shut down before its turn came. */
  'shutdown',
] as const;

export type DeadReason = (typeof DEAD_REASONS)[number];

const COUNTERS = [
  /**
   * Requests accepted and still in this thread's hands: for its own actors, or for a thread that has not begun yet; and
   * those that it has back from a link whose other end has died.
   */
  'queued',
  /** Requests whose handler has ended well. */
  'handled',
  /** Requests whose handler failed, or was killed. */
  'lost',
  'repliesReceived',
  /** Replies that came after the deadline, or after the caller gave up. */
  'repliesLate',
  /** Notices that an actor has ended. */
  'notices',
  'actorsSpawned',
  'actorsEnded',
  'actorsFailed',
  /** Times that a supervisor has started an actor again. */
  'actorsRestarted',
  /** Bytes of records for actors that are not yet born. */
  'heldBytes',
  /** Bytes that links keep because a ring is full. */
  'outboxBytes',
  /** Sends refused because link or mailbox were full. */
  'refused',
  /** Promises that nobody awaited and that were rejected. */
  'floatingRejections',
  /** Turns given to the event loop while there was work. */
  'turns',
  'sleeps',
  /** Sleeps that ended by the clock although there was work. Each one is a bug. */
  'missedWakes',
  /** Milliseconds asleep. */
  'asleepMs',
  /** Sleepers that this thread has woken. */
  'wakes',
  /** Handlers that were seen to run for 100 ms or longer; counted by the control thread. */
  'slowHandlers',
  /** Actors that were not started again because they had ended their thread twice. */
  'poisoned',
] as const;

/** What a thread counts of each of its peers; the order is that of the pair's words. */
export const PAIR_COUNTERS = [
  /** Requests accepted for the peer's actors. */
  'sent',
  /** Requests that arrived from it. */
  'received',
  /** Replies, failures and notices to it. */
  'repliesSent',
  /** The same from it. */
  'repliesArrived',
] as const;

export type PairCounterName = (typeof PAIR_COUNTERS)[number];

export const pairIndex = (name: PairCounterName): number => PAIR_COUNTERS.indexOf(name);

export type CounterName = (typeof COUNTERS)[number];

export const COUNTER_NAMES: readonly CounterName[] = COUNTERS;
export const BOOKS_LENGTH = COUNTERS.length + DEAD_REASONS.length;

const indexes = <N extends string>(names: readonly N[], first: number): Readonly<Record<N, number>> =>
  Object.fromEntries(names.map((name, index) => [name, first + index])) as Record<N, number>;

const COUNTER_INDEX = indexes(COUNTERS, 0);
const DEAD_INDEX = indexes(DEAD_REASONS, COUNTERS.length);

/** Where a counter is, from the start of a thread's books. */
export const counterIndex = (name: CounterName): number => COUNTER_INDEX[name];
export const deadIndex = (reason: DeadReason): number => DEAD_INDEX[reason];

/** The books of one thread, as their owner writes them. */
export class Books {
  readonly floats: Float64Array;
  readonly base: number;

  constructor(floats: Float64Array, base: number) {
    this.floats = floats;
    this.base = base;
  }

  /** Where a counter is in `floats`; for code that counts per message. */
  at(name: CounterName): number {
    return this.base + counterIndex(name);
  }

  add(name: CounterName, amount: number): void {
    const index = this.at(name);
    this.floats[index] = this.floats[index]! + amount;
  }

  addDead(reason: DeadReason, amount: number): void {
    const index = this.base + deadIndex(reason);
    this.floats[index] = this.floats[index]! + amount;
  }
}
