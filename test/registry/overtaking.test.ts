/** One thread that is overtaken in front of each of its accesses by all that another one does. */
import { describe, expect, it } from 'vitest';
import type { NamedActor, NameTable } from '../../src/registry/name-table.js';
import { actorOf, nameMemory, openNames } from '../support/names.js';
import { tellAtomics } from '../support/told-atomics.js';

const CAPACITY = 2;
const MINE = actorOf(1, 1);
const THEIRS = actorOf(2, 2, 7);
const DEAD = 1;

const take = (names: NameTable, name: string, actor: NamedActor): void => {
  names.reserve(name, actor);
  names.publish(name, actor);
};

interface Table {
  readonly mine: NameTable;
  readonly theirs: NameTable;
}

/** Does `act` once for each of its accesses, overtaken there by `intrude`, and once without. */
const overtake = (
  prepare: (table: Table) => void,
  act: (names: NameTable) => unknown,
  intrude: (names: NameTable) => void,
  check: (table: Table, result: unknown, overtaken: boolean) => void,
): void => {
  for (let place = 0, overtaken = true; overtaken; place++) {
    const words = nameMemory(CAPACITY);
    const isOver = (origin: number): boolean => origin === DEAD;
    const table = { mine: openNames(words, CAPACITY, 3, isOver), theirs: openNames(words, CAPACITY, 4, isOver) };
    prepare(table);
    let accesses = 0;
    overtaken = false;
    const result = tellAtomics(
      () => {
        if (accesses++ !== place) return;
        overtaken = true;
        intrude(table.theirs);
      },
      () => act(table.mine),
    );
    check(table, result, overtaken);
    if (place === 0) expect(overtaken).toBe(true);
  }
};

const expectRoomFor = (names: NameTable, room: number): void => {
  for (let i = 0; i < room; i++) names.reserve(`new ${i}`, actorOf(i));
  expect(() => names.reserve('one more', actorOf(0))).toThrow(expect.objectContaining({ name: 'LimitReached' }));
};

describe('a lookup', () => {
  it('never takes one use of an entry for another', () => {
    overtake(
      ({ mine }) => take(mine, 'ann', MINE),
      (names) => names.find('ann'),
      (names) => {
        names.free('ann', MINE);
        take(names, 'bob', THEIRS);
        take(names, 'eve', THEIRS);
      },
      (_table, result) => expect([MINE, undefined]).toContainEqual(result),
    );
  });

  it('never mixes two actors of one name', () => {
    const results = new Set<unknown>();
    overtake(
      ({ mine }) => take(mine, 'ann', MINE),
      (names) => names.find('ann'),
      (names) => {
        names.free('ann', MINE);
        take(names, 'ann', THEIRS);
      },
      (_table, result) => {
        expect([MINE, THEIRS]).toContainEqual(result);
        results.add(JSON.stringify(result));
      },
    );
    expect(results.size).toBe(2);
  });

  it.each(['ann', 'bob', 'eve', 'joe', 'kim', 'lea', 'max'])('finds %s while everything around it changes', (name) => {
    overtake(
      ({ mine }) => {
        take(mine, 'other', THEIRS);
        take(mine, name, MINE);
      },
      (names) => names.find(name),
      (names) => {
        names.free('other', THEIRS);
        for (let i = 0; i < 20; i++) {
          take(names, `new ${i}`, THEIRS);
          names.free(`new ${i}`, THEIRS);
        }
        take(names, 'other', THEIRS);
      },
      (_table, result) => expect(result).toEqual(MINE),
    );
  });

  it('finds a name, alone or among all, whose actor gets another parent', () => {
    for (const look of [
      (names: NameTable) => names.find('ann')?.slot,
      (names: NameTable) => names.list().map(() => MINE.slot)[0],
    ]) {
      overtake(
        ({ mine }) => take(mine, 'ann', MINE),
        look,
        (names) => void names.entrust('ann', { ...MINE, parent: 9 }),
        (_table, result) => expect(result).toBe(MINE.slot),
      );
    }
  });

  it('over all names tells each with its own actor', () => {
    const [first, second, other] = [actorOf(1, 5), actorOf(3, 5, 7), actorOf(2, 5)];
    overtake(
      ({ mine }) => {
        mine.reserve('ann', first);
        mine.reserve('bob', other);
      },
      (names) => names.reservedOf(5),
      (names) => {
        names.free('ann', first);
        names.reserve('ann', second);
      },
      (_table, result) => {
        const possible = [
          ['ann', first],
          ['ann', second],
          ['bob', other],
        ];
        for (const each of result as unknown[]) expect(possible).toContainEqual(each);
        expect(result).toContainEqual(possible[2]);
      },
    );
  });
});

describe('the control thread frees the names of the dead', () => {
  const bury = (names: NameTable): void => void names.freeAllOf(DEAD);

  it('while somebody publishes one of them', () => {
    overtake(
      ({ mine }) => mine.reserve('ann', MINE),
      (names) => names.publish('ann', MINE),
      (names) => {
        bury(names);
        names.reserve('ann', THEIRS);
      },
      ({ mine }, _result, overtaken) => {
        expect(mine.find('ann')).toEqual(overtaken ? undefined : MINE);
      },
    );
  });

  it('while somebody tells of another parent, and the name is freed or that is true', () => {
    const child = actorOf(1, 2, 0, DEAD);
    const heir = { ...child, parent: 9 };
    const results = new Set<unknown>();
    overtake(
      ({ mine }) => take(mine, 'ann', child),
      (names) => names.entrust('ann', heir),
      bury,
      ({ mine }, result) => {
        expect(mine.find('ann')).toEqual(result === true ? heir : undefined);
        results.add(result);
        expectRoomFor(mine, CAPACITY - Number(result));
      },
    );
    expect(results.size).toBe(2);
  });

  it('but none that has got another parent meanwhile', () => {
    const child = actorOf(1, 2, 0, DEAD);
    const heir = { ...child, parent: 9 };
    overtake(
      ({ mine }) => take(mine, 'ann', child),
      (names) => names.freeAllOf(DEAD),
      (names) => {
        // It does not know yet.
        if (!names.entrust('ann', heir)) take(names, 'ann', heir);
      },
      ({ mine }, _result, overtaken) => expect(mine.find('ann')).toEqual(overtaken ? heir : undefined),
    );
  });

  it.each([0, 1])('while somebody frees one of them, and all room comes back (%i others)', (others) => {
    overtake(
      ({ mine }) => {
        take(mine, 'ann', MINE);
        if (others === 1) take(mine, 'bob', THEIRS);
      },
      (names) => names.free('ann', MINE),
      bury,
      ({ mine }) => {
        expect(mine.find('ann')).toBeUndefined();
        expectRoomFor(mine, CAPACITY - others);
      },
    );
  });

  it('while somebody reserves another, and all room comes back', () => {
    overtake(
      ({ mine }) => take(mine, 'ann', MINE),
      (names) => names.reserve('bob', THEIRS),
      bury,
      ({ mine, theirs }) => {
        bury(theirs);
        expect(mine.find('ann')).toBeUndefined();
        expectRoomFor(mine, CAPACITY - 1);
      },
    );
  });

  it('while somebody tidies up after others, and all room comes back', () => {
    const LATER = 9;
    overtake(
      ({ mine, theirs }) => {
        mine.reserve('joe', actorOf(0, LATER));
        mine.reserve('ann', MINE);
        bury(theirs);
      },
      (names) => names.free('nobody', MINE),
      (names) => void names.freeAllOf(LATER),
      ({ mine, theirs }) => {
        theirs.freeAllOf(LATER);
        expectRoomFor(mine, CAPACITY);
      },
    );
  });

  it('and not the name that another has taken over meanwhile', () => {
    overtake(
      ({ mine }) => take(mine, 'ann', MINE),
      (names) => names.freeAllOf(DEAD),
      (names) => {
        names.free('ann', MINE);
        take(names, 'ann', THEIRS);
      },
      ({ mine }, _result, overtaken) => {
        expect(mine.find('ann')).toEqual(overtaken ? THEIRS : undefined);
      },
    );
  });
});
