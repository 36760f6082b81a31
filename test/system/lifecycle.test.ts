import { createSystem } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';

describe('a system', () => {
  it('ends cleanly, with books that balance', async () => {
    const system = await createSystem({ threads: 2 });
    const account = await system.spawn(Account, 'ann');
    account.deposit({ amount: 10 });
    expect(await account.balance()).toBe(10);
    const report = await system.shutdown();
    expect(report).toMatchObject({ quiet: true, accepted: 2, handled: 2, lost: 0, dead: 0, unaccounted: 0 });
    expect(report.threads).toEqual([
      { thread: 1, error: undefined },
      { thread: 2, error: undefined },
    ]);
  });
});
