/**
 * death: a worker ends itself by `process.exit`; how long until an actor on the thread that replaces it has answered, seen
 * from the other worker. death-blocked: the same while nothing of the host's event loop runs for three seconds.
 *
 * A pool of piscina lives on the host: there it is the time until the next task has answered.
 */
import { createSystem } from 'heddle';
import { Mortal, Witness } from '../actors/witness.js';
import { makePool } from '../contestants/piscina.js';
import { check } from '../harness/check.js';
import type { Contestant, Workload } from '../harness/workload.js';

const DYING = 1;
const WATCHING = 2;
const BLOCK_MS = 3_000;
const ROUNDS = 3;
const ADD = new URL('../rivals/piscina-add.js', import.meta.url).href;

/** Lets nothing else of this thread run. */
const block = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** What is under way leaves this thread first. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const heddle = (figure: string, blockMs: number): Contestant => ({
  system: 'heddle',
  open: async () => {
    const system = await createSystem({ threads: 2 });
    const witness = await system.spawn(Witness, undefined, { place: WATCHING });
    return {
      sample: async () => {
        const mortal = await system.spawn(Mortal, undefined, { place: DYING });
        const time = witness.time({ mortal, thread: DYING }, { timeoutMs: 60_000 });
        await nextTurn();
        if (blockMs > 0) block(blockMs);
        return [{ figure, value: await time }];
      },
      close: async () => check('messages that are unaccounted for', (await system.shutdown()).unaccounted, 0),
    };
  },
});

const piscina = (figure: string, blockMs: number): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-exit', threads: 1 });
    return {
      sample: async () => {
        const began = performance.now();
        const died = pool.run(undefined).catch(() => undefined);
        await nextTurn();
        if (blockMs > 0) block(blockMs);
        await died;
        check('the sum', await pool.run({ a: 1, b: 1 }, { filename: ADD }), 2);
        return [{ figure, value: performance.now() - began }];
      },
      close: () => pool.close(),
    };
  },
});

const workload = (title: string, figure: string, blockMs: number): Workload => ({
  title,
  figures: { [figure]: 'ms' },
  contestants: () => [heddle(figure, blockMs), piscina(figure, blockMs)],
});

export const death = workload('a worker dies, until its replacement has answered', 'death', 0);

export const deathBlocked: Workload = {
  ...workload('the same while the host is blocked for three seconds', 'death-blocked', BLOCK_MS),
  rounds: () => ROUNDS,
};
