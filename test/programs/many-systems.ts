/** Starts and ends ten systems in a row, and tells what is left of them; ends by itself. */
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const before = process.getActiveResourcesInfo().length;
for (let i = 0; i < 10; i++) {
  const system = await createSystem({ threads: 1 });
  const account = await system.spawn(Account, `owner ${i}`);
  if ((await account.owner()) !== `owner ${i}`) throw new Error('systems are mixed up');
  await system.shutdown();
}
await new Promise((resolve) => setImmediate(resolve));
console.log(process.getActiveResourcesInfo().length - before);
