/** Names across threads: who has one, who is refused one, and that none is left behind, whoever dies when. */
import { type LifeEvent, refKey, type System, sameRef } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { BadInit } from '../actors/bad-init.js';
import { Throws } from '../actors/bad-throws.js';
import { Namer } from '../actors/namer.js';
import { OneForOne, Ward } from '../actors/ward.js';
import { start } from '../support/systems.js';
import { until } from '../support/until.js';
import { actorsOf, plansOf, wardsOf } from '../support/wards.js';

const TAKEN = { code: 'HEDDLE_ALREADY_REGISTERED' };
const NAMES_MAX = 16_384;
const NAME_BYTES_MAX = 96;
const THREADS = [0, 1, 2];

const namersOf = (system: System) => Promise.all(THREADS.map((place) => system.spawn(Namer, undefined, { place })));

/** Waits until a name that somebody left behind can be had again. */
const becomesFree = async (system: System, name: string, place: number): Promise<void> => {
  for (;;) {
    try {
      await system.stop(await system.spawn(Account, name, { name, place }));
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== TAKEN.code) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
};

describe('a name', () => {
  it.each(THREADS)('of an actor on thread %i is found on every thread, as what the actor is', async (place) => {
    const system = await start({ threads: 2 });
    const account = await system.spawn(Account, 'ann', { name: 'the account', place });
    for (const namer of await namersOf(system)) {
      const found = await namer.find({ name: 'the account' });
      expect(refKey(found.any!)).toBe(refKey(account));
      expect(refKey(found.account!)).toBe(refKey(account));
      expect(found.ward).toBeUndefined();
      expect(await namer.names()).toEqual(['the account']);
      expect(await namer.find({ name: 'the' })).toEqual({});
      system.typed(Account, found.any!).deposit({ amount: 1 });
    }
    await system.whereIs(Account, 'the account')!.deposit({ amount: 1 });
    expect(await account.balance()).toBe(THREADS.length + 1);
    expect(system.whereIs(Ward, 'the account')).toBeUndefined();
    await system.stop(account);
    for (const namer of await namersOf(system)) expect(await namer.find({ name: 'the account' })).toEqual({});
  });

  it('is taken before the actor is born, and found only afterwards', async () => {
    const system = await start({ threads: 2 });
    const namers = await namersOf(system);
    const unborn = system.spawnNow(BadInit, { how: 'ends', what: 'never' }, { name: 'one', place: 1 });
    for (const namer of namers) {
      expect(await namer.account({ name: 'one', place: 2 })).toBe(TAKEN.code);
      expect(await namer.find({ name: 'one' })).toEqual({});
    }
    await expect(system.spawn(Account, 'ann', { name: 'one' })).rejects.toMatchObject(TAKEN);
    expect(() => system.spawnNow(Account, 'ann', { name: 'one' })).toThrow(expect.objectContaining(TAKEN));
    const born = await system.spawn(Account, 'ann', { name: 'other' });
    await expect(system.alias(born, 'one')).rejects.toMatchObject(TAKEN);
    await system.kill(unborn);
    await system.alias(born, 'one');
    expect(sameRef(system.whereIs('one')!, born)).toBe(true);
    expect(await system.unalias(unborn, 'one').catch((error: unknown) => error)).toMatchObject({
      code: 'HEDDLE_NO_SUCH_ACTOR',
    });
  });

  it.each([
    ['init fails', BadInit, { how: 'throws', what: 'error' }, 0],
    ['init fails on a worker', BadInit, { how: 'rejects', what: 'error' }, 1],
    ['module cannot be imported', Throws, undefined, 1],
  ] as const)('is free again when the %s', async (_why, definition, args, place) => {
    const system = await start({ threads: 2 });
    const spawned = system.spawn(definition as typeof BadInit, args as never, { name: 'one', place });
    await expect(spawned).rejects.toMatchObject({ code: expect.stringMatching(/ACTOR_FAILED|INVALID_DEFINITION/) });
    const namers = await namersOf(system);
    expect(await namers[2]!.account({ name: 'one', place: 1 })).toBeUndefined();
  });

  it('is refused that is none, and costs nothing', async () => {
    const system = await start({ threads: 1 });
    for (const name of ['', 'é'.repeat(NAME_BYTES_MAX / 2 + 1), '\ud800', 7 as unknown as string]) {
      await expect(system.spawn(Account, 'ann', { name })).rejects.toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS' });
    }
    const longest = 'é'.repeat(NAME_BYTES_MAX / 2);
    const account = await system.spawn(Account, 'ann', { name: longest });
    expect(sameRef(system.whereIs(longest)!, account)).toBe(true);
    expect(actorsOf(system)).toBe(1);
  });

  it('is one of several, which come and go by themselves and go together at the end', async () => {
    const system = await start({ threads: 2 });
    const [host, first, second] = await namersOf(system);
    const account = await system.spawn(Account, 'ann', { name: 'ann', place: 1 });
    expect(await host!.alias({ who: account, name: 'anna' })).toBeUndefined();
    expect(await first!.alias({ who: account, name: 'anne' })).toBeUndefined();
    expect(await second!.alias({ who: account, name: 'anne' })).toBe(TAKEN.code);
    expect((await second!.names()).sort()).toEqual(['ann', 'anna', 'anne']);
    expect(await second!.unalias({ who: account, name: 'ann' })).toEqual({ had: 1 });
    expect(await first!.unalias({ who: account, name: 'ann' })).toEqual({ had: 0 });
    expect(await second!.account({ name: 'ann', place: 2 })).toBeUndefined();
    await system.stop(account);
    expect(await first!.names()).toEqual(['ann']);
  });

  it(`is one of ${NAMES_MAX} at most`, async () => {
    const system = await start({ threads: 2 });
    const accounts = await Promise.all(THREADS.map((place) => system.spawn(Account, 'ann', { place })));
    const numbers = Array.from({ length: NAMES_MAX }, (_, number) => number);
    await Promise.all(numbers.map((number) => system.alias(accounts[number % accounts.length]!, `name ${number}`)));
    expect(system.names()).toHaveLength(NAMES_MAX);
    const wrong = numbers.filter(
      (number) => !sameRef(system.whereIs(`name ${number}`)!, accounts[number % accounts.length]!),
    );
    expect(wrong).toEqual([]);
    const limit = { code: 'HEDDLE_LIMIT_REACHED' };
    for (const account of accounts) await expect(system.alias(account, 'one more')).rejects.toMatchObject(limit);
    for (const place of THREADS) {
      await expect(system.spawn(Account, 'bob', { name: 'one more', place })).rejects.toMatchObject(limit);
    }
    await expect(system.alias(accounts[0]!, 'name 1')).rejects.toMatchObject(TAKEN);
    await system.stop(accounts[1]!);
    await system.spawn(Account, 'bob', { name: 'one more', place: 2 });
    await system.terminate(2);
    expect(system.names()).toHaveLength(numbers.filter((number) => number % accounts.length === 0).length);
  });
});

describe('a thread that dies', () => {
  it('leaves no name of its own', async () => {
    const system = await start({ threads: 2 });
    for (let epoch = 1; epoch <= 3; epoch++) {
      const account = await system.spawn(Account, 'ann', { name: 'one', place: 1 });
      await system.alias(account, 'uno');
      system.spawnNow(BadInit, { how: 'ends', what: 'never' }, { name: 'unborn', place: 1 });
      const told = system.stopped(account).then(() => system.names());
      await system.terminate(1);
      expect(await told).toEqual([]);
      for (const name of ['one', 'uno', 'unborn']) {
        await system.stop(await system.spawn(Account, 'bob', { name, place: 2 }));
      }
    }
  });

  it.each(THREADS)('right after it has taken a name, for an actor of thread %i, leaves that free', async (place) => {
    const system = await start({ threads: 2 });
    for (let death = 1; death <= 5; death++) {
      const [, namer] = await namersOf(system);
      namer!.reserveAndDie({ name: 'one', place });
      expect(await system.stopped(namer!)).toMatchObject({ reason: 'thread-lost' });
      await becomesFree(system, 'one', 2);
      await becomesFree(system, 'one', place);
      expect(system.names()).toEqual([]);
    }
  });

  it('has names taken for actors on it that are not to come, by one who has not heard of its death', async () => {
    const system = await start({ threads: 2 });
    const [, namer] = await namersOf(system);
    namer!.reserveAndDie({ name: 'unborn', place: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    const { threads } = system.counters();
    expect(threads[1]!.epoch).toBe(0);
    // In one turn of the host: the thread dies, and its replacement runs.
    while (system.counters().threads[1]!.epoch === 0) Math.random();
    while (system.counters().threads[1]!.state !== 'running') Math.random();
    const late = system.spawnNow(Account, 'ann', { name: 'late', place: 1 });
    expect(await system.stopped(late)).toMatchObject({ reason: 'thread-lost' });
    expect(await (await system.spawn(Account, 'ann', { name: 'late', place: 1 })).owner()).toBe('ann');
  });

  it('gives its names back to those who are supervised', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(OneForOne, plansOf('ward', 4, [1], true), { place: 2 });
    const wards = await wardsOf(system, ref);
    await system.terminate(1);
    await until(() => system.names().length === wards.length);
    for (const [index, ward] of wards.entries()) {
      expect(sameRef(system.whereIs(Ward, `ward${index}`)!, ward)).toBe(true);
    }
    await system.stop(ref);
    expect(system.names()).toEqual([]);
  });
});

describe('lives', () => {
  type Line = readonly [kind: LifeEvent['kind'], name: string | undefined, reason: string | undefined];

  /** Collects what is told of one actor after the other. */
  const listen = (system: System) => {
    const lines = new Map<string, Line[]>();
    let missed = 0;
    const read = async (): Promise<void> => {
      for await (const event of system.lives) {
        missed += event.missed;
        const key = refKey(event.ref);
        lines.set(key, [...(lines.get(key) ?? []), [event.kind, event.name, event.ended?.reason]]);
      }
    };
    void read();
    return { of: (ref: Parameters<typeof refKey>[0]) => lines.get(refKey(ref)) ?? [], missed: () => missed };
  };

  it.each(THREADS)('tell what becomes of an actor and its names on thread %i, in order', async (place) => {
    const system = await start({ threads: 2 });
    const heard = listen(system);
    const account = await system.spawn(Account, 'ann', { name: 'ann', place });
    await system.alias(account, 'anna');
    await system.unalias(account, 'ann');
    await system.stop(account);
    const lines: Line[] = [
      ['named', 'ann', undefined],
      ['spawned', undefined, undefined],
      ['named', 'anna', undefined],
      ['unnamed', 'ann', undefined],
      ['unnamed', 'anna', undefined],
      ['ended', undefined, 'stopped'],
    ];
    await until(() => heard.of(account).length >= lines.length);
    expect(heard.of(account)).toEqual(lines);
    expect(heard.missed()).toBe(0);
  });

  it.each(THREADS)('tell restarts on thread %i, which are no ends', async (place) => {
    const system = await start({ threads: 2 });
    const heard = listen(system);
    const ref = await system.spawn(OneForOne, plansOf('ward', 1, [place], true), { place: 2 });
    const [ward] = await wardsOf(system, ref);
    ward!.fail();
    await ward!.total();
    await system.stop(ref);
    const life: Line[] = [
      ['named', 'ward0', undefined],
      ['spawned', undefined, undefined],
      ['unnamed', 'ward0', undefined],
    ];
    const lines = [...life, ...life, ['ended', undefined, 'stopped'] as const];
    await until(() => heard.of(ward!).length >= lines.length);
    expect(heard.of(ward!)).toEqual(lines);
  });

  it('tell of the next lives of those whose thread has died', async () => {
    const system = await start({ threads: 2 });
    const heard = listen(system);
    const ref = await system.spawn(OneForOne, plansOf('ward', 1, [1], true), { place: 2 });
    const [ward] = await wardsOf(system, ref);
    await system.terminate(1);
    await until(() => heard.of(ward!).filter(([kind]) => kind === 'spawned').length === 2);
    await system.stop(ref);
    await until(() => heard.of(ward!).some(([kind]) => kind === 'ended'));
    expect(heard.of(ward!).at(-1)).toEqual(['ended', undefined, 'stopped']);
    expect(heard.of(ref).at(-1)).toEqual(['ended', undefined, 'stopped']);
  });
});
