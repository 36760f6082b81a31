/** Trees of supervised actors whose threads die at random while messages flow: all of it comes back, and the books balance. */
import { refKey, sameRef } from 'heddle';
import { expect, it } from 'vitest';
import { Client } from '../actors/client.js';
import { Lenient, Tree, Ward } from '../actors/ward.js';
import { effort } from '../support/effort.js';
import { randomOfTest } from '../support/random.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';
import { actorsOf, childrenOf, plansOf, restartsOf, wardsOf } from '../support/wards.js';

const DEATHS = effort(100, 10_000);
const WORKERS = [1, 2];
const THREADS = [0, ...WORKERS];
const WARDS = 12;
const WARDS_PER_BRANCH = 4;
/** Chains of messages that are begun before each death, and their length. */
const CHAINS = 20;
const HOPS = 200;

it(`${DEATHS} deaths of threads: every supervised actor answers by the ref that it had, and nothing is left`, {
  timeout: effort(3, 24 * 60) * 60_000,
}, async () => {
  const random = randomOfTest();
  const system = await start({ threads: WORKERS.length });
  const client = await system.spawn(Client, undefined, { place: 'host' });
  const supervisor = await system.spawn(Lenient, plansOf('ward', WARDS, THREADS, true), { place: 'host' });
  const branchPlans = WORKERS.map((place) => ({
    place,
    wards: plansOf(`branch ${place}-`, WARDS_PER_BRANCH, THREADS, true),
  }));
  const tree = await system.spawn(Tree, branchPlans, { place: 'host' });
  const wards = await wardsOf(system, supervisor);
  const branches = (await childrenOf(tree)).map((ref) => system.typed(Lenient, ref));
  const actors = actorsOf(system);
  const names = system.names().sort();
  expect(names).toHaveLength(WARDS + WORKERS.length * WARDS_PER_BRANCH);

  const epochs = (): number => system.counters().threads.reduce((sum, { epoch }) => sum + epoch, 0);
  const mortals = wards.filter((_, index) => THREADS[index % THREADS.length] !== 0);
  const ways = {
    terminate: () => system.terminate(random.pick(WORKERS)),
    both: () => Promise.all(WORKERS.map((thread) => system.terminate(thread))),
    loop: async () => {
      const ward = random.pick(mortals);
      await client.total({ ward });
      ward.loop();
      await system.terminate(THREADS[wards.indexOf(ward) % THREADS.length]!);
    },
    exit: async () => {
      const ward = random.pick(mortals);
      // One that is away would not get it.
      await client.total({ ward });
      ward.exit();
    },
  };
  const met = { terminate: 0, both: 0, loop: 0, exit: 0 };
  while (epochs() < DEATHS) {
    for (let chain = 0; chain < CHAINS; chain++) {
      const [next, hops] = [random.below(WARDS), HOPS];
      wards[random.below(WARDS)]!.gossip({ prefix: 'ward', wards: WARDS, next, hops });
    }
    const before = epochs();
    const way = random.pick(Object.keys(ways) as (keyof typeof ways)[]);
    await ways[way]();
    await until(() => epochs() > before);
    met[way]++;
  }

  // All are there again.
  expect(await Promise.all(wards.map((ward) => client.total({ ward })))).toEqual(wards.map(() => 0));
  await until(() => system.names().length === names.length);
  expect(system.names().sort()).toEqual(names);
  for (const [index, ward] of wards.entries()) expect(sameRef(system.whereIs(Ward, `ward${index}`)!, ward)).toBe(true);
  expect((await childrenOf(tree)).map(refKey)).toEqual(branches.map(refKey));
  for (const [index, branch] of branches.entries()) {
    for (const [number, ward] of (await wardsOf(system, branch)).entries()) {
      expect(await client.total({ ward })).toBe(0);
      expect(sameRef(system.whereIs(Ward, `branch ${WORKERS[index]}-${number}`)!, ward)).toBe(true);
    }
  }
  await quiet(system);
  expect(actorsOf(system)).toBe(actors);
  expect(restartsOf(system)).toBeGreaterThan(DEATHS);
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(0);
  const { deadByReason, lost } = system.counters();
  expect(deadByReason['thread-lost']).toBeGreaterThan(0);
  expect(lost).toBeGreaterThan(0);

  await Promise.all([system.stop(supervisor), system.stop(tree), system.stop(client)]);
  expect(actorsOf(system)).toBe(0);
  expect(system.names()).toEqual([]);
  expect(await finish(system)).toMatchObject({ quiet: true, undelivered: 0 });
});
