const { createSystem } = require('heddle');
const { Account } = require('./account.cjs');

const main = async () => {
  const system = await createSystem({ threads: 2 });
  const accounts = await Promise.all(
    ['ann', 'bob'].map((owner, index) => system.spawn(Account, owner, { place: index + 1 })),
  );
  for (const account of accounts) account.deposit({ amount: 10 });
  const owners = await Promise.all(accounts.map((account) => account.owner()));
  const balances = await Promise.all(accounts.map((account) => account.balance()));
  const { quiet, unaccounted } = await system.shutdown();
  console.log(JSON.stringify({ owners, balances, quiet, unaccounted }));
};

void main();
