/**
 * W5, spawning: an actor on worker 1 makes 100,000 actors beside itself by `spawnNow`, with a state of two fields, and
 * sends each its first message; each tells a counter that it has handled it. The time runs until the counter has heard
 * of all of them.
 *
 * W5-bytes is what they take of that thread's heap, all alive, after two complete collections before and after. In
 * heddle nothing holds their refs; in plain JavaScript something must.
 *
 * W5-across is `await spawn` onto the other worker, 64 at a time.
 *
 * Each sample has threads of its own, because it leaves actors behind, and spawns some first to be warm.
 */
import { HelloCounter, Spawner } from '../actors/spawner.js';
import { heddle } from '../contestants/heddle.js';
import { onNact, onPlain } from '../contestants/single-thread.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const HERE = 'W5';
const BYTES = 'W5-bytes';
const ACROSS = 'W5-across';
const IN_FLIGHT = 64;
/** Of the actors that are measured, how many are spawned first. */
const WARM_UP_SHARE = 0.5;

interface Spawned {
  readonly ms: number;
  readonly sum: number;
  readonly heapBytes: number;
}

type SpawnMany = (count: number) => Promise<Spawned>;

const spawnChecked = async (spawnMany: SpawnMany, count: number): Promise<readonly Reading[]> => {
  await spawnMany(count * WARM_UP_SHARE);
  const { ms, sum, heapBytes } = await spawnMany(count);
  check('the sum', sum, (count * (count - 1)) / 2);
  return [
    { figure: HERE, value: (ms * 1e3) / count },
    { figure: BYTES, value: heapBytes / count },
  ];
};

const here = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const spawner = await system.spawn(Spawner, undefined, { place: 1 });
    const counter = await system.spawn(HelloCounter, undefined, { place: 1 });
    return () => spawnChecked((many) => spawner.spawnHere({ counter, count: many }, PATIENCE), count);
  });

const across = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const spawner = await system.spawn(Spawner, undefined, { place: 1 });
    const spawnMany = (many: number) => spawner.spawnThere({ place: 2, count: many, inFlight: IN_FLIGHT }, PATIENCE);
    return async () => {
      await spawnMany(count * WARM_UP_SHARE);
      const { ms } = await spawnMany(count);
      check('actors on the other worker', system.counters().threads[2]!.actors, count * (1 + WARM_UP_SHARE));
      return [{ figure: ACROSS, value: (ms * 1e3) / count }];
    };
  });

export const w5: Workload = {
  title: 'spawning on one thread, with a first message, and the heap it takes',
  figures: { [HERE]: 'us/actor', [BYTES]: 'bytes/actor' },
  alone: true,
  contestants: (effort) => {
    const count = effort.of(100_000, 20_000);
    return [
      here(count),
      onPlain(async (thread) => () => spawnChecked((many) => thread.ask('spawn', { count: many }), count)),
      onNact(async (thread) => () => spawnChecked((many) => thread.ask('spawn', { count: many }), count)),
    ];
  },
};

export const w5Across: Workload = {
  title: 'awaiting actors that are spawned on another thread, 64 at a time',
  figures: { [ACROSS]: 'us/actor' },
  alone: true,
  contestants: (effort) => [across(effort.of(50_000, 10_000))],
};
