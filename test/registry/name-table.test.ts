/** What a table of names promises to one thread. */
import { describe, expect, it } from 'vitest';
import { NAME_BYTES_MAX, NAMES_MAX } from '../../src/base/limits.js';
import { MeshLayout } from '../../src/mesh/layout.js';
import { originOf } from '../../src/mesh/link.js';
import { NameTable } from '../../src/registry/name-table.js';
import { NameText } from '../../src/registry/name-text.js';
import { actorOf, nameMemory, newNames, openNames } from '../support/names.js';
import { tellAtomics } from '../support/told-atomics.js';

const CAPACITY = 16;

describe('a name', () => {
  it('is found when it is published, and not before', () => {
    const names = newNames(CAPACITY);
    names.reserve('ann', actorOf(7));
    expect(names.find('ann')).toBeUndefined();
    expect(names.list()).toEqual([]);
    names.publish('ann', actorOf(7));
    expect(names.find('ann')).toEqual(actorOf(7));
    expect(names.list()).toEqual(['ann']);
  });

  it('is hidden and stays taken while its actor begins anew', () => {
    const names = newNames(CAPACITY);
    names.reserve('ann', actorOf(7));
    names.publish('ann', actorOf(7));
    names.conceal('ann', actorOf(7));
    expect(names.find('ann')).toBeUndefined();
    expect(names.reservedOf(1)).toEqual([['ann', actorOf(7)]]);
    expect(() => names.reserve('ann', actorOf(8))).toThrow(expect.objectContaining({ name: 'AlreadyRegistered' }));
    names.publish('ann', actorOf(7));
    expect(names.find('ann')).toEqual(actorOf(7));
  });

  it.each(['reserved', 'live'])('that is %s can be had again when it is freed', (kind) => {
    const names = newNames(CAPACITY);
    names.reserve('ann', actorOf(7));
    if (kind === 'live') names.publish('ann', actorOf(7));
    names.free('ann', actorOf(7));
    expect(names.find('ann')).toBeUndefined();
    names.reserve('ann', actorOf(8));
    names.publish('ann', actorOf(8));
    expect(names.find('ann')).toEqual(actorOf(8));
  });

  it('is refused to everybody else, and to the same actor once more, with the thread of who has it', () => {
    const names = newNames(CAPACITY);
    names.reserve('ann', actorOf(7, originOf(3, 9)));
    for (const actor of [actorOf(7, originOf(3, 9)), actorOf(8)]) {
      expect(() => names.reserve('ann', actor)).toThrow(
        expect.objectContaining({ code: 'HEDDLE_ALREADY_REGISTERED', message: expect.stringMatching(/ thread=3$/) }),
      );
    }
  });

  it.each([
    ['slot', actorOf(8, 1, 0)],
    ['thread', actorOf(7, 2, 0)],
    ['life of the thread', actorOf(7, originOf(1, 1), 0)],
    ['generation', actorOf(7, 1, 1)],
  ])('is left alone by an actor of another %s', (_what, other) => {
    const names = newNames(CAPACITY);
    names.reserve('ann', actorOf(7));
    names.publish('ann', other);
    expect(names.find('ann')).toBeUndefined();
    names.publish('ann', actorOf(7));
    names.conceal('ann', other);
    expect(names.entrust('ann', { ...other, parent: 9 })).toBe(false);
    names.free('ann', other);
    expect(names.find('ann')).toEqual(actorOf(7));
  });

  it('comes back as it was given, and its actor with all 32 bits of its numbers', () => {
    const names = newNames(CAPACITY);
    const given = ['a', 'ab', 'abc', 'abcd', 'ä', '€uro', '😀', '\u{feff}mark', '\0', 'x'.repeat(NAME_BYTES_MAX)];
    const actor = { origin: -1 << 8, slot: 2 ** 31 - 1, generation: -(2 ** 31), definition: -1, parent: -2 << 8 };
    for (const name of given) {
      names.reserve(name, actor);
      names.publish(name, actor);
    }
    for (const name of given) expect(names.find(name)).toEqual(actor);
    expect(names.list().sort()).toEqual(given.sort());
    expect(names.find('abcde')).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['no text', 7 as never],
    ['a byte too long', 'x'.repeat(NAME_BYTES_MAX + 1)],
    ['a byte too long in UTF-8', `${'x'.repeat(NAME_BYTES_MAX - 1)}ä`],
    ['half a pair', 'a\ud800'],
  ])('that is %s is refused, and of nobody', (_what, name) => {
    const names = newNames(CAPACITY);
    expect(() => names.reserve(name, actorOf(7))).toThrow(expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS' }));
    for (const turn of ['publish', 'conceal', 'free'] as const) names[turn](name, actorOf(7));
    expect(names.find(name)).toBeUndefined();
  });

  it('is told from another one with the same hash', () => {
    const text = new NameText();
    const seen = new Map<number, string>();
    const pairs: [string, string][] = [];
    for (let i = 0; pairs.length < 3; i++) {
      text.encode(`name ${i}`);
      const other = seen.get(text.hash);
      if (other !== undefined && other.length === `name ${i}`.length) pairs.push([other, `name ${i}`]);
      seen.set(text.hash, `name ${i}`);
    }
    const names = newNames(CAPACITY);
    for (const [i, [one, other]] of pairs.entries()) {
      names.reserve(one, actorOf(2 * i));
      names.publish(one, actorOf(2 * i));
      expect(names.find(other)).toBeUndefined();
      names.reserve(other, actorOf(2 * i + 1));
      names.publish(other, actorOf(2 * i + 1));
      names.free(one, actorOf(2 * i));
      expect(names.find(one)).toBeUndefined();
      expect(names.find(other)).toEqual(actorOf(2 * i + 1));
    }
  });
});

describe('a table of names', () => {
  it.each([1, 2, CAPACITY, NAMES_MAX])('takes %i names and not one more', (namesMax) => {
    const names = newNames(namesMax);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < namesMax; i++) names.reserve(`name ${i}`, actorOf(i));
      expect(() => names.reserve('one more', actorOf(0))).toThrow(
        expect.objectContaining({
          code: 'HEDDLE_LIMIT_REACHED',
          message: expect.stringContaining(`limit=${namesMax}`),
        }),
      );
      expect(() => names.reserve('name 0', actorOf(0))).toThrow(expect.objectContaining({ name: 'AlreadyRegistered' }));
      for (let i = 0; i < namesMax; i++) names.publish(`name ${i}`, actorOf(i));
      for (let i = 0; i < namesMax; i++) expect(names.find(`name ${i}`)?.slot).toBe(i);
      for (let i = 0; i < namesMax; i++) names.free(`name ${i}`, actorOf(i));
      expect(names.list()).toEqual([]);
    }
  });

  it('has a place in the memory of a system that nothing else touches', () => {
    const layout = new MeshLayout({ workers: 3, ringBytes: 4096 });
    const words = new Int32Array(new SharedArrayBuffer(layout.totalBytes));
    const end = layout.namesAt + NameTable.bytes;
    expect(layout.namesAt).toBe(layout.scratchAt(3) + layout.scratchBytes);
    expect(layout.controlRing(words, 0, 0).atBytes).toBe(end);
    const names = new NameTable(words, layout.namesAt, 1, () => false);
    for (let i = 0; i < NAMES_MAX; i++) names.reserve(`name ${i}`, actorOf(i));
    expect(words.subarray(0, layout.namesAt >> 2).every((word) => word === 0)).toBe(true);
    expect(words.subarray(end >> 2).every((word) => word === 0)).toBe(true);
  });

  it('frees the names of actors elsewhere whose parents a life that is over had, and has at that time', () => {
    const dead = new Set<number>();
    const names = openNames(nameMemory(CAPACITY), CAPACITY, 5, (origin) => dead.has(origin));
    const [orphan, adopted, given] = [actorOf(0, 2, 0, 1), actorOf(1, 2, 0, 3), actorOf(2, 2, 0, 1)];
    for (const [name, actor] of Object.entries({ orphan, adopted, given })) {
      names.reserve(name, actor);
      names.publish(name, actor);
    }
    expect(names.entrust('adopted', { ...adopted, parent: 1 })).toBe(true);
    expect(names.entrust('given', { ...given, parent: 3 })).toBe(true);
    expect(names.entrust('nobody', { ...given, parent: 3 })).toBe(false);
    expect(names.find('given')).toEqual({ ...given, parent: 3 });
    dead.add(1);
    expect(names.freeAllOf(1).sort()).toEqual(['adopted', 'orphan']);
    expect(names.entrust('orphan', { ...orphan, parent: 3 })).toBe(false);
    expect(names.list()).toEqual(['given']);
  });

  it('frees all names of a life that is over, and those of earlier ones, and gives their room back', () => {
    const dead = new Set<number>();
    const names = openNames(nameMemory(CAPACITY), CAPACITY, 5, (origin) => dead.has(origin));
    for (let i = 0; i < CAPACITY; i++) {
      names.reserve(`name ${i}`, actorOf(i, i % 4));
      if (i % 8 < 4) names.publish(`name ${i}`, actorOf(i, i % 4));
    }
    dead.add(1);
    expect(names.freeAllOf(1).sort()).toEqual(['name 1', 'name 13', 'name 5', 'name 9']);
    expect(names.freeAllOf(1)).toEqual([]);
    // Somebody who does not know yet.
    names.reserve('late', actorOf(1, 1));
    dead.add(2);
    expect(names.freeAllOf(2).sort()).toEqual(['late', 'name 10', 'name 14', 'name 2', 'name 6']);
    expect(names.list().sort()).toEqual(['name 0', 'name 11', 'name 3', 'name 8']);
    expect(names.reservedOf(3).map(([name, { slot }]) => [name, slot])).toEqual(
      expect.arrayContaining([
        ['name 7', 7],
        ['name 15', 15],
      ]),
    );
    expect(names.reservedOf(3)).toHaveLength(2);
    for (let i = 0; i < CAPACITY / 2; i++) names.reserve(`new ${i}`, actorOf(i));
    expect(() => names.reserve('one more', actorOf(0))).toThrow(expect.objectContaining({ name: 'LimitReached' }));
  });

  it('stays whole when the stack is full at any access to it', () => {
    let cut = 0;
    for (let place = 0; place === cut; place++) {
      const names = newNames(2);
      names.reserve('first', actorOf(0));
      let accesses = 0;
      const overflow = (): void => {
        if (accesses++ === place) throw new RangeError('Maximum call stack size exceeded');
      };
      try {
        tellAtomics(overflow, () => {
          names.reserve('deep', actorOf(0));
          names.free('first', actorOf(0));
          names.free('deep', actorOf(0));
        });
      } catch {
        cut++;
      }
      for (const name of ['first', 'deep']) names.free(name, actorOf(0));
      for (const name of ['one', 'two']) names.reserve(name, actorOf(0));
      expect(() => names.reserve('three', actorOf(0))).toThrow(expect.objectContaining({ name: 'LimitReached' }));
    }
    expect(cut).toBeGreaterThan(0);
  });
});
