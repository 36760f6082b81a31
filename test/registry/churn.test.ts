/** Names that come and go without end do not make lookups longer, however many there are at a time. */
import { describe, expect, it } from 'vitest';
import { NAMES_MAX } from '../../src/base/limits.js';
import type { NameTable } from '../../src/registry/name-table.js';
import { effort } from '../support/effort.js';
import { actorOf, newNames } from '../support/names.js';
import { randomOfTest } from '../support/random.js';
import { tellAtomics } from '../support/told-atomics.js';

const CHANGES = effort(300_000, 10_000_000);
const LOOKUPS = 1000;
/** A lookup in a table that has never been changed takes two and a half; one that goes through all of it 32,768. */
const ENTRIES_LOOKED_AT_MAX = 20;

/** How many accesses a lookup of a name that nobody has takes. */
const lookupLength = (names: NameTable): number => {
  let accesses = 0;
  const count = (): void => void accesses++;
  tellAtomics(count, () => {
    for (let i = 0; i < LOOKUPS; i++) names.find(`nobody ${i}`);
  });
  return accesses / LOOKUPS;
};

describe.each([1, NAMES_MAX / 4, NAMES_MAX])('a table of %i names', (count) => {
  it(`is as quick as before after ${CHANGES} changes`, () => {
    const random = randomOfTest();
    const names = newNames(NAMES_MAX);
    const held = Array.from({ length: count }, (_, i) => `first ${i}`);
    for (const name of held) names.reserve(name, actorOf(0));
    for (let i = 0; i < CHANGES; i++) {
      const at = random.below(count);
      names.free(held[at]!, actorOf(0));
      held[at] = `later ${i}`;
      names.reserve(held[at]!, actorOf(0));
    }
    expect(lookupLength(names)).toBeLessThan(ENTRIES_LOOKED_AT_MAX);
  });
});

describe('a table of names whose thread has died', () => {
  it('is as quick as a new one after the next change', () => {
    const names = newNames(NAMES_MAX);
    const fresh = lookupLength(names);
    for (let i = 0; i < NAMES_MAX; i++) names.reserve(`name ${i}`, actorOf(i));
    expect(names.freeAllOf(1)).toHaveLength(NAMES_MAX);
    names.free('nobody', actorOf(0));
    expect(lookupLength(names)).toBe(fresh);
  });
});
