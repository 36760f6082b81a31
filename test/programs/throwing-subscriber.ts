/** Listens to dead letters and throws at them. Prints what becomes of that, and of the system. */
import { subscribe } from 'node:diagnostics_channel';
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`));
subscribe('heddle:dead-letter', () => {
  throw new Error('a subscriber');
});
const system = await createSystem({ threads: 1 });
const account = await system.spawn(Account, 'ann', { place: 'host' });
await system.stop(account);
account.deposit({ amount: 1 });
const { quiet, accepted, dead } = await system.shutdown();
console.log(JSON.stringify({ quiet, accepted, dead }));
