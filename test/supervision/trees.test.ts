/** Random trees of supervisors, each of which does what its reference does; see `world.ts`. */
import { expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { newTally, World } from './world.js';

const TREES = effort(20_000, 1_000_000);

it(`supervisors of ${TREES} random trees do what the reference does, and come to rest`, () => {
  const seed = seedOfTest();
  const tally = newTally();
  for (let tree = 0; tree < TREES; tree++) {
    try {
      new World(seed + tree, tally).run();
    } catch (error) {
      throw new Error(`in tree ${tree}`, { cause: error });
    }
  }
  // What did not happen was not tested.
  const { effects, ...others } = tally;
  for (const [name, times] of Object.entries({ ...effects, ...others })) {
    expect(times, name).toBeGreaterThan(TREES / 100);
  }
});
