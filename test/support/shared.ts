/** One system for all tests of a block, for those that must leave it as good as it was. */
import { createSystem, type System, type SystemOptions } from 'heddle';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Account } from '../actors/account.js';
import { finish } from './systems.js';

/** A good call succeeds: on a worker, and on the host. */
export const expectUsable = async (system: System): Promise<void> => {
  for (const place of [system.threads, 0]) {
    const account = await system.spawn(Account, 'ann', { place });
    account.deposit({ amount: 10 });
    expect(await account.balance()).toBe(10);
  }
};

/** Starts a system before the tests of a block. Each test must leave it usable; at the end its books must balance. */
export const share = (options: SystemOptions): (() => System) => {
  let system: System | undefined;
  const shared = (): System => {
    if (system === undefined) throw new Error('the system is not started yet');
    return system;
  };
  beforeAll(async () => {
    system = await createSystem({ strict: true, ...options });
  });
  afterEach(() => expectUsable(shared()));
  afterAll(() => finish(shared()));
  return shared;
};
