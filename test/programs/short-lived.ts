/** Shuts down a system that does not keep the process alive, and reports what came of it. */
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const system = await createSystem({ threads: 2, keepAlive: false });
(await system.spawn(Account, 'ann')).deposit({ amount: 10 });
const { quiet, accepted, handled } = await system.shutdown();
console.log(JSON.stringify({ quiet, accepted, handled }));
