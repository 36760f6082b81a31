// Another copy of heddle lies beside the other module; the test puts it there.
import { createSystem } from 'heddle';
import { Account } from './other/account.mjs';
import { TwoFaced } from './two-faced.mjs';

const system = await createSystem({ threads: 1 });
const outcomeOf = async (definition, place) => {
  try {
    await system.spawn(definition, 'ann', { place });
    return 'spawned';
  } catch (error) {
    return error.code;
  }
};
console.log(
  JSON.stringify({
    ofAnother: [await outcomeOf(Account, 0), await outcomeOf(Account, 1)],
    ofBoth: [await outcomeOf(TwoFaced, 0), await outcomeOf(TwoFaced, 1)],
  }),
);
await system.shutdown();
