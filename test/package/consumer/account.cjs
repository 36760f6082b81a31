const { pathToFileURL } = require('node:url');
const { call, defineActor, f64, text } = require('heddle');

exports.Account = defineActor(pathToFileURL(__filename).href, 'Account', {
  protocol: { deposit: { amount: f64 }, owner: call({}, text), balance: call({}, f64) },
  init: (_self, owner) => ({ owner, balance: 0 }),
  on: {
    deposit(state, { amount }) {
      state.balance += amount;
    },
    owner: (state) => state.owner,
    balance: (state) => state.balance,
  },
});
