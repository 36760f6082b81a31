import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem, type Problem, type System, type ThreadLost } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { Ledger } from '../actors/ledger.js';
import { Mortal } from '../actors/mortal.js';
import { programUrl } from '../support/programs.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const THREAD_LOST = { code: 'HEDDLE_THREAD_LOST' };

const epochOf = (system: System, thread: number): number => system.counters().threads[thread]!.epoch;

describe('a worker that dies', () => {
  it('is told to those who wait: callers, those who watch, those who spawn', async () => {
    const system = await start({ threads: 2 });
    const problems = system.problems[Symbol.asyncIterator]();
    const [mortal, waiting] = [
      await system.spawn(Mortal, undefined, { place: 1 }),
      await system.spawn(Mortal, undefined, { place: 1 }),
    ];
    const pending = waiting.never({}, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    const ended = system.stopped(waiting);
    await quietExcept(system, 1);
    mortal.die({ way: 'process.exit in a handler' });
    const lost = { ...THREAD_LOST, reason: 'exit', exitCode: 7 };
    expect(await pending).toMatchObject(lost);
    expect(await ended).toMatchObject({ reason: 'thread-lost', error: lost });
    expect((await problems.next()).value).toMatchObject({ kind: 'thread-ended', error: lost });
    // And to those who ask later.
    await expect(waiting.thread()).rejects.toMatchObject(THREAD_LOST);
    expect(await system.stopped(waiting)).toMatchObject({ reason: 'thread-lost', error: THREAD_LOST });
    const letters = system.deadLetters[Symbol.asyncIterator]();
    const letter = letters.next();
    mortal.die({ way: 'a loop' });
    expect((await letter).value).toMatchObject({ reason: 'thread-lost' });
    await letters.return?.();
    expect(await finish(system)).toMatchObject({ handled: 0, lost: 1, dead: 3, deadByReason: { 'thread-lost': 3 } });
  });

  it('is replaced under its number, in its next epoch', async () => {
    const system = await start({ threads: 2 });
    for (let epoch = 1; epoch <= 3; epoch++) {
      const mortal = await system.spawn(Mortal, undefined, { place: 1 });
      mortal.die({ way: 'an exception in a timer' });
      await system.stopped(mortal);
      expect(await (await system.spawn(Mortal, undefined, { place: 1 })).thread()).toBe(1);
      expect(epochOf(system, 1)).toBe(epoch);
    }
    expect(system.counters().threads.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    await finish(system);
  });

  it('is replaced at once however often that happens, if it has taken messages', async () => {
    const system = await start({ threads: 1, workerImports: [programUrl('../actors/mortal')] });
    let mortal = await system.spawn(Mortal, undefined, { place: 1 });
    // More than would be allowed to die without having taken messages. Each but the first finds its death in its ring.
    for (let epoch = 1; epoch <= 13; epoch++) {
      mortal.die({ way: 'process.exit in a handler' });
      expect(await system.stopped(mortal)).toMatchObject({ reason: 'thread-lost' });
      expect(epochOf(system, 1)).toBe(epoch);
      mortal = system.spawnNow(Mortal, undefined, { place: 1 });
    }
    expect(await mortal.thread()).toBe(1);
    await finish(system);
  });

  it('leaves those alive that it spawned elsewhere, and its replacement spawns beside them', async () => {
    const system = await start({ threads: 2 });
    const mother = await system.spawn(Mortal, undefined, { place: 1 });
    const children = await Promise.all([1, 2, 3].map((amount) => mother.account({ place: 2, amount })));
    await system.terminate(1);
    const other = await system.spawn(Mortal, undefined, { place: 1 });
    const strangers = await Promise.all([10, 20, 30].map((amount) => other.account({ place: 2, amount })));
    const balances = [...children, ...strangers].map((account) => account.balance());
    expect(await Promise.all(balances)).toEqual([1, 2, 3, 10, 20, 30]);
    // The slot of one that outlives its spawner is nobody's to use again.
    await Promise.all(children.map((account) => system.stop(account)));
    expect(await (await other.account({ place: 2, amount: 40 })).balance()).toBe(40);
    expect(await Promise.all(strangers.map((account) => account.balance()))).toEqual([10, 20, 30]);
    await finish(system);
  });

  it('gets no answers any more: those to its calls do not reach the calls of its replacement', async () => {
    const system = await start({ threads: 2 });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const asking = await system.spawn(Mortal, undefined, { place: 1 });
    asking.askHeld({ of: echo });
    await until(() => system.counters().threads[2]!.handled === 1);
    await system.terminate(1);
    // Its first call has the number of the one that died.
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    const answer = agent.call({ to: echo, value: 'mine' });
    echo.release({ value: 13 });
    expect(await answer).toBe('mine');
    await finish(system);
  });

  it('is replaced while the host is blocked, and other workers work with the replacement meanwhile', async () => {
    const system = await start({ threads: 2 });
    const mortal = await system.spawn(Mortal, undefined, { place: 1 });
    const witness = await system.spawn(Mortal, undefined, { place: 2 });
    // Waits for the death, then spawns an actor on the replacement and works with it.
    const balance = witness.afterEnd({ of: mortal, place: 1 });
    await until(() => system.counters().threads[2]!.underway === 1);
    mortal.die({ way: 'process.exit in a handler' });
    await new Promise((resolve) => setImmediate(resolve));
    // Two requests of the witness, handled on the replacement, while nothing of the host's event loop runs.
    const handled = (): number => system.counters().threads[1]!.handled;
    while (handled() < 2) Math.random();
    expect(epochOf(system, 1)).toBe(1);
    expect(await balance).toBe(5);
    await finish(system);
  });

  it('has its mailboxes counted, and what was on the way to it', async () => {
    const system = await start({ threads: 2 });
    const [hoarder, ledger] = [
      await system.spawn(Mortal, undefined, { place: 1 }),
      await system.spawn(Ledger, undefined, { place: 1 }),
    ];
    hoarder.hoard({ count: 1000 });
    await until(() => system.counters().threads[1]!.underway === 1001);
    for (let number = 0; number < 5000; number++) ledger.note({ from: 0, number });
    await system.terminate(1);
    await quiet(system);
    const { accepted, handled, lost, dead, deadByReason } = system.counters();
    expect(accepted).toBe(1 + 1000 + 5000);
    // The ledger may have been in the middle of a message.
    expect(lost).toBeLessThanOrEqual(1);
    expect(dead + lost).toBe(accepted - handled);
    expect(dead).toBeGreaterThanOrEqual(1001);
    expect(deadByReason['thread-lost']).toBe(dead);
    await finish(system);
  });

  it('loses nothing of other threads', async () => {
    const system = await start({ threads: 2 });
    const ledgers = await Promise.all([0, 2].map((place) => system.spawn(Ledger, undefined, { place })));
    const agent = await system.spawn(Agent, undefined, { place: 2 });
    const sent = ledgers.map((to) => agent.notes({ to, from: 2, count: 50_000 }));
    for (let death = 0; death < 3; death++) await system.terminate(1);
    await Promise.all(sent);
    await quiet(system);
    for (const ledger of ledgers) expect(await ledger.summary()).toEqual({ count: 50_000, ordered: 1 });
    await finish(system);
  });
});

describe('two workers that die at once', () => {
  it.each([1, 2, 3, 4, 5])('are both replaced, with exact books (round %i)', async () => {
    const system = await start({ threads: 2, ringBytes: 4096 });
    const agents = await Promise.all([1, 2].map((place) => system.spawn(Agent, undefined, { place })));
    const ledgers = await Promise.all([2, 1].map((place) => system.spawn(Ledger, undefined, { place })));
    const notes = agents.map((agent, from) => agent.notes({ to: ledgers[from]!, from, count: 1_000_000 }));
    await until(() => system.counters().handled > 20_000);
    const outcomes = Promise.allSettled(notes);
    await Promise.all([system.terminate(1), system.terminate(2)]);
    expect(await outcomes).toMatchObject([{ reason: THREAD_LOST }, { reason: THREAD_LOST }]);
    const again = await Promise.all([1, 2].map((place) => system.spawn(Agent, undefined, { place })));
    const [left, right] = await Promise.all([2, 1].map((place) => system.spawn(Ledger, undefined, { place })));
    await Promise.all([
      again[0]!.notes({ to: left!, from: 0, count: 5000 }),
      again[1]!.notes({ to: right!, from: 1, count: 5000 }),
    ]);
    await quiet(system);
    expect(await left!.summary()).toEqual({ count: 5000, ordered: 1 });
    expect(await right!.summary()).toEqual({ count: 5000, ordered: 1 });
    await finish(system);
  });
});

describe('a worker in code that cannot be interrupted', () => {
  it('is out of reach until that ends, and then replaced', async () => {
    const system = await start({ threads: 1 });
    const mortal = await system.spawn(Mortal, undefined, { place: 1 });
    const waiting = await system.spawn(Mortal, undefined, { place: 1 });
    const pending = waiting.never({}, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    await quietExcept(system, 1);
    mortal.compute({ rounds: 5_000_000 });
    await until(() => system.counters().threads[1]!.underway === 2);
    const terminated = system.terminate(1);
    expect(await pending).toMatchObject({ ...THREAD_LOST, reason: 'stuck' });
    expect(system.counters().threads[1]!.state).toBe('stuck');
    expect(() => mortal.compute({ rounds: 1 })).toThrow(expect.objectContaining(THREAD_LOST));
    await expect(system.spawn(Mortal, undefined, { place: 1 })).rejects.toMatchObject(THREAD_LOST);
    await terminated;
    await until(() => system.counters().threads[1]!.state === 'running');
    expect(await (await system.spawn(Mortal)).thread()).toBe(1);
    await finish(system);
  });
});

describe('a worker whose replacement cannot begin', () => {
  it('is given up after several attempts: it is placed around, and sends to it are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-'));
    const guard = join(folder, 'guard');
    const system = await createSystem({
      threads: 2,
      workerImports: [programUrl('guarded-import')],
      env: { ...process.env, HEDDLE_TEST_GUARD: guard },
    });
    await writeFile(guard, '');
    const losses = system.problems[Symbol.asyncIterator]();
    await system.terminate(1);
    let loss: Problem;
    do loss = (await losses.next()).value;
    while ((loss.error as ThreadLost).reason !== 'not-replaced');
    expect(loss.error).toMatchObject({ ...THREAD_LOST, message: expect.stringContaining('cannot import') });
    expect(system.counters().threads.map(({ state }) => state)).toEqual(['running', 'ended', 'running']);
    await expect(system.spawn(Account, 'ann', { place: 1 })).rejects.toMatchObject(THREAD_LOST);
    const mortals = await Promise.all(
      (['round-robin', 'round-robin', 'least-loaded'] as const).map((place) =>
        system.spawn(Mortal, undefined, { place }),
      ),
    );
    expect(await Promise.all(mortals.map((mortal) => mortal.thread()))).toEqual([2, 2, 2]);
    const report = await system.shutdown();
    expect(report).toMatchObject({ quiet: true, accepted: 3, handled: 3, unaccounted: 0 });
    expect(report.threads.map(({ error }) => error !== undefined)).toEqual([true, false]);
    await rm(folder, { recursive: true });
  });
});

describe('ending a worker', () => {
  it.each([1, 2, 3])('and the system with it leaves nothing behind (round %i)', async () => {
    const system = await start({ threads: 2 });
    const ledger = await system.spawn(Ledger, undefined, { place: 1 });
    for (let number = 0; number < 1000; number++) ledger.note({ from: 0, number });
    const terminated = system.terminate(1);
    const report = await system.shutdown();
    expect(report).toMatchObject({ accepted: 1000, unaccounted: 0 });
    await terminated.catch(() => undefined);
  });

  it.each([0, 3, 1.5, -1])('is refused for a number that is none (%d)', async (thread) => {
    const system = await start({ threads: 2 });
    await expect(system.terminate(thread)).rejects.toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS' });
  });

  it('is refused once the system ends', async () => {
    const system = await start({ threads: 1 });
    const account = await system.spawn(Account, 'ann');
    account.deposit({ amount: 1 });
    const report = finish(system);
    await expect(system.terminate(1)).rejects.toMatchObject({ code: 'HEDDLE_SYSTEM_STOPPED' });
    expect(await report).toMatchObject({ handled: 1 });
  });
});

/** Waits until so many requests are under way, and no more. */
const quietExcept = (system: System, count: number): Promise<void> =>
  until(() => {
    const { accepted, handled, lost, dead, threads } = system.counters();
    const underway = threads.reduce((sum, thread) => sum + thread.underway, 0);
    return accepted - handled - lost - dead === count && underway === count;
  });
