/** Many actors on one thread, and one that made them and sends to all of them in turn. */
import { call, defineActor, f64, type RefOf, type Reply, record, u32 } from 'heddle';
import { usedHeapBytes } from '../../harness/heap.js';
import { BURST } from '../../harness/payloads.js';

/** What the members on this thread have handled of what was sent, and who is told when that is all. */
let handled = 0;
let sent = 0;
let sum = 0;
let whenHandled = (): void => {};

export const Member = defineActor(import.meta.url, 'Member', {
  protocol: { add: { value: u32 } },
  init: () => ({ handled: 0, last: 0 }),
  on: {
    add(state, { value }) {
      state.handled++;
      state.last = value;
      sum += value;
      if (++handled === sent) whenHandled();
    },
  },
});

/** Neighbours in a row would find each other's memory warm; a prime step visits all members, far apart. */
const STEP = 7_919;

/** Sends bursts, each when the one before was handled. */
const spread = (members: readonly RefOf<typeof Member>[], count: number): (() => void) => {
  let place = 0;
  return (): void => {
    const first = sent;
    sent = Math.min(sent + BURST, count);
    for (let value = first; value < sent; value++) {
      members[place]!.add({ value });
      place = (place + STEP) % members.length;
    }
  };
};

interface State {
  members: RefOf<typeof Member>[];
  goOn: () => void;
}

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
      const began = performance.now();
      handled = 0;
      sent = 0;
      sum = 0;
      state.goOn = spread(state.members, count);
      whenHandled = () => {
        if (handled < count) self.ref.goOn();
        else reply.send({ ms: performance.now() - began, sum });
      };
      state.goOn();
      return reply;
    },
    goOn: ({ goOn }) => goOn(),
  },
});
