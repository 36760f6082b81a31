/** Time that stands still until somebody moves it. */
import type { Clock } from '../base/clock.js';
import { DeadlinePassed } from '../base/errors.js';
import type { Pace } from '../scheduler/host-system.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export class VirtualClock implements Clock, Pace {
  #now = 0;
  /** The first to wake first. */
  readonly #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  /** When the first sleeper wakes; Infinity: nobody sleeps. */
  get next(): number {
    return this.#sleepers[0]?.until ?? Number.POSITIVE_INFINITY;
  }

  /** Moves on, and wakes whoever is due, in order. */
  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    while (this.next <= this.#now) this.#sleepers.shift()!.wake();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#add(ms, resolve));
  }

  async withDeadline<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
    let sleeper: Sleeper | undefined;
    const late = new Promise<never>((_, reject) => {
      sleeper = this.#add(deadlineMs, () => reject(new DeadlinePassed(`${what} took too long`, { deadlineMs })));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      const index = this.#sleepers.indexOf(sleeper!);
      if (index >= 0) this.#sleepers.splice(index, 1);
    }
  }

  #add(ms: number, wake: () => void): Sleeper {
    const sleeper = { until: this.#now + ms, wake };
    const after = this.#sleepers.findIndex(({ until }) => until > sleeper.until);
    this.#sleepers.splice(after < 0 ? this.#sleepers.length : after, 0, sleeper);
    return sleeper;
  }
}
