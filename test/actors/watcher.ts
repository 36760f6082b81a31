/** Watches subjects, gives up some of its watches, and finds out whether it was told what it should have been. */
import {
  type AnyRef,
  anyRef,
  call,
  defineActor,
  i32,
  list,
  type Reply,
  type SupervisionEvent,
  text,
  type Watch,
} from 'heddle';

/** What became of watches, added up. */
export interface Tally {
  readonly watches: number;
  readonly notices: number;
  /** Given up before the notice. */
  readonly unwatched: number;
  /** Of these: when the subject had ended already. */
  readonly unwatchedLate: number;
  /** The subject lived when the watch was made, and was gone when that arrived. */
  readonly overtaken: number;
  /** Notices of subjects that had been heard before. */
  readonly afterWords: number;
  /** What should not have been, in words. */
  readonly wrong: readonly string[];
}

interface Watched {
  readonly id: number;
  readonly name: string;
  /** Whether the subject was there when the watch was made. */
  readonly lived: boolean;
  /** Whether that must have arrived before the subject ended. */
  readonly early: boolean;
  readonly reasons: readonly string[];
  notices: number;
  unwatched: boolean;
}

/** Never gives up the watch. */
export const KEEP = -1;

const protocol = {
  /**
   * Makes as many watches as there are plans: after how many turns of its mailbox each is given up, or `KEEP`. With those
   * that are to be early, the subject waits until this is answered.
   */
  observe: call({ who: anyRef, id: i32, name: text, plans: list(i32), early: i32, reasons: list(text) }),
  giveUp: { number: i32, turns: i32 },
  heard: { id: i32, number: i32 },
  /** Answered when nothing is to come any more. */
  settled: call({}, i32),
  tally: call(
    {},
    {
      watches: i32,
      notices: i32,
      unwatched: i32,
      unwatchedLate: i32,
      overtaken: i32,
      afterWords: i32,
      wrong: list(text),
    },
  ),
};

interface State {
  readonly watches: Watch[];
  readonly all: Map<Watch, Watched>;
  /** How much was heard of each subject. */
  readonly heard: Map<number, number>;
  readonly told: Set<number>;
  open: number;
  tally: { -readonly [K in keyof Omit<Tally, 'wrong'>]: number };
  wrong: string[];
  waiting: Reply<number> | undefined;
}

const close = (state: State): void => {
  state.open--;
  if (state.open > 0) return;
  state.waiting?.send(state.watches.length);
  state.waiting = undefined;
};

interface Finder {
  whereIs(name: string): AnyRef | undefined;
}

const told = (state: State, event: SupervisionEvent, self: Finder): void => {
  if (event.kind !== 'down') return;
  const watched = state.all.get(event.watch);
  if (watched === undefined) {
    state.wrong.push('a notice of a watch that was never made');
    return;
  }
  const { id, name, lived, early, reasons } = watched;
  const { reason } = event.ended;
  watched.notices++;
  state.tally.notices++;
  state.told.add(id);
  if (watched.notices > 1) state.wrong.push(`${name}: ${watched.notices} notices of one watch`);
  if (watched.unwatched) state.wrong.push(`${name}: a notice of a watch that was given up`);
  if (reason === 'no-such-actor') {
    if (early) state.wrong.push(`${name}: an early watch found nobody`);
    else if (lived) state.tally.overtaken++;
  } else if (!reasons.includes(reason)) state.wrong.push(`${name}: ended by ${reason}, not by ${reasons.join(' or ')}`);
  if (self.whereIs(name) !== undefined) state.wrong.push(`${name}: the name is found when the notice is handled`);
  if (state.heard.has(id)) state.tally.afterWords++;
  if (!watched.unwatched && watched.notices === 1) close(state);
};

export const Watcher = defineActor(import.meta.url, 'Watcher', {
  protocol,
  init: (): State => ({
    watches: [],
    all: new Map(),
    heard: new Map(),
    told: new Set(),
    open: 0,
    tally: { watches: 0, notices: 0, unwatched: 0, unwatchedLate: 0, overtaken: 0, afterWords: 0 },
    wrong: [],
    waiting: undefined,
  }),
  on: {
    async observe(state, { who, id, name, plans, early, reasons }, self) {
      for (const turns of plans) {
        const lived = self.whereIs(name) !== undefined;
        const watch = self.watch(who);
        state.all.set(watch, { id, name, lived, early: early === 1, reasons, notices: 0, unwatched: false });
        state.tally.watches++;
        state.open++;
        const number = state.watches.push(watch) - 1;
        if (turns !== KEEP) self.ref.giveUp({ number, turns });
      }
      // It stands behind the watches, which have overtaken it.
      if (early === 1) await self.flush(who);
    },
    giveUp(state, { number, turns }, self) {
      if (turns > 0) {
        self.ref.giveUp({ number, turns: turns - 1 });
        return;
      }
      const watch = state.watches[number]!;
      const watched = state.all.get(watch)!;
      self.unwatch(watch);
      if (watched.notices > 0) return;
      watched.unwatched = true;
      state.tally.unwatched++;
      if (self.whereIs(watched.name) === undefined) state.tally.unwatchedLate++;
      close(state);
    },
    heard(state, { id, number }) {
      if (state.told.has(id)) state.wrong.push(`subject ${id}: message ${number} after the notice of its end`);
      state.heard.set(id, number);
    },
    settled(state, _message, self) {
      if (state.open === 0) return state.watches.length;
      state.waiting = self.reply<number>();
      return state.waiting;
    },
    tally: ({ tally, wrong }) => ({ ...tally, wrong }),
  },
  onSupervision: told,
  concurrency: 'unbounded',
});
