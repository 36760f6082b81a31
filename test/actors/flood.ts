/** Actors that send more than others can take, and those that are flooded. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { call, defineActor, f64, HeddleError, i32, list, ref, selfRef, text } from 'heddle';

/** Messages that a flooding actor sends before others on its thread have their turn. */
const SLICE = 1024;

/** Takes one message that it never finishes; all others wait for ever. */
export const Stuck = defineActor(import.meta.url, 'Stuck', {
  protocol: { hang: {}, compute: {}, note: { number: f64 }, ask: call({}, f64) },
  init: () => ({}),
  on: {
    hang: () => new Promise<void>(() => undefined),
    /** Keeps its thread as busy as one that yields can. */
    async compute(_state, _message, self) {
      let sum = 0;
      while (!self.signal.aborted) {
        for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
        await nextTurn();
      }
      if (Number.isNaN(sum)) throw new Error('unreachable');
    },
    note: () => undefined,
    ask: () => 0,
  },
});

/** Sends notes to a stuck actor, slice by slice, whatever becomes of them, until it is told to cease. */
export const Flooder = defineActor(import.meta.url, 'Flooder', {
  protocol: {
    flood: { to: ref(Stuck) },
    sent: call({}, { accepted: f64, refused: f64 }),
    /** Tells also the codes of all refusals, and how many of them did not hand back the message that they refused. */
    cease: call({}, { accepted: f64, refused: f64, codes: list(text), notHandedBack: f64 }),
  },
  init: () => ({ accepted: 0, refused: 0, notHandedBack: 0, codes: new Set<string>(), ceased: false }),
  on: {
    async flood(state, { to }, self) {
      while (!state.ceased && !self.signal.aborted) {
        for (let left = SLICE; left > 0; left--) {
          const message = { number: state.accepted + state.refused };
          try {
            to.note(message);
            state.accepted++;
          } catch (error) {
            if (!(error instanceof HeddleError)) throw error;
            state.refused++;
            state.codes.add(error.code);
            if (error.refused !== message) state.notHandedBack++;
          }
        }
        await nextTurn();
      }
    },
    sent: ({ accepted, refused }) => ({ accepted, refused }),
    cease(state) {
      state.ceased = true;
      const { accepted, refused, codes, notHandedBack } = state;
      return { accepted, refused, codes: [...codes], notHandedBack };
    },
  },
  // The flood never ends while it is asked how far it is.
  concurrency: 2,
});

/** Counts notes, and whether each sender's came in order. */
export const Counter = defineActor(import.meta.url, 'Counter', {
  protocol: {
    note: { from: i32, number: f64 },
    count: call({}, { count: f64, gaps: f64 }),
  },
  init: () => ({ count: 0, gaps: 0, last: new Map<number, number>() }),
  on: {
    note(state, { from, number }) {
      const last = state.last.get(from) ?? -1;
      if (number !== last + 1) state.gaps++;
      state.last.set(from, number);
      state.count++;
    },
    count: ({ count, gaps }) => ({ count, gaps }),
  },
});

/** Messages that a loop sends before it asks for room again. */
const ROOM_STRIDE = 1000;

/** Sends any number of notes in a plain loop that awaits room. */
export const Loop = defineActor(import.meta.url, 'Loop', {
  protocol: { send: call({ to: ref(Counter), from: i32, count: f64 }) },
  init: () => ({}),
  on: {
    async send(_state, { to, from, count }, self) {
      for (let number = 0; number < count; number++) {
        if (number % ROOM_STRIDE === 0) await self.room(to);
        to.note({ from, number });
      }
    },
  },
});

/** One of several that flood each other: what is refused is sent again in the next slice. */
export const Rival = defineActor(import.meta.url, 'Rival', {
  protocol: {
    flood: { rivals: list(selfRef) },
    note: { from: i32, number: f64 },
    /** Sends no more. Tells how many messages it sent. */
    cease: call({}, f64),
    /** How many came, and how many of them behind a later one of the same sender. */
    received: call({}, { count: f64, inversions: f64 }),
  },
  init: () => ({ ceased: false, sent: 0, received: 0, inversions: 0, last: new Map<number, number>() }),
  on: {
    async flood(state, { rivals }, self) {
      const numbers = rivals.map(() => 0);
      while (!state.ceased && !self.signal.aborted) {
        rivals.forEach((rival, index) => {
          try {
            for (let left = SLICE; left > 0; left--) {
              rival.note({ from: self.thread, number: numbers[index]! });
              numbers[index]!++;
              state.sent++;
            }
          } catch (error) {
            if (!(error instanceof HeddleError) || error.code !== 'HEDDLE_MAILBOX_FULL') throw error;
          }
        });
        await nextTurn();
      }
    },
    note(state, { from, number }) {
      if (number <= (state.last.get(from) ?? -1)) state.inversions++;
      state.last.set(from, number);
      state.received++;
    },
    cease(state) {
      state.ceased = true;
      return state.sent;
    },
    received: ({ received, inversions }) => ({ count: received, inversions }),
  },
  // It takes what the others send while its own flood goes on.
  concurrency: 2,
});
