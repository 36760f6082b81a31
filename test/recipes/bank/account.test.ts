import { createSystem } from 'heddle';
import { expect, it } from 'vitest';
import { Account } from './account.ts';

it('counts in cents', async () => {
  const system = await createSystem({
    threads: 1,
    workerImports: [new URL('./register-tsx.js', import.meta.url).href],
  });
  const account = await system.spawn(Account);
  account.deposit({ amount: 10.01 });
  expect(await account.cents()).toBe(1001);
  await system.shutdown();
});
