import type { DeadLetter } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe.each([
  { where: 'on another thread', place: 1 },
  { where: 'on the same thread', place: 0 },
])('the end of an actor $where', ({ place }) => {
  it('by stop comes after the handler that runs, ahead of what is queued', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const running = echo.later({ ms: 20, value: 1 });
    await until(() => system.counters().threads.some(({ underway }) => underway > 0));
    const queued = echo.text({ value: 'queued' });
    const outcomes = Promise.allSettled([running, queued]);
    expect(await system.stop(echo, { reason: 'enough' })).toEqual({ reason: 'stopped', detail: 'enough' });
    expect(await outcomes).toMatchObject([{ value: 1 }, { status: 'rejected' }]);
  });

  it('by kill comes in the middle of an async handler', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const hung = echo.never();
    const outcome = expect(hung).rejects.toMatchObject({ code: 'HEDDLE_ACTOR_STOPPED' });
    await until(() => system.counters().threads.some(({ underway }) => underway > 0));
    expect(await system.kill(echo)).toEqual({ reason: 'killed', detail: 'killed' });
    await outcome;
    expect(await finish(system)).toMatchObject({ accepted: 1, lost: 1 });
  });

  it('by drain comes when everything is handled', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const calls = Promise.all([
      echo.later({ ms: 5, value: 1 }),
      echo.later({ ms: 1, value: 2 }),
      echo.text({ value: 'x' }),
    ]);
    const drained = system.drain(echo);
    const late = echo.text({ value: 'late' });
    const refused = expect(late).rejects.toMatchObject({ code: expect.stringMatching(/ACTOR_STOPPED|NO_SUCH_ACTOR/) });
    expect(await calls).toEqual([1, 2, 'x']);
    expect(await drained).toMatchObject({ reason: 'drained' });
    await refused;
  });

  it('by failure is told with the error', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const ended = system.stopped(echo);
    const problems = system.problems[Symbol.asyncIterator]();
    const problem = problems.next();
    echo.throwCast();
    expect(await ended).toMatchObject({ reason: 'failed', error: { code: 'HEDDLE_ACTOR_FAILED' } });
    expect((await problem).value).toMatchObject({ kind: 'actor-failed', thread: place, missed: 0 });
    expect((await ended).error).toMatchObject({ cause: { message: 'a cast that fails' } });
  });

  it('is told to all who wait, also when they come late', async () => {
    const system = await start({ threads: 1 });
    const account = await system.spawn(Account, 'ann', { place });
    const waiters = [system.stopped(account), system.stopped(account)];
    const stops = [system.stop(account, { reason: 'first' }), system.stop(account, { reason: 'second' })];
    for (const waiter of waiters) expect(await waiter).toEqual({ reason: 'stopped', detail: 'first' });
    expect(await stops[0]).toEqual({ reason: 'stopped', detail: 'first' });
    await stops[1];
    expect(await system.stopped(account)).toMatchObject({ reason: 'no-such-actor' });
  });

  it('makes dead letters of what comes after it, and calls fail at once', async () => {
    const system = await start({ threads: 1 });
    const account = await system.spawn(Account, 'ann', { place });
    const letters = system.deadLetters[Symbol.asyncIterator]();
    const letter = letters.next();
    await system.stop(account);
    account.deposit({ amount: 1 });
    await expect(account.balance({}, { timeoutMs: 20_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/ACTOR_STOPPED|NO_SUCH_ACTOR/),
    });
    expect((await letter).value satisfies DeadLetter).toMatchObject({ thread: place, missed: 0 });
    await letters.return?.();
    expect(await finish(system)).toMatchObject({ accepted: 2, dead: 2 });
  });
});

describe('the end of an actor', () => {
  it('can be brought about by another actor, and by itself', async () => {
    const system = await start({ threads: 2 });
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    const account = await system.spawn(Account, 'ann', { place: 2 });
    expect(await agent.stop({ who: account })).toBe('an agent said so');
    const other = await system.spawn(Agent, undefined, { place: 1 });
    const ended = system.stopped(other);
    // Its handler returns before it ends, and so answers.
    expect(await other.stop({ who: other })).toBe('an agent said so');
    expect(await ended).toEqual({ reason: 'stopped', detail: 'an agent said so' });
  });

  it('frees its slot, and old refs never reach the next actor in it', async () => {
    const system = await start({ threads: 1 });
    for (let round = 0; round < 200; round++) {
      const account = await system.spawn(Account, `owner ${round}`, { place: 1 });
      await system.stop(account);
      account.deposit({ amount: 1 });
    }
    const last = await system.spawn(Account, 'last', { place: 1 });
    expect(await last.balance()).toBe(0);
    expect(await finish(system)).toMatchObject({ accepted: 201, handled: 1, dead: 200 });
  });
});
