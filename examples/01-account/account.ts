// account.ts — a module that every thread can import
import { call, defineActor, f64, text } from 'heddle';

export const Account = defineActor(import.meta.url, 'Account', {
  protocol: {
    deposit: { amount: f64 }, // a cast: its fields, with a fixed layout in the ring
    owner: call({}, text), // a call: request fields, reply type
    balance: call({}, f64),
  },
  init: (self, owner: string) => ({ owner, balance: 0 }),
  on: {
    deposit(state, { amount }) {
      state.balance += amount;
    },
    owner: (state) => state.owner,
    balance: (state) => state.balance,
  },
});
