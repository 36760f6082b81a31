/** idle: what a system of two threads with 10,000 actors burns when nothing happens; a pool of two threads beside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Adder } from '../actors/adder.js';
import { heddle } from '../contestants/heddle.js';
import { makePool } from '../contestants/piscina.js';
import { check } from '../harness/check.js';
import { cpuPercent } from '../harness/cpu.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const FIGURE = 'idle';
const ACTORS = 10_000;
/** Time for everything to fall asleep; some seconds after a thread was busy, V8 collects its garbage once more. */
const SETTLE_MS = 500;
const COLLECTED_MS = 12_000;
const ROUNDS = 3;

const rest = async ({ settleMs, forMs }: Rest): Promise<readonly Reading[]> => {
  await sleep(settleMs);
  return [{ figure: FIGURE, value: await cpuPercent(() => sleep(forMs)) }];
};

interface Rest {
  readonly settleMs: number;
  readonly forMs: number;
}

const actors = (times: Rest): Contestant =>
  heddle('heddle', async (system) => {
    await Promise.all(Array.from({ length: ACTORS }, () => system.spawn(Adder)));
    return async () => {
      const readings = await rest(times);
      const alive = system.counters().threads.reduce((sum, thread) => sum + thread.actors, 0);
      check('actors', alive, ACTORS);
      return readings;
    };
  });

const piscina = (times: Rest): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-add', threads: 2 });
    await Promise.all([pool.run({ a: 0, b: 0 }), pool.run({ a: 0, b: 0 })]);
    return { sample: () => rest(times), close: () => pool.close() };
  },
});

export const idle: Workload = {
  title: 'doing nothing, with 10,000 actors on two threads',
  figures: { [FIGURE]: '% of a core' },
  alone: true,
  rounds: () => ROUNDS,
  contestants: ({ of }) => {
    const times = { settleMs: of(COLLECTED_MS, SETTLE_MS), forMs: of(10_000, 2_000) };
    return [actors(times), piscina(times)];
  },
};
