/**
 * W9, a pool of two threads for tiny jobs: the host submits 100,000 jobs (`a + b`) at once, as with `Promise.all`, and
 * waits for all. In heddle a job is a call to one of two actors.
 *
 * piscina gives a worker one task at a time, or up to 64, and has three ways to wake it; the slow ones get fewer jobs.
 */
import { Adder } from '../actors/adder.js';
import { heddle } from '../contestants/heddle.js';
import { makePool, type PiscinaAtomics } from '../contestants/piscina.js';
import { onPorts } from '../contestants/post-message.js';
import { onThreads } from '../contestants/threads.js';
import { check } from '../harness/check.js';
import type { Contestant, Effort, Reading, Workload } from '../harness/workload.js';
import { HandPool } from '../rivals/hand-pool.js';
import type { tasks as handWorker } from '../rivals/hand-pool-worker.js';
import { makePairRing } from '../rivals/pair-ring.js';

const FIGURE = 'W9';
const THREADS = 2;
const HAND_WORKER = new URL('../rivals/hand-pool-worker.js', import.meta.url);

type Add = (a: number, b: number) => Promise<number>;

const runJobs = async (add: Add, count: number): Promise<readonly Reading[]> => {
  const began = performance.now();
  const jobs: Promise<number>[] = [];
  for (let job = 0; job < count; job++) jobs.push(add(job, 1));
  const sums = await Promise.all(jobs);
  const ms = performance.now() - began;
  for (let job = 0; job < count; job++) if (sums[job] !== job + 1) check(`the sum of job ${job}`, sums[job], job + 1);
  return [{ figure: FIGURE, value: count / ms }];
};

const actors = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const pool = await Promise.all([1, 2].map((place) => system.spawn(Adder, undefined, { place })));
    return () => runJobs((a, b) => pool[a % THREADS]!.add({ a, b }), count);
  });

const byHand = (count: number): Contestant =>
  onThreads<typeof handWorker>('by-hand', HAND_WORKER, async (...threads) => async () => {
    const lanes = threads.map(() => ({ jobs: makePairRing(), results: makePairRing() }));
    const working = threads.map((thread, index) => thread.ask('work', { ...lanes[index]!, count: count / THREADS }));
    const pool = new HandPool(lanes);
    const readings = await runJobs((a, b) => pool.run(a, b), count);
    await Promise.all(working);
    return readings;
  });

const postMessage = (count: number): Contestant =>
  onPorts(THREADS, async (ports) => () => runJobs((a, b) => ports[a % THREADS]!.call(a, b), count));

const piscina = (atomics: PiscinaAtomics, concurrency: number, count: number): Contestant => ({
  system: `piscina (${concurrency === 1 ? atomics : `${atomics}, ${concurrency}`})`,
  open: async () => {
    const pool = makePool({ file: 'piscina-add', threads: THREADS, atomics, concurrency });
    const add: Add = (a, b) => pool.run({ a, b });
    return { sample: () => runJobs(add, count), close: () => pool.close() };
  },
});

const pools = (effort: Effort): readonly Contestant[] =>
  (['sync', 'async', 'disabled'] as const).flatMap((atomics) => [
    piscina(atomics, 1, effort.of(20_000, 2_000)),
    piscina(atomics, 64, effort.of(100_000, 10_000)),
  ]);

export const w9: Workload = {
  title: '100,000 tiny jobs at once through two threads',
  figures: { [FIGURE]: 'k jobs/s' },
  contestants: (effort) => {
    const count = effort.of(100_000, 10_000);
    return [actors(count), byHand(count), postMessage(count), ...pools(effort)];
  },
};
