/**
 * A thread that dies at any step of a change leaves it undone or whole, and the next one goes on: with the memory as it
 * was in front of each of the dead thread's writes. The next one may die of its first change too.
 */
import { describe, expect, it } from 'vitest';
import type { NameTable } from '../../src/registry/name-table.js';
import { actorOf, nameMemory, openNames } from '../support/names.js';
import { tellAtomics } from '../support/told-atomics.js';

const CAPACITY = 4;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const VICTIM = 1;
const SUCCESSOR = 2;
const SURVIVOR = 3;

type Change = (names: NameTable) => void;

const take = (names: NameTable, ...which: readonly string[]): void => {
  for (const name of which) {
    names.reserve(name, actorOf(0));
    names.publish(name, actorOf(0));
  }
};
const drop = (names: NameTable, ...which: readonly string[]): void => {
  for (const name of which) names.free(name, actorOf(0));
};

const cases: readonly { readonly name: string; readonly prepare: Change; readonly change: Change }[] = [
  { name: 'reserves a first name', prepare: () => undefined, change: (names) => names.reserve('a', actorOf(0)) },
  {
    name: 'reserves a name in a table with gaps',
    prepare(names) {
      take(names, 'a', 'b', 'c', 'd');
      drop(names, 'a', 'c');
    },
    change: (names) => names.reserve('e', actorOf(0)),
  },
  {
    name: 'reserves a name after others have died',
    prepare(names) {
      take(names, 'a', 'b', 'c');
      names.reserve('d', actorOf(0, 9));
      names.freeAllOf(9);
    },
    change: (names) => names.reserve('e', actorOf(0)),
  },
  {
    name: 'publishes a name',
    prepare: (names) => names.reserve('a', actorOf(0)),
    change: (names) => names.publish('a', actorOf(0)),
  },
  {
    name: 'conceals a name',
    prepare: (names) => take(names, 'a', 'b'),
    change: (names) => names.conceal('a', actorOf(0)),
  },
  {
    name: 'tells of another parent',
    prepare: (names) => take(names, 'a', 'b'),
    change: (names) => void names.entrust('b', { ...actorOf(0), parent: SURVIVOR }),
  },
  ...NAMES.slice(0, CAPACITY).map((name) => ({
    name: `frees the name ${name} of four`,
    prepare: (names: NameTable) => take(names, 'a', 'b', 'c', 'd'),
    change: (names: NameTable) => drop(names, name),
  })),
  {
    name: 'frees the last of many names',
    prepare(names) {
      take(names, 'a', 'b', 'c', 'd');
      drop(names, 'a', 'b', 'c');
    },
    change: (names) => drop(names, 'd'),
  },
];

const observe = (names: NameTable): unknown => ({
  live: names.list().sort(),
  reserved: names
    .reservedOf(VICTIM)
    .map(([name]) => name)
    .sort(),
  found: NAMES.map((name) => names.find(name)),
});

/** As another thread sees a copy of the memory, after all threads of lower life numbers have died. */
const openCopy = (words: Int32Array, origin: number): { names: NameTable; words: Int32Array } => {
  const copy = nameMemory(CAPACITY);
  copy.set(words);
  return { names: openNames(copy, CAPACITY, origin, (other) => other < origin), words: copy };
};

/** The memory in front of each write of `change`, and after it. */
const statesOf = (names: NameTable, words: Int32Array, change: Change): Int32Array[] => {
  const states: Int32Array[] = [];
  tellAtomics(
    (access) => {
      if (access !== 'load') states.push(words.slice());
    },
    () => change(names),
  );
  return [...states, words.slice()];
};

/** There is room for as many names as before, and nothing else changes when it is used and left. */
const expectUsable = (names: NameTable, used: number): void => {
  const before = observe(names);
  for (let round = 0; round < 2; round++) {
    for (let i = used; i < CAPACITY; i++) names.reserve(`new ${i}`, actorOf(i, SURVIVOR));
    expect(() => names.reserve('one more', actorOf(0))).toThrow(expect.objectContaining({ name: 'LimitReached' }));
    for (let i = used; i < CAPACITY; i++) names.free(`new ${i}`, actorOf(i, SURVIVOR));
  }
  expect(observe(names)).toEqual(before);
};

const usedIn = (names: NameTable): number => names.list().length + names.reservedOf(VICTIM).length;

describe.each(cases)('a thread that $name', ({ prepare, change }) => {
  it('and dies meanwhile leaves nothing of it, or all', () => {
    const words = nameMemory(CAPACITY);
    const names = openNames(words, CAPACITY, VICTIM);
    prepare(names);
    const before = observe(names);
    const states = statesOf(names, words, change);
    const after = observe(names);
    expect(after).not.toEqual(before);
    let done = false;
    for (const state of states) {
      const survivor = openCopy(state, SURVIVOR).names;
      const seen = observe(survivor);
      if (!done && !equal(seen, before)) done = true;
      expect(seen).toEqual(done ? after : before);
      expectUsable(survivor, usedIn(survivor));
    }
    expect(done).toBe(true);
  });

  it('and dies meanwhile, like the one who takes over, leaves nothing half-done', () => {
    const words = nameMemory(CAPACITY);
    const names = openNames(words, CAPACITY, VICTIM);
    prepare(names);
    for (const state of statesOf(names, words, change)) {
      const successor = openCopy(state, SUCCESSOR);
      const freed = successor.names.list()[0] ?? 'none';
      const seen = observe(successor.names);
      const later = statesOf(successor.names, successor.words, (table) => drop(table, freed));
      const after = observe(successor.names);
      for (const each of later) {
        const survivor = openCopy(each, SURVIVOR).names;
        expect([seen, after]).toContainEqual(observe(survivor));
        expectUsable(survivor, usedIn(survivor));
      }
    }
  });
});

const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
