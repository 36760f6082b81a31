/**
 * Starts a system, uses it, and does nothing more. With `keepAlive: false` the process ends by itself; otherwise the
 * system keeps it, until it is told on its standard input to shut down.
 */
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const keepAlive = process.argv[2] === 'true';
const system = await createSystem({ threads: 2, keepAlive });
const account = await system.spawn(Account, 'ann');
account.deposit({ amount: 10 });
console.log(`balance ${await account.balance()}`);
process.on('exit', () => console.log('exit'));
process.stdin.once('data', async () => {
  console.log((await system.shutdown()).quiet ? 'quiet' : 'not quiet');
  process.stdin.destroy();
});
// Listening to the standard input must not be what keeps the process.
(process.stdin as unknown as { unref(): void }).unref();
