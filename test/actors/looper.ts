/** Actors that keep their thread, in each way in which that can happen. */
import { pbkdf2Sync } from 'node:crypto';
import { call, defineActor, i32 } from 'heddle';

const spin = (): never => {
  for (;;) Math.random();
};

const spinMicrotasks = (): void => queueMicrotask(spinMicrotasks);

/** A step that takes longer was interrupted. */
const STEP_MS = 5;

const spec = {
  protocol: {
    note: {},
    loop: {},
    /** The same in a call. */
    loopCall: call({}, i32),
    /** Returns, and leaves a loop of microtasks behind. */
    microtasks: {},
    /** Returns, and leaves a timer behind whose callback never ends. */
    timer: {},
    /** Native code that cannot be interrupted, for so many rounds of some 0.5 us. */
    compute: { rounds: i32 },
    /** Returns after so many ms, of which those do not count in which it did not run. */
    work: call({ ms: i32 }, i32),
    exit: {},
  },
  init: (_self: unknown, args: 'loops' | undefined) => (args === 'loops' ? spin() : {}),
  on: {
    note: () => undefined,
    loop: spin,
    loopCall: spin,
    microtasks: spinMicrotasks,
    timer: () => void setTimeout(spin, 1),
    compute: (_state: object, { rounds }: { readonly rounds: number }) => void pbkdf2Sync('', '', rounds, 64, 'sha512'),
    work(_state: object, { ms }: { readonly ms: number }) {
      let last = performance.now();
      for (let spent = 0; spent < ms; ) {
        const now = performance.now();
        spent += Math.min(now - last, STEP_MS);
        last = now;
      }
      return ms;
    },
    exit: () => process.exit(3),
  },
};

export const BUDGET_MS = 200;

/** May take any time. */
export const Looper = defineActor(import.meta.url, 'Looper', spec);

/** May not. */
export const Bounded = defineActor(import.meta.url, 'Bounded', { ...spec, budgetMs: BUDGET_MS });

/** The longest name, of characters that take the most room. */
export const Wordy = defineActor(import.meta.url, '長'.repeat(200), spec);
