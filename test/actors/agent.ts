/** Does on its thread what a test asks for: spawns, sends and calls there. */
import { any, anyRef, call, defineActor, HeddleError, i32, optional, ref, text } from 'heddle';
import { Account } from './account.js';
import { Echo } from './echo.js';
import { Ledger } from './ledger.js';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : `${error}`;

export const Agent = defineActor(import.meta.url, 'Agent', {
  protocol: {
    thread: call({}, i32),
    /** Sends `count` notes, as many at once as there is room for. */
    notes: call({ to: ref(Ledger), from: i32, count: i32 }, i32),
    /** Sends `count` notes without asking for room. Returns how many were accepted, then the code of the first refusal. */
    flood: call({ to: ref(Ledger), from: i32, count: i32 }, { accepted: i32, code: optional(text) }),
    /** Sends notes and large texts in turn. */
    blobs: call({ to: ref(Ledger), from: i32, count: i32, size: i32 }, i32),
    call: call({ to: ref(Echo), value: any<unknown>() }, any<unknown>()),
    /** Spawns an account on `place` and tells its balance after one deposit. */
    account: call({ place: i32, amount: i32 }, { account: ref(Account), balance: i32 }),
    /** The same at once, without waiting for the birth. */
    accountNow: call({ place: i32, amount: i32 }, { account: ref(Account) }),
    balanceOf: call({ account: ref(Account) }, i32),
    stop: call({ who: anyRef }, text),
    parked: call({ ms: i32 }, i32),
  },
  init: () => ({}),
  on: {
    thread: (_state, _message, self) => self.thread,
    async notes(_state, { to, from, count }, self) {
      for (let number = 0; number < count; number++) {
        if (number % 512 === 0) await self.room(to);
        to.note({ from, number });
      }
      return count;
    },
    flood(_state, { to, from, count }) {
      for (let number = 0; number < count; number++) {
        try {
          to.note({ from, number });
        } catch (error) {
          if (!(error instanceof HeddleError)) throw error;
          return { accepted: number, code: codeOf(error) };
        }
      }
      return { accepted: count };
    },
    async blobs(_state, { to, from, count, size }, self) {
      for (let number = 0; number < count; number += 2) {
        await self.room(to);
        to.blob({ from, number, content: 'x'.repeat(size) });
        to.note({ from, number: number + 1 });
      }
      return count;
    },
    call: (_state, { to, value }) => to.echo({ value }),
    async account(_state, { place, amount }, self) {
      const account = await self.spawn(Account, 'agent', { place });
      account.deposit({ amount });
      return { account, balance: await account.balance() };
    },
    accountNow(_state, { place, amount }, self) {
      const account = self.spawnNow(Account, 'agent', { place });
      account.deposit({ amount });
      return { account };
    },
    balanceOf: (_state, { account }) => account.balance(),
    stop: async (_state, { who }, self) => (await self.stop(who, { reason: 'an agent said so' })).detail,
    async parked(_state, { ms }) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    },
  },
});
