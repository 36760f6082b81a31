/**
 * One life of a simulated thread: drives its core as the loop of a real thread does, but a step at a time, when it is told to.
 *
 * ```
 *             step finds nothing, and a last look finds nothing      bell, kick, or a deadline
 *   AWAKE ------------------------------------------------> ASLEEP --------------------------> AWAKE
 * ```
 */
import type { Core, Driver } from '../runtime/core.js';
import type { Death } from '../scheduler/death.js';
import type { HostDriver } from '../scheduler/host-system.js';
import type { Random } from './random.js';
import { restore, silence } from './silence.js';

/** One step in so many also looks at the clock. */
const STEPS_PER_LOOK = 4;
/** One send from outside of a turn in so many is published by a microtask, and not by the next step. */
const SENDS_PER_FLUSH = 2;

/** Leaves a handler whose thread dies in it. */
class Unwound extends Error {
  override readonly name = 'Unwound';

  constructor() {
    super('the simulated thread has ended');
  }
}

/** To be called before any code of an actor runs: none does on a thread that has died, while its last step is unwound. */
export const checkAlive = ({ halted }: Core): void => {
  if (halted) throw new Unwound();
};

export class SimulatedThread implements Driver, HostDriver {
  readonly core: Core;
  readonly thread: number;
  /** How it dies, once that is decided. */
  death: Death | undefined;
  readonly #random: Random;
  #running = true;
  #asleep = false;
  #kicked = false;
  #flushing = false;
  #onStack = false;
  /** All shared memory at the moment of its death. */
  #remains: Uint8Array | undefined;
  #resolveRun: () => void = () => undefined;

  constructor(core: Core, random: Random) {
    this.core = core;
    this.thread = core.thread;
    this.#random = random;
    core.driver = this;
  }

  // ---- what the core, and the host, ask for -----------------------------------------------------------------------

  wake(): void {
    this.#kicked = true;
  }

  flushSoon(): void {
    if (this.#flushing) return;
    if (!this.#asleep && this.#random.below(SENDS_PER_FLUSH) > 0) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.death !== undefined) return;
      this.core.flush();
      // A sleeper does not know yet of what came with what was sent: a wish for room.
      if (this.core.waitsForRoom) this.#kicked = true;
    });
  }

  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolveRun = resolve;
    });
  }

  stop(): void {
    this.#running = false;
    this.#resolveRun();
  }

  // ---- what the schedule asks for ---------------------------------------------------------------------------------

  /** When the clock next gives it something to do. */
  due(now: number): number {
    return this.#running ? Math.floor(now) + this.core.delay(now) : Number.POSITIVE_INFINITY;
  }

  /** Whether a step of it may find something to do. */
  isRunnable(now: number): boolean {
    if (!this.#running) return false;
    return !this.#asleep || this.#kicked || !this.core.mesh.bell.asleep || this.due(now) <= now;
  }

  /** Whether it sleeps and has something to do: it was not woken, and would not be. */
  get hasMissedWake(): boolean {
    return this.#running && this.#asleep && this.core.hasWork();
  }

  /** Returns whether promises were settled, which code may wait for. */
  step(): boolean {
    const { core } = this;
    this.#onStack = true;
    try {
      return this.#step();
    } finally {
      this.#onStack = false;
      if (this.#remains !== undefined) {
        // What has happened since its death has not.
        restore(core, this.#remains);
        this.#remains = undefined;
        silence(core);
      }
    }
  }

  #step(): boolean {
    const { core } = this;
    if (this.#asleep) this.#getUp();
    const count = core.step();
    if (core.turnDue) core.turned();
    else if (this.#random.below(STEPS_PER_LOOK) === 0) core.tick();
    const { microtasks } = core;
    core.microtasks = false;
    if (count === 0 && !microtasks && this.#running) this.#sleep();
    return microtasks;
  }

  #getUp(): void {
    this.#asleep = false;
    this.core.mesh.bell.disarm();
    this.core.turned();
  }

  #sleep(): void {
    const { core } = this;
    this.#kicked = false;
    core.prepareSleep();
    core.tick();
    core.mesh.bell.arm();
    this.#asleep = !core.mustStayAwake();
    if (this.#asleep) core.mesh.books.add('sleeps', 1);
    else core.mesh.bell.disarm();
  }

  /**
   * Its thread dies: it is never stepped again. Called from code that it is running, this does not return.
   */
  die(death: Death): void {
    this.death = death;
    this.#running = false;
    if (this.#onStack) {
      const { memory } = this.core.mesh.tools;
      this.#remains = memory.u8.slice();
      this.core.halted = true;
      throw new Unwound();
    }
    silence(this.core);
  }
}
