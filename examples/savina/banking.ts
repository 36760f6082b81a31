/**
 *     Teller <-> Accounts        Account <-> Account
 *
 * A transfer is a call within a call: the source answers the teller when the destination has answered the source, and
 * handles nothing else until then. That is what actors of heddle do while they await something. The destination always
 * comes later in the list, so no two wait for each other.
 */
import { call, defineActor, f64s, i32, type Ref, selfRef, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';
import { PseudoRandom } from './pseudo-random.js';

const SEED = 123_456;
/** The most that a transfer can move, in cents: balances are integers, so their sum is exact. */
const CENTS_MOST = 100_000;
/** Of so many accounts, so many may be sources: the others can only receive. */
const GROUP = 10;
const SOURCES_IN_GROUP = 8;
/** Transfers that the teller waits for at a time. The suite sends all of them at once. */
const UNDER_WAY = 4_096;

const accountProtocol = {
  credit: call({ cents: u32, to: selfRef }),
  debit: call({ cents: u32 }),
  /** Ends it; the balance in cents. */
  stop: call({}, i32),
};
type AccountRef = Ref<typeof accountProtocol>;

export const Account = defineActor(import.meta.url, 'Account', {
  protocol: accountProtocol,
  init: () => ({ balance: 0 }),
  on: {
    async credit(state, { cents, to }) {
      state.balance -= cents;
      await to.debit({ cents }, PATIENCE);
    },
    debit(state, { cents }) {
      state.balance += cents;
    },
    stop(state, _, self) {
      leave(self);
      return state.balance;
    },
  },
});

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly cents: number;
}

/** The transfers of the suite, but in whole cents. */
export function* transfersAmong(accounts: number, transfers: number): Generator<Transfer> {
  const random = new PseudoRandom(SEED);
  const sources = Math.floor(accounts / GROUP) * SOURCES_IN_GROUP;
  for (let transfer = 0; transfer < transfers; transfer++) {
    const from = random.below(sources);
    const step = Math.max(1, random.below(accounts - from));
    yield { from, to: from + step, cents: Math.floor(CENTS_MOST * random.fraction()) };
  }
}

export const Teller = defineActor(import.meta.url, 'Teller', {
  protocol: {
    /** Answered with the balances when all transfers are done and all accounts have left. */
    start: call({ accounts: u32, transfers: u32 }, f64s),
  },
  init: () => undefined,
  on: {
    async start(_, { accounts, transfers }, self) {
      // Linked, so that the teller ends after them, and fails with them.
      const refs = Array.from(
        { length: accounts },
        (): AccountRef => self.spawnNow(Account, undefined, { link: true }),
      );
      const orders = transfersAmong(accounts, transfers);
      const work = async (): Promise<void> => {
        for (const { from, to, cents } of orders) await refs[from]!.credit({ cents, to: refs[to]! }, PATIENCE);
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, work));
      const balances = await Promise.all(refs.map((account) => account.stop({}, PATIENCE)));
      leave(self);
      return Float64Array.from(balances);
    },
  },
});

/** What is on each account in the end, whatever the order of the transfers. */
export const balancesOf = (accounts: number, transfers: number): Float64Array => {
  const balances = new Float64Array(accounts);
  for (const { from, to, cents } of transfersAmong(accounts, transfers)) {
    balances[from]! -= cents;
    balances[to]! += cents;
  }
  return balances;
};

export const banking: Program<'accounts' | 'transfers'> = {
  name: 'banking',
  title: 'calls within calls, each of which keeps an actor waiting',
  sizes: {
    faithful: { accounts: 1_000, transfers: 50_000 },
    usual: { accounts: 1_000, transfers: 100_000 },
    quick: { accounts: 100, transfers: 2_000 },
  },
  async run(system, { accounts, transfers }) {
    const began = performance.now();
    const teller = await system.spawn(Teller, undefined, { place: threadFor(system, 0) });
    const [balances] = await Promise.all([teller.start({ accounts, transfers }, PATIENCE), allLeft(system, [teller])]);
    const ms = performance.now() - began;
    for (const [account, balance] of balancesOf(accounts, transfers).entries()) {
      check(`balance of account ${account}`, balances[account], balance);
    }
    return rate(ms, 4 * transfers + accounts + 1, transfers, 'transfers');
  },
};
