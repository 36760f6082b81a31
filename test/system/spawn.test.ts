import { refKey, sameRef } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { start } from '../support/systems.js';

describe('spawning', () => {
  it('places actors where it is told to', async () => {
    const system = await start({ threads: 2 });
    const threadOf = async (place?: Parameters<typeof system.spawn<typeof Echo>>[2]): Promise<number> =>
      (await system.spawn(Echo, undefined, place)).thread();
    expect(await threadOf({ place: 'host' })).toBe(0);
    expect(await threadOf({ place: 2 })).toBe(2);
    const second = await system.spawn(Echo, undefined, { place: 2 });
    expect(await threadOf({ place: { near: second } })).toBe(2);
    const inTurn = [await threadOf({ place: 'round-robin' }), await threadOf({ place: 'round-robin' })];
    expect(inTurn.sort()).toEqual([1, 2]);
    // Threads 1 and 2 have one and three or four actors: the next ones go to 1.
    expect(await threadOf({ place: 'least-loaded' })).toBe(1);
  });

  it('gives a ref at once, to which messages can be sent before the actor is born', async () => {
    const system = await start({ threads: 2 });
    const account = system.spawnNow(Account, 'ann', { place: 1 });
    account.deposit({ amount: 5 });
    account.deposit({ amount: 6 });
    expect(await account.balance()).toBe(11);
  });

  it('lets refs of actors that are not born yet travel ahead of them', async () => {
    const system = await start({ threads: 2 });
    const [near, far] = [
      await system.spawn(Agent, undefined, { place: 1 }),
      await system.spawn(Agent, undefined, { place: 2 }),
    ];
    // The spawn goes from thread 1 to thread 2; the ref comes by the host to thread 2 as well, and may be faster. So
    // may the question be than the deposit: nothing is promised about messages of different senders.
    for (let i = 0; i < 50; i++) {
      const { account } = await near.accountNow({ place: 2, amount: i });
      expect([0, i]).toContain(await far.balanceOf({ account }));
    }
  });

  it('works from inside actors, onto every thread', async () => {
    const system = await start({ threads: 2 });
    for (const place of [0, 1, 2]) {
      const agent = await system.spawn(Agent, undefined, { place });
      for (const target of [0, 1, 2]) {
        const { account, balance } = await agent.account({ place: target, amount: 7 });
        expect(balance).toBe(7);
        expect(await account.balance()).toBe(7);
      }
    }
  });

  it('compares refs by address', async () => {
    const system = await start({ threads: 1 });
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    const { account } = await agent.account({ place: 1, amount: 1 });
    const other = await system.spawn(Account, 'ann');
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    expect(echo).not.toBe(account);
    expect(sameRef(account, other)).toBe(false);
    expect(refKey(account)).not.toBe(refKey(other));
    expect(sameRef(account, account)).toBe(true);
  });
});
