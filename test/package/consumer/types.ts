import { type AnyRef, any, call, createSystem, defineActor, f64, list, type Ref, record, ref, text } from 'heddle';
import { createRing, RecordProducer, type RingPlace } from 'heddle/queues';

export const Account = defineActor(import.meta.url, 'Account', {
  protocol: {
    deposit: { amount: f64 },
    balance: call({}, f64),
    note: { tags: list(text), detail: record({ by: text, extra: any<{ a: number }>() }) },
  },
  init: (_self, owner: string) => ({ owner, balance: 0 }),
  on: {
    deposit(state, { amount }) {
      state.balance += amount;
    },
    balance: (state) => state.balance,
    note: (state, { tags, detail }) => {
      state.owner = `${tags[0] ?? ''}${detail.by}${detail.extra.a}`;
    },
  },
});

export const Bank = defineActor(import.meta.url, 'Bank', {
  protocol: { open: { account: ref(Account) } },
  init: () => ({ balance: Promise.resolve(0) }),
  on: {
    open(state, { account }) {
      state.balance = account.balance({}, { timeoutMs: 50 });
    },
  },
});

export const use = async (): Promise<number> => {
  const system = await createSystem({ threads: 1, workerImports: [] });
  const account = await system.spawn(Account, 'ann');
  const bank = await system.spawn(Bank);
  const anyRef: AnyRef = account;
  bank.open({ account });
  account.deposit({ amount: 1 });
  // @ts-expect-error the amount is a number
  account.deposit({ amount: '1' });
  // @ts-expect-error the owner is missing
  await system.spawn(Account);
  await system.stop(anyRef);
  const { quiet } = await system.shutdown({ deadlineMs: 100 });
  const balance: number = await account.balance();
  return quiet ? balance : 0;
};

export const place: RingPlace = createRing(1 << 16);
export const producer = new RecordProducer(place);
export type AccountRef = Ref<{ readonly deposit: { readonly amount: typeof f64 } }>;
