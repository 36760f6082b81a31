/**
 * The timers of a thread's actors, on a wheel of their own. A timer is of one actor and dies with it; when it is due it
 * sends its actor a message through the mailbox, as anybody could, or ends it.
 *
 * The wheel knows whole milliseconds: a deadline is rounded up, so no timer is early, and what is due in one millisecond is
 * sorted by the deadlines as they were asked for, equal ones in the order in which they were set.
 *
 * A pending timer takes about 140 bytes (measured), its message not included, and no time until it is due.
 */
import type { BoundMessage } from '../actor/behavior.js';
import type { Cell } from '../actor/cell.js';
import type { KernelTimers } from '../actor/kernel.js';
import type { EveryOptions, MissedTicks, StopOptions, Timer } from '../actor/self.js';
import { OwnedTimer, type Repetition } from '../actor/timer.js';
import { describe } from '../base/describe.js';
import { InvalidMessage, InvalidOptions, LimitReached, withoutStack } from '../base/errors.js';
import { CATCH_UP_MAX, PERIOD_MS_MIN, TIMEOUT_MS_MAX, TIMERS_MAX } from '../base/limits.js';
import { checkMembers } from '../base/members.js';
import { endingDetail } from './commands.js';
import type { Core } from './core.js';
import { TimerWheel } from './timer-wheel.js';
import { type Ending, KILL, STOP } from './verbs.js';

const EVERY_OPTIONS: ReadonlySet<string> = new Set<keyof EveryOptions>(['missed']);
const MISSED: readonly MissedTicks[] = ['skip', 'catch-up', 'delay'];

const checkTime = (name: string, given: number, least: number): void => {
  if (typeof given === 'number' && given >= least && given <= TIMEOUT_MS_MAX) return;
  throw new InvalidOptions(`${name} is a number from ${least} to ${TIMEOUT_MS_MAX}`, { got: describe(given) });
};

const missedOf = (options: EveryOptions | undefined): MissedTicks => {
  if (options !== undefined) checkMembers('every', options, EVERY_OPTIONS);
  const missed = options?.missed ?? 'skip';
  if (MISSED.includes(missed)) return missed;
  throw new InvalidOptions(`every: missed is one of ${MISSED.join(', ')}`, { got: describe(missed) });
};

/** A message that an actor may send itself. @throws InvalidMessage */
const castOf = ({ behavior: { messages, details } }: Cell, verb: string, name: string): BoundMessage => {
  const found = messages.find(({ plan, isCall }) => !isCall && plan.name === name);
  if (found !== undefined) return found;
  const casts = messages.filter(({ isCall }) => !isCall).map(({ plan }) => plan.name);
  const asked = typeof name === 'string' ? JSON.stringify(name) : describe(name);
  throw new InvalidMessage(`${verb}: ${details.name} has no cast ${asked}; it has: ${casts.join(', ') || 'none'}`);
};

const byDeadline = (a: OwnedTimer, b: OwnedTimer): number => a.deadline - b.deadline || a.number - b.number;

export class Timers implements KernelTimers {
  readonly #core: Core;
  readonly #wheel: TimerWheel;
  readonly #places: (OwnedTimer | undefined)[] = [];
  readonly #free: number[] = [];
  #numbers = 0;
  /** Those of one millisecond that are due. */
  readonly #due: OwnedTimer[] = [];

  constructor(core: Core) {
    this.#core = core;
    this.#wheel = new TimerWheel(Math.floor(core.clock.now()));
  }

  // ---- setting and cancelling -------------------------------------------------------------------------------------

  after(cell: Cell, delayMs: number, name: string, message: unknown): Timer {
    checkTime('after: delayMs', delayMs, 0);
    const cast = castOf(cell, 'after', name);
    return this.#add(cell, delayMs, cast, cast.take(cast.given(message)), undefined);
  }

  every(cell: Cell, periodMs: number, name: string, message: unknown, options: EveryOptions | undefined): Timer {
    checkTime('every: periodMs', periodMs, PERIOD_MS_MIN);
    const missed = missedOf(options);
    const cast = castOf(cell, 'every', name);
    return this.#add(cell, periodMs, cast, cast.take(cast.given(message)), { periodMs, missed, skipped: 0 });
  }

  stopAfter(cell: Cell, delayMs: number, options: StopOptions | undefined): Timer {
    checkTime('stopAfter: delayMs', delayMs, 0);
    return this.#add(cell, delayMs, STOP, endingDetail(options, 'stopped'), undefined);
  }

  killAfter(cell: Cell, delayMs: number, options: StopOptions | undefined): Timer {
    checkTime('killAfter: delayMs', delayMs, 0);
    return this.#add(cell, delayMs, KILL, endingDetail(options, 'killed'), undefined);
  }

  #add(
    owner: Cell,
    delayMs: number,
    action: BoundMessage | Ending,
    value: unknown,
    repetition: Repetition | undefined,
  ): Timer {
    const place = this.#takePlace();
    const now = this.#core.clock.now();
    const timer = new OwnedTimer(owner, place, this.#numbers++, now + delayMs, action, value, repetition);
    this.#places[place] = timer;
    const rare = owner.demandRare();
    timer.next = rare.timers;
    if (rare.timers !== undefined) rare.timers.previous = timer;
    rare.timers = timer;
    // A wheel that was empty has not followed the clock.
    if (this.#wheel.count === 0) this.#wheel.advance(Math.floor(now) | 0, () => undefined);
    this.#wind(timer);
    // A driver that sleeps does not know yet when it has to wake.
    if (!this.#core.mesh.inTurn) this.#core.driver.flushSoon();
    return timer;
  }

  #takePlace(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const place = this.#places.length;
    if (place < TIMERS_MAX) return place;
    throw withoutStack(
      () => new LimitReached('too many timers are set on this thread; cancel some', { timers: TIMERS_MAX }),
    );
  }

  #wind({ place, deadline }: OwnedTimer): void {
    this.#wheel.set(place, Math.ceil(deadline) | 0);
  }

  /** Whether this is why the timer will not fire. */
  cancel(timer: OwnedTimer): boolean {
    if (timer.owner === undefined) return false;
    this.#wheel.clear(timer.place);
    this.#release(timer);
    return true;
  }

  /** The actor has ended. */
  cancelAll({ rare }: Cell): void {
    while (rare?.timers !== undefined) this.cancel(rare.timers);
  }

  /** A timer is over: nothing leads to it any more but those who hold it. */
  #release(timer: OwnedTimer): void {
    const { owner, next, previous } = timer;
    if (next !== undefined) next.previous = previous;
    if (previous !== undefined) previous.next = next;
    else owner!.rare!.timers = next;
    timer.owner = undefined;
    timer.next = undefined;
    timer.previous = undefined;
    this.#places[timer.place] = undefined;
    this.#free.push(timer.place);
  }

  // ---- firing -----------------------------------------------------------------------------------------------------

  /** Fires what is due. Not to be called while a handler is about to run, or runs. */
  expire(now: number): void {
    if (this.#wheel.count === 0 || this.#core.halted) return;
    this.#wheel.advance(
      Math.floor(now) | 0,
      (place) => this.#due.push(this.#places[place]!),
      () => this.#fireDue(now),
    );
  }

  /** Milliseconds until the next timer may be due. */
  delay(now: number): number {
    return this.#core.halted ? Number.POSITIVE_INFINITY : this.#wheel.delay(Math.floor(now) | 0);
  }

  #fireDue(now: number): void {
    const due = this.#due;
    if (due.length > 1) due.sort(byDeadline);
    // One may end its actor, and so cancel others.
    for (const timer of due) if (timer.owner !== undefined) this.#fire(timer, timer.owner, now);
    due.length = 0;
    this.#core.wake();
  }

  #fire(timer: OwnedTimer, owner: Cell, now: number): void {
    const { action, value, repetition } = timer;
    if (repetition === undefined) this.#release(timer);
    else if (!this.#repeat(timer, repetition, now)) return;
    if (typeof action === 'number')
      this.#core.life.command(owner, action as Ending, value as string, Number.POSITIVE_INFINITY);
    else {
      this.#core.mesh.books.add('queued', 1);
      this.#core.admit(owner, action, value, this.#core.thread);
    }
  }

  /** Sets a timer for its next tick. Returns whether this one is to be sent. */
  #repeat(timer: OwnedTimer, repetition: Repetition, now: number): boolean {
    const { periodMs, missed } = repetition;
    const late = Math.floor((now - timer.deadline) / periodMs);
    // All that are due already but the last ones.
    const leftOut = missed === 'skip' ? late : missed === 'catch-up' ? Math.max(0, late + 1 - CATCH_UP_MAX) : 0;
    const sent = missed !== 'catch-up' || leftOut === 0;
    repetition.skipped += leftOut;
    timer.deadline = missed === 'delay' ? now + periodMs : timer.deadline + (leftOut + (sent ? 1 : 0)) * periodMs;
    this.#wind(timer);
    return sent;
  }
}
