/**
 * Starts a system, uses it, and does nothing more. With `keepAlive: false` the process ends by itself; otherwise the
 * system keeps it, until a signal makes it shut down.
 */
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const keepAlive = process.argv[2] === 'true';
const system = await createSystem({ threads: 2, keepAlive });
const account = await system.spawn(Account, 'ann');
account.deposit({ amount: 10 });
const balance = await account.balance();
process.on('exit', () => console.log('exit'));
process.once('SIGTERM', async () => {
  console.log((await system.shutdown()).quiet ? 'quiet' : 'not quiet');
});
console.log(`balance ${balance}`);
