/**
 * The calls of a thread that wait for a reply. Each settles exactly once: by its reply, a failure, its deadline, its
 * AbortSignal, or the end of the thread that it went to.
 *
 * A call's number is its place in a table (20 bits) and a count of those that had the place before (11 bits). So a late reply
 * finds nobody, unless the place was used exactly 2,048 times, or a multiple, since its call was given up.
 */
import type { BoundMessage } from '../actor/behavior.js';
import type { AnyRef } from '../actor/ref.js';
import { CallTimeout, type Facts, LimitReached, withoutStack } from '../base/errors.js';
import { CALL_INDEX_BITS, CALLS_MAX } from '../base/limits.js';
import { TimerWheel } from './timer-wheel.js';

const INDEX_MASK = CALLS_MAX - 1;
const NO_CALL = -1;

type Resolve = (value: unknown) => void;

/** One place of the table. */
export class PendingCall {
  readonly index: number;
  /** Its number at present, or -1. */
  call = NO_CALL;
  /** Where the reply will come from. */
  thread = 0;
  /** What was sent; undefined for what the runtimes ask each other. */
  message: BoundMessage | undefined = undefined;
  /** Of a spawn: what it resolves with. */
  ref: AnyRef | undefined = undefined;
  timeoutMs = 0;
  signal: AbortSignal | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;
  listens = false;
  #uses = 0;
  #resolve: Resolve | undefined = undefined;

  constructor(index: number) {
    this.index = index;
  }

  promise(): Promise<unknown> {
    const promise = new Promise(capture);
    this.listens = false;
    this.#resolve = resolveOf;
    resolveOf = undefined;
    return promise;
  }

  /** Settles what `promise` gave out, and lets go of it: the place outlives the call. */
  resolve(value: unknown): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(value);
  }

  /** By a rejected promise: so each open call keeps one function, not two, for the garbage collector to carry. */
  reject(error: unknown): void {
    this.resolve(this.listens ? error : Promise.reject(error));
  }

  /** Whoever waits wants to hear the answer at once, and takes an error for one. */
  listen(settle: Resolve): void {
    this.listens = true;
    this.#resolve = settle;
  }

  /** Begins anew, with a number of its own. */
  nextCall(): number {
    this.#uses = (this.#uses + 1) & ((1 << (31 - CALL_INDEX_BITS)) - 1);
    return (this.#uses << CALL_INDEX_BITS) | this.index;
  }
}

// The executor of a promise runs at once, so this hands its function over without a closure for each call.
let resolveOf: Resolve | undefined;
const capture = (resolve: Resolve): void => {
  resolveOf = resolve;
};

/** Instead of a deadline: there is none, or it is not known yet. */
export const UNDATED = 0;

/** What a table of calls needs to know. */
export interface CallsPorts {
  readonly now: () => number;
  /** The error of a spawn that has not finished in time. */
  readonly lateSpawn: (ref: AnyRef, timeoutMs: number) => Error;
  /** A deadline has passed. */
  readonly timedOut: (thread: number, message: BoundMessage | undefined, timeoutMs: number, error: Error) => void;
}

const lateCall = (message: BoundMessage | undefined, facts: Facts): CallTimeout =>
  new CallTimeout(`${message?.where ?? 'the request'} was not answered in time`, facts);

/** How long a call may be open before the wheel knows its deadline. */
const FRESH_MS = 1;

/** In ms of the system's clock, as an int32; never `UNDATED`: a millisecond later does no harm. */
const deadlineOf = (now: number, timeoutMs: number): number => Math.ceil(now + timeoutMs) | 0 || 1;

/** Whole milliseconds until a deadline, negative once it has passed: a call that is given them has the same deadline. */
export const remainingMs = (deadline: number, now: number): number =>
  deadline === UNDATED ? Number.POSITIVE_INFINITY : (deadline - Math.ceil(now)) | 0;

export class Calls {
  /** Set by `open`: the number of the new call. */
  openedCall = NO_CALL;

  readonly #places: PendingCall[] = [];
  readonly #free: number[] = [];
  readonly #wheel: TimerWheel;
  readonly #ports: CallsPorts;
  #openCount = 0;
  /** Calls with the usual deadline that are not yet in the wheel, and since when the first of them is here. */
  readonly #freshCalls: number[] = [];
  readonly #freshDeadlines: number[] = [];
  #freshSince = 0;
  /** Calls that are committed to a ring, and the words of their deadlines there. */
  readonly #undatedCalls: number[] = [];
  readonly #undatedWords: number[] = [];

  constructor(ports: CallsPorts) {
    this.#ports = ports;
    this.#wheel = new TimerWheel(Math.floor(ports.now()));
  }

  /** How many wait. */
  get count(): number {
    return this.#openCount;
  }

  /**
   * Opens a call. Its time begins to run with `date`, or `dateLater`.
   *
   * @param message   what is sent; undefined for what the runtimes ask each other
   * @param timeoutMs Infinity: no deadline
   * @param signal    one that is not aborted yet
   * @throws LimitReached
   */
  open(
    thread: number,
    message: BoundMessage | undefined,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const place = this.#takePlace();
    const promise = place.promise();
    const call = this.#begin(place, thread, message, timeoutMs);
    this.openedCall = call;
    if (signal !== undefined) this.#listen(place, call, signal);
    return promise;
  }

  /**
   * Opens a call of the runtimes without a deadline, whose answer, or error, is heard in the order in which answers arrive.
   * Returns its number.
   *
   * @throws LimitReached
   */
  listen(thread: number, settle: (answer: unknown) => void): number {
    const place = this.#takePlace();
    place.listen(settle);
    return this.#begin(place, thread, undefined, Number.POSITIVE_INFINITY);
  }

  #begin(place: PendingCall, thread: number, message: BoundMessage | undefined, timeoutMs: number): number {
    place.thread = thread;
    place.message = message;
    place.ref = undefined;
    place.timeoutMs = timeoutMs;
    const call = place.nextCall();
    place.call = call;
    this.#openCount++;
    return call;
  }

  /** The deadline of a call that is sent now, in ms of the system's clock as an int32, or `UNDATED`. */
  date(call: number): number {
    const place = this.#places[call & INDEX_MASK]!;
    if (place.call !== call || place.timeoutMs === Number.POSITIVE_INFINITY) return UNDATED;
    const deadline = deadlineOf(this.#ports.now(), place.timeoutMs);
    this.#wheel.set(place.index, deadline);
    return deadline;
  }

  /**
   * Leaves the deadline of a call, whose record is in a ring but not yet published, to `dateAll`: a look at the clock
   * for each would cost as much as all else about it.
   */
  dateLater(call: number, word: number): void {
    this.#undatedCalls.push(call);
    this.#undatedWords.push(word);
  }

  /** Writes the deadlines that were left for later; before anything is published. */
  dateAll(words: Int32Array): void {
    const now = this.#ports.now();
    const calls = this.#undatedCalls;
    const places = this.#undatedWords;
    if (this.#freshCalls.length === 0) this.#freshSince = now;
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i]!;
      const deadline = deadlineOf(now, this.#places[call & INDEX_MASK]!.timeoutMs);
      words[places[i]!] = deadline;
      this.#freshCalls.push(call);
      this.#freshDeadlines.push(deadline);
    }
    calls.length = 0;
    places.length = 0;
  }

  /** Puts the calls into the wheel that were not answered at once, as nearly all are. */
  #sortIn(): void {
    const calls = this.#freshCalls;
    // The latest first: of a place that was used 2,048 times meanwhile, an earlier call has the number of the one that is open.
    for (let i = calls.length - 1; i >= 0; i--) {
      const call = calls[i]!;
      const { index, call: open } = this.#places[call & INDEX_MASK]!;
      if (open === call && !this.#wheel.isSet(index)) this.#wheel.set(index, this.#freshDeadlines[i]!);
    }
    calls.length = 0;
    this.#freshDeadlines.length = 0;
  }

  #takePlace(): PendingCall {
    const free = this.#free.pop();
    if (free !== undefined) return this.#places[free]!;
    const index = this.#places.length;
    if (index >= CALLS_MAX) {
      throw withoutStack(
        () =>
          new LimitReached('too many calls wait for a reply; await some before you make more', { calls: CALLS_MAX }),
      );
    }
    const place = new PendingCall(index);
    this.#places.push(place);
    return place;
  }

  /** What a spawn resolves with. */
  setRef(call: number, ref: AnyRef): void {
    const place = this.#places[call & INDEX_MASK];
    if (place !== undefined && place.call === call) place.ref = ref;
  }

  #listen(place: PendingCall, call: number, signal: AbortSignal): void {
    place.signal = signal;
    place.onAbort = () => {
      this.take(call)?.reject(signal.reason);
    };
    signal.addEventListener('abort', place.onAbort, { once: true });
  }

  /**
   * Takes a call out of the table, for the caller to settle: read what is needed at once, the place is used again.
   * Undefined if nobody waits any more.
   */
  take(call: number): PendingCall | undefined {
    const place = this.#places[call & INDEX_MASK];
    if (place === undefined || place.call !== call || call === NO_CALL) return undefined;
    place.call = NO_CALL;
    this.#openCount--;
    if (place.timeoutMs !== Number.POSITIVE_INFINITY) this.#wheel.clear(place.index);
    if (place.signal !== undefined) {
      place.signal.removeEventListener('abort', place.onAbort!);
      place.signal = undefined;
      place.onAbort = undefined;
    }
    this.#free.push(place.index);
    return place;
  }

  /** Rejects the calls whose deadline has passed. */
  expire(now: number): void {
    if (this.#freshCalls.length > 0 && now - this.#freshSince >= FRESH_MS) this.#sortIn();
    if (this.#wheel.count === 0) return;
    this.#wheel.advance(Math.floor(now) | 0, (index) => {
      const place = this.#places[index]!;
      const { call, message, ref, thread, timeoutMs } = place;
      this.take(call);
      const error =
        ref === undefined
          ? withoutStack(() => lateCall(message, { timeoutMs, thread }))
          : this.#ports.lateSpawn(ref, timeoutMs);
      place.reject(error);
      this.#ports.timedOut(thread, message, timeoutMs, error);
    });
  }

  /** Milliseconds until the next deadline may pass. */
  delay(now: number): number {
    this.#sortIn();
    return this.#wheel.delay(Math.floor(now) | 0);
  }

  /** Rejects all calls. */
  rejectAll(error: Error): void {
    for (const { call } of [...this.#places]) this.take(call)?.reject(error);
  }

  /** Whether somebody still waits for it. */
  isOpen(call: number): boolean {
    return call !== NO_CALL && this.#places[call & INDEX_MASK]?.call === call;
  }

  /** A thread has ended: tells those who waited for the end of an actor there, and then rejects the other calls to it. */
  loseThread(thread: number, error: Error, ended: unknown): void {
    const lost = this.#places.filter((place) => place.call !== NO_CALL && place.thread === thread);
    const ends = lost.filter(({ listens }) => listens);
    const others = lost.filter(({ listens }) => !listens);
    // Those who are told may open others to the thread that takes its place, in these places.
    for (const call of [...ends, ...others].map((place) => place.call)) {
      const place = this.take(call);
      if (place === undefined) continue;
      if (place.message === undefined && place.ref === undefined) place.resolve(ended);
      else place.reject(error);
    }
  }
}
