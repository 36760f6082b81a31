import { createSystem, isHost } from 'heddle';
import { Account } from './account.ts';

const main = async (): Promise<void> => {
  const system = await createSystem({ threads: 2 });
  const account = await system.spawn(Account);
  account.deposit({ amount: 10.01 });
  console.log(await account.cents());
  await system.shutdown();
};

// Workers import this bundle too, to find the actors in it.
if (isHost) await main();
