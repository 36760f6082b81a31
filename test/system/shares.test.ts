/** Memory that all threads of a system share, and the handles to it that travel in messages. */
import type { Shared, System } from 'heddle';
import { createSystem } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Sharer } from '../actors/sharer.js';
import { expectRefusal, refusal, rejected, thrown } from '../support/refusals.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

const buffer = (...numbers: readonly number[]): SharedArrayBuffer => {
  const shared = new SharedArrayBuffer(numbers.length * 4);
  new Int32Array(shared).set(numbers);
  return shared;
};

const shareAll = (system: System, numbers: readonly number[]): Promise<Shared[]> =>
  Promise.all(numbers.map((number) => system.share(buffer(number))));

const epochOf = (system: System, thread: number): number => system.counters().threads[thread]!.epoch;

describe('memory that is shared', () => {
  it('is the same on every thread', async () => {
    const system = await start({ threads: 2 });
    const table = await system.share(buffer(0));
    const sharers = await Promise.all([0, 1, 2].map((place) => system.spawn(Sharer, undefined, { place })));
    await Promise.all(sharers.map((sharer) => sharer.count({ table, times: 20_000 })));
    expect(new Int32Array(table.buffer)[0]).toBe(60_000);
  });

  it.each([
    ['that checks everything', true],
    ['as usual', false],
  ])('travels wherever a field may stand, in a system %s', async (_name, strict) => {
    const system = await start({ threads: 1, strict });
    const [one, two, three, four, five, six] = await shareAll(system, [1, 2, 3, 4, 5, 6]);
    for (const place of [0, 1]) {
      const sharer = await system.spawn(Sharer, undefined, { place });
      const all = { one: one!, many: [two!, three!], inner: { table: four! } };
      expect(await sharer.firsts({ ...all, maybe: five!, kind: { kind: 'some', table: six! } })).toEqual([
        1, 2, 3, 4, 5, 6,
      ]);
      expect(await sharer.firsts({ ...all, kind: { kind: 'none' } })).toEqual([1, 2, 3, 4]);
    }
  });

  it('travels from worker to worker, and back in replies as the same handle', async () => {
    const system = await start({ threads: 2 });
    const [table, other] = await shareAll(system, [0, 0]);
    const [left, right] = await Promise.all([1, 2].map((place) => system.spawn(Sharer, undefined, { place })));
    expect(await left!.pass({ to: right!, table: table! })).toBe(1);
    expect(new Int32Array(table!.buffer)[0]).toBe(1);
    expect(await left!.kept()).toBeUndefined();
    left!.keep(other!);
    expect(await left!.kept()).toBe(other);
  });

  it('reaches a worker that has not returned from its handler since before it was shared', async () => {
    const system = await start({ threads: 1 });
    const flag = await system.share(buffer(0, 0));
    const words = new Int32Array(flag.buffer);
    const [looping, counting] = [await system.spawn(Sharer), await system.spawn(Sharer)];
    looping.loop({ flag });
    await until(() => words[1] === 1);
    const tables = await shareAll(system, [0, 0, 0]);
    const counts = tables.map((table, index) => counting.count({ table, times: index + 1 }));
    Atomics.store(words, 0, 1);
    expect(await Promise.all(counts)).toEqual([1, 2, 3]);
    expect(tables.map((table) => new Int32Array(table.buffer)[0])).toEqual([1, 2, 3]);
  });

  it('is known to the worker that replaces one, and what is shared later as well', async () => {
    const system = await start({ threads: 2 });
    const before = await shareAll(system, [10, 20]);
    const old = await system.spawn(Sharer, undefined, { place: 1 });
    old.keep(before[0]!);
    await system.terminate(1);
    const after = await shareAll(system, [30]);
    await until(() => epochOf(system, 1) === 1);
    const sharer = await system.spawn(Sharer, undefined, { place: 1 });
    for (const table of [...before, ...after]) await sharer.count({ table, times: 1 });
    expect([...before, ...after].map((table) => new Int32Array(table.buffer)[0])).toEqual([11, 21, 31]);
  });

  it('needs no workers', async () => {
    const system = await start({ threads: 0 });
    const table = await system.share(buffer(0));
    const sharer = await system.spawn(Sharer);
    expect(await sharer.count({ table, times: 5 })).toBe(5);
    expect(new Int32Array(table.buffer)[0]).toBe(5);
  });

  it('may grow', async () => {
    const system = await start({ threads: 1 });
    const growing = new SharedArrayBuffer(0, { maxByteLength: 8 });
    const table = await system.share(growing);
    const sharer = await system.spawn(Sharer);
    growing.grow(4);
    await sharer.count({ table, times: 3 });
    expect(new Int32Array(growing)[0]).toBe(3);
  });
});

describe('a handle to shared memory', () => {
  it('is the same whenever the same buffer is shared, and tells nothing but the buffer', async () => {
    const system = await start({ threads: 1 });
    const table = buffer(1);
    const [first, second] = await Promise.all([system.share(table), system.share(table)]);
    expect(second).toBe(first);
    expect(await system.share(table)).toBe(first);
    expect(first!.buffer).toBe(table);
    expect(Object.keys(first!)).toEqual(['buffer']);
    expect(Object.isFrozen(first)).toBe(true);
    expect(await system.share(buffer(1))).not.toBe(first);
  });

  it('is refused by a system that it is not of', async () => {
    const [system, other] = [await start({ threads: 0 }), await start({ threads: 1 })];
    const foreign = await system.share(buffer(1));
    // Of the same number there.
    await other.share(buffer(2));
    const sharer = await other.spawn(Sharer);
    expectRefusal(
      await rejected(sharer.count({ table: foreign, times: 1 })),
      refusal('InvalidMessage', /^Sharer\.count: table: expected a shared buffer of this system, got a shared buffer$/),
    );
  });

  it.each([
    ['the buffer itself', new SharedArrayBuffer(4), 'an instance of SharedArrayBuffer'],
    ['nothing', undefined, 'nothing'],
    ['something that looks like one', { buffer: new SharedArrayBuffer(4) }, 'an object'],
    ['a number', 0, 'number 0'],
  ])('is refused by path where it is %s', async (_name, table, got) => {
    const system = await start({ threads: 1 });
    const good = await system.share(buffer(1));
    for (const place of [0, 1]) {
      const sharer = await system.spawn(Sharer, undefined, { place });
      const bad = table as unknown as Shared;
      const says = (path: string): RegExp =>
        new RegExp(`^Sharer\\.\\w+: ${path}expected a shared buffer of this system, got ${got}$`);
      expectRefusal(await rejected(sharer.count({ table: bad, times: 1 })), refusal('InvalidMessage', says('table: ')));
      const many = { one: good, many: [good, bad], inner: { table: good }, kind: { kind: 'none' as const } };
      expectRefusal(await rejected(sharer.firsts(many)), refusal('InvalidMessage', says('many\\[1\\]: ')));
      const inner = { ...many, many: [], inner: { table: bad } };
      expectRefusal(await rejected(sharer.firsts(inner)), refusal('InvalidMessage', says('inner\\.table: ')));
      expectRefusal(
        thrown(() => sharer.keep(bad)),
        refusal('InvalidMessage', says('')),
      );
    }
  });
});

describe('sharing', () => {
  it.each([new ArrayBuffer(4), new Int32Array(new SharedArrayBuffer(4)), 4, null, undefined])(
    'refuses what is no SharedArrayBuffer (%s)',
    async (wrong) => {
      const system = await start({ threads: 0 });
      expectRefusal(
        await rejected(system.share(wrong as unknown as SharedArrayBuffer)),
        refusal('InvalidOptions', /^share: expected a SharedArrayBuffer, got=/),
      );
    },
  );

  it('has a limit', async () => {
    const system = await start({ threads: 0 });
    for (let count = 0; count < 65_536; count++) await system.share(new SharedArrayBuffer(0));
    expectRefusal(
      await rejected(system.share(new SharedArrayBuffer(0))),
      refusal('LimitReached', /^share: too many buffers are shared, buffers=65536$/),
    );
  });

  it('ends with the system', async () => {
    const system = await createSystem({ threads: 1 });
    const account = await system.spawn(Account, 'ann');
    account.deposit({ amount: 1 });
    const report = finish(system);
    expectRefusal(await rejected(system.share(buffer(1))), refusal('SystemStopped', /./));
    await report;
  });
});
