/** Makes the core of one thread. */
import type { LabelRange } from '../actor/labels.js';
import { type Clock, createClock } from '../base/clock.js';
import { counterIndex } from '../mesh/books.js';
import { MeshLayout } from '../mesh/layout.js';
import type { SharedTable } from '../messages/shares.js';
import type { BirthPorts } from '../runtime/births.js';
import { Core } from '../runtime/core.js';
import type { DriverOptions, Park } from '../runtime/driver.js';
import type { RuntimeOptions } from '../runtime/options.js';
import type { Witness } from '../runtime/reports.js';
import { choosePlace, type PlacementView } from './placement.js';

/** What every thread of a system is given. Plain data: it travels to workers. */
export interface ThreadSetup {
  readonly buffer: SharedArrayBuffer;
  readonly workers: number;
  readonly ringBytes: number;
  /** `processTimeMs` at the start of the system. */
  readonly originMs: number;
  readonly runtime: RuntimeOptions;
  readonly spinMicros: number;
  readonly park: Park;
  readonly cores: number;
}

/** What a core does not do itself. */
export interface CorePorts {
  readonly clock: Clock;
  /** 0 <= result < 1. */
  readonly random: () => number;
  readonly births: BirthPorts;
  /** Whether a send may wait a little for room; see `Link`. */
  readonly waitsForRoom: boolean;
  readonly witness: Witness | undefined;
}

/** Those of a real process. */
const realPorts = (thread: number, { originMs }: ThreadSetup): CorePorts => ({
  clock: createClock(originMs),
  random: Math.random,
  births: { importModule: (url) => import(url), prepare: (details) => details },
  // The host has a user.
  waitsForRoom: thread !== 0,
  witness: undefined,
});

/**
 * @param epochs     how often each thread has been replaced so far
 * @param tellLabels tells the control thread what labels mean
 */
export const createCore = (
  thread: number,
  setup: ThreadSetup,
  epochs: readonly number[],
  shares: SharedTable,
  tellLabels: (range: LabelRange) => void,
  ports: CorePorts = realPorts(thread, setup),
): Core => {
  // Threads begin their round at different workers, or all first actors would meet on one.
  let turn = Math.max(0, thread - 1);
  const loads = new LoadEstimate(setup);
  const view: PlacementView = {
    workers: setup.workers,
    next: () => turn++,
    isThere: (other) => core.mesh.links[other]?.lost === undefined,
    load: (other) => loads.read(other),
  };
  const core: Core = new Core({
    buffer: setup.buffer,
    thread,
    workers: setup.workers,
    ringBytes: setup.ringBytes,
    epochs,
    options: setup.runtime,
    shares,
    tellLabels,
    ...ports,
    place: (place) => {
      const chosen = choosePlace(place, view);
      if (chosen !== thread) loads.sent(chosen);
      return chosen;
    },
  });
  return core;
};

/** Actors on each thread by its books, and those that were sent there since its books last moved. */
class LoadEstimate {
  readonly #floats: Float64Array;
  readonly #layout: MeshLayout;
  readonly #spawned: number[] = [];
  readonly #underway: number[] = [];

  constructor(setup: ThreadSetup) {
    this.#floats = new Float64Array(setup.buffer);
    this.#layout = new MeshLayout(setup);
  }

  sent(thread: number): void {
    this.#underway[thread] = (this.#underway[thread] ?? 0) + 1;
  }

  read(thread: number): number {
    const base = this.#layout.booksFloat(thread);
    const spawned = this.#floats[base + counterIndex('actorsSpawned')]!;
    const arrived = spawned - (this.#spawned[thread] ?? 0);
    this.#spawned[thread] = spawned;
    const underway = Math.max(0, (this.#underway[thread] ?? 0) - arrived);
    this.#underway[thread] = underway;
    const ended = counterIndex('actorsEnded');
    return spawned - this.#floats[base + ended]! - this.#floats[this.#layout.estateFloat(thread) + ended]! + underway;
  }
}

export const driverOptions = (setup: ThreadSetup, tight: boolean, keepAlive: boolean): DriverOptions => ({
  spinMicros: setup.spinMicros,
  park: setup.park,
  cores: setup.cores,
  tight,
  keepAlive,
});
