/** Cores without threads: all in this one, driven step by step, under a clock that the test sets. */
import type { Place } from '../../src/actor/self.js';
import { MeshLayout } from '../../src/mesh/layout.js';
import { SharedTable } from '../../src/messages/shares.js';
import { Core } from '../../src/runtime/core.js';

export interface Cores {
  readonly all: readonly Core[];
  /** Steps every core in turn until none finds anything to do, microtasks included. */
  settle(): Promise<void>;
  /** Steps every core until a promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>;
  /** Moves the clock, and lets every core look at it. */
  advance(ms: number): Promise<void>;
}

const RING_BYTES = 4096;

export const makeCores = (workers: number, { traceContext = false } = {}): Cores => {
  const buffer = new SharedArrayBuffer(new MeshLayout({ workers, ringBytes: RING_BYTES }).totalBytes);
  let now = 1000;
  const all = Array.from(
    { length: workers + 1 },
    (_, thread) =>
      new Core({
        buffer,
        thread,
        workers,
        ringBytes: RING_BYTES,
        epochs: Array.from({ length: workers + 1 }, () => 0),
        options: {
          strict: true,
          mailboxLimit: 1000,
          outboxBytes: 1 << 20,
          callTimeoutMs: 5000,
          importTimeoutMs: 1000,
          traceContext,
        },
        clock: { now: () => now },
        shares: new SharedTable(),
        random: () => 0.5,
        tellLabels: () => undefined,
        births: { importModule: async () => undefined, prepare: (details) => details },
        waitsForRoom: false,
        witness: undefined,
        place: (place: Place | undefined) => (typeof place === 'number' ? place : thread),
      }),
  );
  const stepAll = (): number => all.reduce((sum, core) => sum + core.step(), 0);
  const settle = async (): Promise<void> => {
    for (let idle = false; !idle; ) {
      idle = stepAll() === 0 && !all.some((core) => core.hasWork());
      for (const core of all) core.turned();
      // Everything that waits for promises of ours goes on.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    all,
    settle,
    async settled(promise) {
      let isSettled = false;
      const note = (): void => {
        isSettled = true;
      };
      promise.then(note, note);
      while (!isSettled) await settle();
      return await promise;
    },
    async advance(ms) {
      now += ms;
      for (const core of all) core.tick();
      await settle();
    },
  };
};
