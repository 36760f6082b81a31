import { call, defineActor, f64 } from 'heddle';
import { toCents } from './money.ts';

export const Account = defineActor(import.meta.url, 'Account', {
  protocol: { deposit: { amount: f64 }, cents: call({}, f64) },
  init: () => ({ cents: 0 }),
  on: {
    deposit(state, { amount }) {
      state.cents += toCents(amount);
    },
    cents: (state) => state.cents,
  },
});
