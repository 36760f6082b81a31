/**
 * Decides what happens next in a simulation, by its seed: which thread makes a step, how long one is held up, how far promises
 * get in between, when a death is heard of, and when the clock moves. Nothing else decides anything.
 *
 * Whoever waits for something gives the schedule a goal. As long as there is one the schedule goes on; where it cannot, the
 * goal fails, and says what is still under way.
 */
import type { Fail } from './failure.js';
import type { Random } from './random.js';
import type { SimulatedOwner } from './simulated-owner.js';
import type { SimulatedThread } from './simulated-thread.js';
import { drainMicrotasks, microtask } from './turns.js';
import type { VirtualClock } from './virtual-clock.js';

export interface Goal {
  /** For people: `until: the promise has not settled`. */
  readonly what: string;
  /** Whether it is reached; asked after every step, and once nothing is left to do now (`idle`). */
  readonly isMet: (idle: boolean) => boolean;
  /** How far the clock may be moved for it, in virtual ms. */
  readonly until: number;
  /** Whether it is reached at that time, though nothing else happens. */
  readonly byTime: boolean;
}

interface OpenGoal extends Goal {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  steps: number;
}

export interface ScheduleSetup {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly host: SimulatedThread;
  readonly owner: SimulatedOwner;
  /** Steps that one goal may take. */
  readonly stepsMax: number;
  /** How far the clock may move at a time although there is something to do, in ms. */
  readonly driftMs: number;
  readonly fail: Fail;
  /** What is under way, for people. */
  readonly describe: () => string;
}

/** One step in so many is followed by microtasks, and by at most so many of each chain. */
const STEPS_PER_MICROTASKS = 2;
const MICROTASKS_MAX = 4;
/** One step in so many holds a thread up, for at most so many steps. */
const STEPS_PER_DELAY = 32;
const DELAY_MAX = 64;
/** One step in so many is the owner's, while it has something to do. */
const STEPS_PER_OWNER = 8;
/** One step in so many moves the clock, where it may. */
const STEPS_PER_DRIFT = 8;

export class Schedule {
  readonly #setup: ScheduleSetup;
  readonly #goals = new Set<OpenGoal>();
  /** Threads that are held up, and until which step. */
  readonly #delayed = new Map<SimulatedThread, number>();
  #steps = 0;
  #going = false;
  /** A step has settled promises: those who wait for them come first. */
  #owesMicrotasks = false;

  constructor(setup: ScheduleSetup) {
    this.#setup = setup;
  }

  /** Goes on until the goal is reached. @throws SimulationFailed */
  drive(goal: Goal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#goals.add({ ...goal, resolve, reject, steps: 0 });
      if (!this.#going) void this.#go();
    });
  }

  async #go(): Promise<void> {
    this.#going = true;
    try {
      while (this.#goals.size > 0) await this.#goOn();
    } catch (error) {
      for (const goal of this.#goals) this.#close(goal, error as Error);
    }
    this.#going = false;
  }

  async #goOn(): Promise<void> {
    if (this.#stepOne()) {
      await this.#letMicrotasks();
      this.#look(false);
      return;
    }
    await drainMicrotasks();
    this.#look(false);
    if (this.#isRunnable || this.#goals.size === 0) return;
    this.#checkIdle();
    this.#look(true);
    if (this.#goals.size > 0) this.#moveOn();
  }

  // ---- steps ------------------------------------------------------------------------------------------------------

  get #threads(): SimulatedThread[] {
    return [this.#setup.host, ...this.#setup.owner.threads];
  }

  get #runnable(): SimulatedThread[] {
    const now = this.#setup.clock.now();
    return this.#threads.filter((thread) => thread.isRunnable(now));
  }

  get #isRunnable(): boolean {
    return this.#setup.owner.isRunnable || this.#runnable.length > 0;
  }

  /** Returns whether there was anything to do. */
  #stepOne(): boolean {
    const { random, owner, clock, driftMs } = this.#setup;
    const runnable = this.#runnable;
    if (runnable.length === 0 && !owner.isRunnable) return false;
    this.#steps++;
    if (driftMs > 0 && random.below(STEPS_PER_DRIFT) === 0) this.#drift(clock.now() + random.next() * driftMs);
    if (owner.isRunnable && (runnable.length === 0 || random.below(STEPS_PER_OWNER) === 0)) owner.step();
    else {
      const thread = this.#choose(runnable);
      if (thread.step()) this.#owesMicrotasks = true;
      if (random.below(STEPS_PER_DELAY) === 0) this.#delayed.set(thread, this.#steps + random.below(DELAY_MAX));
    }
    return true;
  }

  /** One of those that are not held up, if there is one. */
  #choose(runnable: readonly SimulatedThread[]): SimulatedThread {
    const free = runnable.filter((thread) => (this.#delayed.get(thread) ?? 0) <= this.#steps);
    return this.#setup.random.pick(free.length > 0 ? free : runnable);
  }

  async #letMicrotasks(): Promise<void> {
    const { random } = this.#setup;
    if (!this.#owesMicrotasks && random.below(STEPS_PER_MICROTASKS) > 0) return;
    this.#owesMicrotasks = false;
    for (let left = 1 + random.below(MICROTASKS_MAX); left > 0; left--) await microtask();
  }

  // ---- time -------------------------------------------------------------------------------------------------------

  /** The latest time that somebody wants, but no later than the next that somebody is to be told of. */
  #drift(time: number): void {
    this.#setup.clock.moveTo(Math.min(time, this.#limit));
  }

  /** The clock moves at most this far: past no goal that wants to see that time. */
  get #limit(): number {
    const { clock } = this.#setup;
    const untils = [...this.#goals].map(({ until }) => until).filter((until) => until > clock.now());
    return untils.length === 0 ? clock.now() : Math.min(...untils);
  }

  /** When there is next something to do. */
  get next(): number {
    const { clock } = this.#setup;
    const now = clock.now();
    return this.#threads.reduce((next, thread) => Math.min(next, thread.due(now)), clock.next);
  }

  /** Nothing is left to do now: to the next time at which there is. */
  #moveOn(): void {
    const { next } = this;
    const goals = [...this.#goals];
    if (next < Number.POSITIVE_INFINITY || goals.some(({ byTime }) => byTime)) {
      this.#setup.clock.moveTo(Math.min(next, this.#limit));
    } else for (const goal of goals) this.#miss(goal, 'nothing is left to do');
  }

  // ---- goals ------------------------------------------------------------------------------------------------------

  #look(idle: boolean): void {
    for (const goal of this.#goals) {
      if (goal.isMet(idle)) this.#close(goal, undefined);
      else if (++goal.steps > this.#setup.stepsMax) this.#miss(goal, `it has taken ${this.#setup.stepsMax} steps`);
      else if (idle && this.#setup.clock.now() >= goal.until) this.#miss(goal, 'its time is over');
    }
  }

  #close(goal: OpenGoal, error: Error | undefined): void {
    this.#goals.delete(goal);
    if (error === undefined) goal.resolve();
    else goal.reject(error);
  }

  #miss(goal: OpenGoal, why: string): void {
    this.#close(goal, this.#setup.fail(`${goal.what}: ${why}. ${this.#setup.describe()}`));
  }

  /** What must hold whenever there is nothing to do. */
  #checkIdle(): void {
    const { owner, fail, describe } = this.#setup;
    const late = this.#threads.find((thread) => thread.hasMissedWake);
    if (late !== undefined) {
      throw fail(`thread ${late.thread} sleeps although it has something to do: a wake was missed. ${describe()}`);
    }
    if (owner.isSettling) throw fail(`the books of a thread that has died stay open. ${describe()}`);
  }
}
