/** When a stage runs that no item makes run, and how many of its items it may take. */
import type { Tick } from './contract.js';
import { Metronome } from './metronome.js';
import type { Rule } from './setup.js';

/** Timers are not finer; below that, and for the rest, a periodic stage looks at the clock. */
const TIMER_MS = 2;

const LOOP: Tick = { cause: 'loop', count: 1, missed: 0 };

export interface RulePorts {
  now(): number;
  /** The stage is to run when this time has come. */
  alarmAt(ms: number): void;
  /** The stage is to run again soon. */
  again(): void;
}

export class Rules {
  readonly #rule: Rule;
  readonly #ports: RulePorts;
  #metronome: Metronome | undefined;
  #notified = 0;

  constructor(rule: Rule, ports: RulePorts) {
    this.#rule = rule;
    this.#ports = ports;
  }

  /** Items wait until the stage runs. */
  get isHolding(): boolean {
    return this.#rule === 'event' || typeof this.#rule === 'object';
  }

  get isLoop(): boolean {
    return this.#rule === 'loop';
  }

  begin(): void {
    if (typeof this.#rule === 'object') this.#metronome = new Metronome(this.#rule.everyMicros, this.#ports.now());
  }

  notify(): void {
    this.#notified++;
  }

  /** What makes the stage run now; undefined: nothing. */
  tick(): Tick | undefined {
    if (this.#rule === 'message') return undefined;
    if (this.#rule === 'loop') return LOOP;
    if (this.#rule === 'event') return this.#event();
    const missed = this.#metronome!.tick(this.#ports.now());
    if (missed === undefined) this.#awaitTick();
    return missed === undefined ? undefined : { cause: 'periodic', count: missed + 1, missed };
  }

  #event(): Tick | undefined {
    if (this.#notified === 0) return undefined;
    const count = this.#notified;
    this.#notified = 0;
    return { cause: 'event', count, missed: 0 };
  }

  #awaitTick(): void {
    const { dueMs, periodMs } = this.#metronome!;
    if (periodMs >= 2 * TIMER_MS && dueMs - this.#ports.now() > TIMER_MS) this.#ports.alarmAt(dueMs);
    else this.#ports.again();
  }
}
