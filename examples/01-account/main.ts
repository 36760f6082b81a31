// main.ts
import { createSystem } from 'heddle';
import { Account } from './account.js';

const { signal } = new AbortController();

await using system = await createSystem({ threads: 4 });
const account = await system.spawn(Account, 'ann');
account.deposit({ amount: 10 }); // cast
console.log(await account.balance()); // call -> 10
await account.balance({}, { timeoutMs: 50, signal }); // calls take a deadline and an AbortSignal
await system.stop(account, { reason: 'done' });
