import { availableParallelism } from 'node:os';
import { createSystem } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe('a system', () => {
  it('ends cleanly, with books that balance', async () => {
    const system = await start({ threads: 2 });
    const account = await system.spawn(Account, 'ann');
    account.deposit({ amount: 10 });
    expect(await account.balance()).toBe(10);
    expect(await finish(system)).toMatchObject({ quiet: true, accepted: 2, handled: 2, lost: 0, dead: 0 });
  });

  it('has one worker fewer than there are cores, and at least one', async () => {
    const system = await start();
    expect(system.threads).toBe(Math.max(1, availableParallelism() - 1));
  });

  it('is shut down at the end of its block', async () => {
    let account: { balance(): Promise<number> };
    {
      await using system = await createSystem({ threads: 1 });
      account = await system.spawn(Account, 'ann');
    }
    await expect(account.balance()).rejects.toMatchObject({ code: 'HEDDLE_SYSTEM_STOPPED' });
  });

  it('gives every caller of shutdown the same report', async () => {
    const system = await start({ threads: 1 });
    const [one, other] = await Promise.all([system.shutdown(), system.shutdown()]);
    expect(one).toBe(other);
    expect(await finish(system)).toBe(one);
  });

  it('handles what was sent before the shutdown', async () => {
    const system = await start({ threads: 2 });
    const account = await system.spawn(Account, 'ann');
    for (let i = 0; i < 1000; i++) account.deposit({ amount: 1 });
    expect(await finish(system)).toMatchObject({ quiet: true, accepted: 1000, handled: 1000 });
  });

  it('does not wait longer for handlers than its deadline, and counts what is left', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo);
    const hung = echo.never();
    const queued = echo.echo({ value: 1 });
    const outcomes = Promise.allSettled([hung, queued]);
    const report = await finish(system, 50);
    expect(report).toMatchObject({ quiet: false, accepted: 2, handled: 0, lost: 1, undelivered: 1 });
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected' });
  });

  it('ends a thread whose handler does not return, and says so', async () => {
    const system = await createSystem({ threads: 2 });
    const [stuck, other] = [
      await system.spawn(Echo, undefined, { place: 1 }),
      await system.spawn(Echo, undefined, { place: 2 }),
    ];
    const outcome = stuck.spin({ ms: 2 ** 30 }).catch((error: { code: string }) => error.code);
    await until(() => system.counters().threads[1]!.underway === 1);
    expect(await other.text({ value: 'goes on' })).toBe('goes on');
    const report = await system.shutdown({ deadlineMs: 20 });
    expect(report).toMatchObject({ quiet: false, accepted: 2, handled: 1, lost: 1, dead: 0, unaccounted: 0 });
    expect(report.threads.map(({ error }) => error !== undefined)).toEqual([true, false]);
    expect(await outcome).toMatch(/SYSTEM_STOPPED|THREAD_LOST/);
  });

  it('runs everything on the host with no threads', async () => {
    const system = await start({ threads: 0 });
    const account = await system.spawn(Account, 'ann');
    account.deposit({ amount: 4 });
    expect(await account.balance()).toBe(4);
    const agent = await system.spawn(Agent);
    expect(await agent.thread()).toBe(0);
    expect((await agent.account({ place: 0, amount: 3 })).balance).toBe(3);
    expect(system.counters().threads).toHaveLength(1);
  });

  it('lets two systems live side by side', async () => {
    const [one, other] = await Promise.all([start({ threads: 1 }), start({ threads: 1 })]);
    const [ann, bob] = await Promise.all([one.spawn(Account, 'ann'), other.spawn(Account, 'bob')]);
    expect(await Promise.all([ann.owner(), bob.owner()])).toEqual(['ann', 'bob']);
  });
});
