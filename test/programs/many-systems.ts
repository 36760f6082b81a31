/** Starts and ends ten systems in a row, and compares what is left of them with what is left of one; ends by itself. */
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const resources = (): number => process.getActiveResourcesInfo().length;

const useSystem = async (owner: string): Promise<void> => {
  const system = await createSystem({ threads: 1 });
  const account = await system.spawn(Account, owner);
  if ((await account.owner()) !== owner) throw new Error('systems are mixed up');
  await system.shutdown();
};

// The first worker opens the standard streams of the process, which stay.
await useSystem('first');
await turn();
const before = resources();
for (let i = 0; i < 9; i++) await useSystem(`owner ${i}`);
// The last handles go with the turns of the event loop that follow.
while (resources() > before) await turn();
console.log('nothing is left');
