// The same program in plain JavaScript: without `await using`, the system is shut down by hand.
import { createSystem } from 'heddle';
import { Account } from './account.mjs';

const system = await createSystem({ threads: 4 });
const account = await system.spawn(Account, 'ann');
account.deposit({ amount: 10 });
console.log(await account.balance());
await system.shutdown();
