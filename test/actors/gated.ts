/** Actors with small mailboxes that work only while their gate is open, so that a test can fill them. */
import { call, defineActor, i32, list } from 'heddle';

const protocol = {
  /** Keeps the mailbox waiting until the next `open` by anybody on this thread. */
  hold: {},
  number: { n: i32 },
  ask: call({ n: i32 }, i32),
  seen: call({}, list(i32)),
} as const;

let open: () => void = () => undefined;

const init = (): { seen: number[] } => ({ seen: [] });
const on = {
  hold: () =>
    new Promise<void>((resolve) => {
      open = resolve;
    }),
  number(state: { seen: number[] }, { n }: { n: number }) {
    state.seen.push(n);
  },
  ask: (_state: { seen: number[] }, { n }: { n: number }) => n,
  seen: (state: { seen: number[] }) => state.seen,
};

export const LIMIT = 8;

export const Refusing = defineActor(import.meta.url, 'Refusing', { protocol, init, on, mailbox: { limit: LIMIT } });
export const DroppingOld = defineActor(import.meta.url, 'DroppingOld', {
  protocol,
  init,
  on,
  mailbox: { limit: LIMIT, policy: 'drop-oldest' },
});
export const DroppingNew = defineActor(import.meta.url, 'DroppingNew', {
  protocol,
  init,
  on,
  mailbox: { limit: LIMIT, policy: 'drop-newest' },
});

/** Opens the gate of the actor on this thread that was held last. */
export const Opener = defineActor(import.meta.url, 'Opener', {
  protocol: { open: call({}) },
  init: () => ({}),
  on: {
    open() {
      open();
    },
  },
});
