/** Named actors fail and are started again, over and over, while every thread looks their names up and tries to take them. */
import { sameRef } from 'heddle';
import { expect, it } from 'vitest';
import { Looker } from '../actors/looker.js';
import { Lenient, Ward } from '../actors/ward.js';
import { effort } from '../support/effort.js';
import { finish, quiet, start } from '../support/systems.js';
import { actorsOf, plansOf, restartsOf, wardsOf } from '../support/wards.js';

const CYCLES = effort(10_000, 1_000_000);
const THREADS = [0, 1, 2];
const WARDS_PER_SUPERVISOR = 6;

it(`${CYCLES} restarts of named actors: each keeps its ref and its name, which nobody else is ever found by`, {
  timeout: effort(2, 12 * 60) * 60_000,
}, async () => {
  const system = await start({ threads: 2 });
  const supervisors = await Promise.all(
    THREADS.map((place) =>
      system.spawn(Lenient, plansOf(`ward ${place}-`, WARDS_PER_SUPERVISOR, THREADS, true), { place }),
    ),
  );
  const wards = (await Promise.all(supervisors.map((supervisor) => wardsOf(system, supervisor)))).flat();
  const names = THREADS.flatMap((place) =>
    plansOf(`ward ${place}-`, WARDS_PER_SUPERVISOR, THREADS).map(({ id }) => id),
  );
  const lookers = await Promise.all(THREADS.map((place) => system.spawn(Looker, undefined, { place })));
  await Promise.all(lookers.map((looker) => looker.meet({ names, wards })));

  let left = CYCLES;
  const cycle = async (index: number): Promise<void> => {
    const [ward, name] = [wards[index]!, names[index]!];
    while (left-- > 0) {
      const before = system.whereIs(Ward, name);
      expect(before !== undefined && sameRef(before, ward)).toBe(true);
      for (const message of ['count', 'fail', 'count', 'count'] as const) ward[message]();
      // What was behind the failure is handled by the next life, and by that alone.
      expect(await ward.total()).toBe(2);
      const after = system.whereIs(Ward, name);
      expect(after !== undefined && sameRef(after, ward)).toBe(true);
    }
  };
  await Promise.all(wards.map((_, index) => cycle(index)));

  const seen = await Promise.all(lookers.map((looker) => looker.rest()));
  await quiet(system);
  expect(seen.map(({ strange, taken }) => [strange, taken])).toEqual(seen.map(() => [0, 0]));
  // The names were looked up while they were there and while they were not, and attempts were made.
  for (const { found, missing, refused } of seen) {
    expect(found).toBeGreaterThan(0);
    expect(missing).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  }
  expect(restartsOf(system)).toBe(CYCLES);
  expect(system.names().sort()).toEqual(names.toSorted());
  expect(actorsOf(system)).toBe(supervisors.length + wards.length + lookers.length);
  await Promise.all(supervisors.map((supervisor) => system.stop(supervisor)));
  expect(system.names()).toEqual([]);
  expect(actorsOf(system)).toBe(lookers.length);
  expect(await finish(system)).toMatchObject({ lost: CYCLES, dead: 0 });
});
