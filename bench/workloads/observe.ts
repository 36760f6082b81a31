/**
 * What it costs to observe a system: a stream from worker to worker (`observe`), and the processor time of a system that has
 * nothing else to do (`observe-idle`), with probes 20 times a second, which is the default, a thousand times, and none.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from 'heddle';
import { PairCounter, PairSender } from '../actors/pairs.js';
import { heddle } from '../contestants/heddle.js';
import { check } from '../harness/check.js';
import { cpuPercent } from '../harness/cpu.js';
import { PATIENCE } from '../harness/patience.js';
import { expectedSum } from '../harness/payloads.js';
import type { Contestant, Sample, Workload } from '../harness/workload.js';

const STREAM = 'observe';
const IDLE = 'observe-idle';
const SETTLE_MS = 2_000;
/** undefined: nobody observes. */
const PERIODS_MS = { heddle: undefined, 'heddle observed': 50, 'heddle observed each ms': 1 } as const;

const observed = (setUp: (system: System) => Promise<Sample>): readonly Contestant[] =>
  Object.entries(PERIODS_MS).map(([name, everyMs]) =>
    heddle(name, async (system) => {
      const observation = everyMs === undefined ? undefined : await system.observe({ everyMs });
      const sample = await setUp(system);
      return async () => {
        const readings = await sample();
        for (const { refused } of (await observation?.read()) ?? []) check('probes that found no room', refused, 0);
        return readings;
      };
    }),
  );

const stream =
  (count: number) =>
  async (system: System): Promise<Sample> => {
    const sender = await system.spawn(PairSender, undefined, { place: 1 });
    const to = await system.spawn(PairCounter, undefined, { place: 2 });
    const expected = expectedSum('pair', count);
    return async () => {
      const { ms, sum } = await sender.send({ to, count }, PATIENCE);
      check('the sum', sum, expected);
      return [{ figure: STREAM, value: count / ms / 1e3 }];
    };
  };

const rest = (forMs: number) => async (): Promise<Sample> => async () => {
  await sleep(SETTLE_MS);
  return [{ figure: IDLE, value: await cpuPercent(() => sleep(forMs)) }];
};

export const observe: Workload = {
  title: 'one-way {i32, f64}, while somebody observes and while nobody does',
  figures: { [STREAM]: 'M messages/s' },
  contestants: (effort) => observed(stream(effort.of(4_000_000, 400_000))),
};

export const observeIdle: Workload = {
  title: 'doing nothing, while somebody observes and while nobody does',
  figures: { [IDLE]: '% of a core' },
  alone: true,
  contestants: ({ of }) => observed(rest(of(5_000, 500))),
};
