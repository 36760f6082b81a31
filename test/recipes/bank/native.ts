import { createSystem } from 'heddle';
import { Account } from './account.ts';

const system = await createSystem({ threads: 2 });
const account = await system.spawn(Account);
account.deposit({ amount: 10.01 });
console.log(await account.cents());
await system.shutdown();
