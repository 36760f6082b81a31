// Another copy of heddle lies beside the other module; the test puts it there.
import { createSystem } from 'heddle';
import { Account } from './other/account.mjs';

const system = await createSystem({ threads: 1 });
const outcomeOf = async (place) => {
  try {
    await system.spawn(Account, 'ann', { place });
    return 'spawned';
  } catch (error) {
    return error.code;
  }
};
console.log(JSON.stringify([await outcomeOf(0), await outcomeOf(1)]));
await system.shutdown();
