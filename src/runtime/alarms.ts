/** What this thread has to do later, unless it is taken back first. */
import { TimerWheel } from './timer-wheel.js';

export class Alarms {
  readonly #now: () => number;
  readonly #wheel: TimerWheel;
  readonly #acts: (() => void)[] = [];
  readonly #free: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
    this.#wheel = new TimerWheel(Math.floor(now()));
  }

  set(delayMs: number, act: () => void): number {
    const alarm = this.#free.pop() ?? this.#acts.length;
    this.#acts[alarm] = act;
    this.#wheel.set(alarm, Math.ceil(this.#now() + delayMs) | 0);
    return alarm;
  }

  clear(alarm: number): void {
    if (!this.#wheel.isSet(alarm)) return;
    this.#wheel.clear(alarm);
    this.#free.push(alarm);
  }

  /** Does what is due. */
  expire(now: number): void {
    if (this.#wheel.count === 0) return;
    this.#wheel.advance(Math.floor(now) | 0, (alarm) => {
      this.#free.push(alarm);
      this.#acts[alarm]!();
    });
  }

  /** Milliseconds until something may be due. */
  delay(now: number): number {
    return this.#wheel.delay(Math.floor(now) | 0);
  }
}
