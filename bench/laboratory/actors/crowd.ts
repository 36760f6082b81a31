/** Many actors on one thread, and one that made them and sends to all of them in turn. */
import { call, defineActor, f64, type RefOf, type Reply, record, u32 } from 'heddle';
import { usedHeapBytes } from '../../harness/heap.js';
import { BURST } from '../../harness/payloads.js';

/** What the members on this thread have handled. */
let handled = 0;
let sum = 0;

export const Member = defineActor(import.meta.url, 'Member', {
  protocol: { add: { value: u32 } },
  init: () => ({ handled: 0, last: 0 }),
  on: {
    add(state, { value }) {
      state.handled++;
      state.last = value;
      handled++;
      sum += value;
    },
  },
});

/** Neighbours in a row would find each other's memory warm; a prime step visits all members, far apart. */
const STEP = 7_919;

interface State {
  members: RefOf<typeof Member>[];
  goOn: () => void;
}

const spread = (members: readonly RefOf<typeof Member>[], count: number, again: () => void, done: () => void) => {
  let sent = 0;
  let place = 0;
  return (): void => {
    if (handled === count) {
      done();
      return;
    }
    for (const until = Math.min(sent + BURST, count); sent < until; sent++) {
      members[place]!.add({ value: sent });
      place = (place + STEP) % members.length;
    }
    again();
  };
};

export const Crowd = defineActor(import.meta.url, 'Crowd', {
  protocol: {
    /** Makes so many members; how long that took, and what they take of the heap, their refs included. */
    grow: call({ count: u32 }, record({ ms: f64, heapBytes: f64 })),
    /** Sends so many messages to them; until all are handled. */
    send: call({ count: u32 }, record({ ms: f64, sum: f64 })),
    goOn: {},
  },
  init: (): State => ({ members: [], goOn: () => {} }),
  on: {
    grow(state, { count }, self) {
      const before = usedHeapBytes();
      const began = performance.now();
      const place = { place: self.thread };
      state.members = Array.from({ length: count }, () => self.spawnNow(Member, undefined, place));
      const ms = performance.now() - began;
      return { ms, heapBytes: usedHeapBytes() - before };
    },
    send(state, { count }, self) {
      const reply: Reply<{ ms: number; sum: number }> = self.reply();
      handled = 0;
      sum = 0;
      const began = performance.now();
      const done = (): void => reply.send({ ms: performance.now() - began, sum });
      state.goOn = spread(state.members, count, () => self.ref.goOn(), done);
      state.goOn();
      return reply;
    },
    goOn: ({ goOn }) => goOn(),
  },
});
