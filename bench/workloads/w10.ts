/**
 * W10, a call now and then: the host calls an actor on the only worker every 2 ms. Everybody sleeps in between, so this
 * is about waking up: the median time of a call (W10-p50), and what the process burns meanwhile (W10-cpu).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Adder } from '../actors/adder.js';
import { heddle } from '../contestants/heddle.js';
import { makePool } from '../contestants/piscina.js';
import { onPorts } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { cpuPercent } from '../harness/cpu.js';
import { median } from '../harness/statistics.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const P50 = 'W10-p50';
const CPU = 'W10-cpu';
const EVERY_MS = 2;
const ROUNDS = 9;
const ROUNDS_QUICK = 3;

type Add = (a: number, b: number) => Promise<number>;

const callNowAndThen = async (add: Add, forMs: number): Promise<readonly Reading[]> => {
  const latencies: number[] = [];
  const cpu = await cpuPercent(async () => {
    const end = performance.now() + forMs;
    while (performance.now() < end) {
      await sleep(EVERY_MS);
      const began = performance.now();
      const sum = await add(latencies.length, 1);
      latencies.push((performance.now() - began) * 1e3);
      check('the sum', sum, latencies.length);
    }
  });
  return [
    { figure: P50, value: median(latencies) },
    { figure: CPU, value: cpu },
  ];
};

const actor = (forMs: number): Contestant =>
  heddle(
    'heddle',
    async (system) => {
      const adder = await system.spawn(Adder, undefined, { place: 1 });
      return () => callNowAndThen((a, b) => adder.add({ a, b }), forMs);
    },
    { threads: 1 },
  );

const piscina = (forMs: number): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-add', threads: 1 });
    await pool.run({ a: 0, b: 0 });
    return { sample: () => callNowAndThen((a, b) => pool.run({ a, b }), forMs), close: () => pool.close() };
  },
});

export const w10: Workload = {
  title: 'a call every 2 ms: its time, and the processor time of the process',
  figures: { [P50]: 'us', [CPU]: '% of a core' },
  alone: true,
  rounds: ({ of }) => of(ROUNDS, ROUNDS_QUICK),
  contestants: ({ of }) => {
    const forMs = of(5_000, 1_000);
    return [
      actor(forMs),
      onPorts(
        1,
        async ([port]) =>
          () =>
            callNowAndThen((a, b) => port!.call(a, b), forMs),
      ),
      piscina(forMs),
    ];
  },
};
