import { call, defineActor, f64, record, ref, u32 } from 'heddle';
import { usedHeapBytes } from '../harness/heap.js';
import { PATIENCE } from '../harness/patience.js';

/** Answers when so many have said hello. */
export const HelloCounter = defineActor(import.meta.url, 'HelloCounter', {
  protocol: {
    expect: call({ count: u32 }, f64),
    hello: { value: u32 },
  },
  // All say hello before this one has its next turn.
  mailbox: { limit: 2 ** 20 },
  init: () => ({ missing: 0, sum: 0, done: (_sum: number): void => undefined }),
  on: {
    expect(state, { count }, self) {
      const reply = self.reply<number>();
      state.missing = count;
      state.sum = 0;
      state.done = (sum) => reply.send(sum);
      return reply;
    },
    hello(state, { value }) {
      state.sum += value;
      if (--state.missing === 0) state.done(state.sum);
    },
  },
});

/** The actor that there are many of: a state of two fields, and one message. */
export const Newborn = defineActor(import.meta.url, 'Newborn', {
  protocol: { greet: { value: u32, counter: ref(HelloCounter) } },
  init: () => ({ greeted: 0, last: 0 }),
  on: {
    greet(state, { value, counter }) {
      state.greeted++;
      state.last = value;
      counter.hello({ value });
    },
  },
});

export const Spawner = defineActor(import.meta.url, 'Spawner', {
  protocol: {
    /** Makes actors here and sends each a message; the time runs until all have handled it. */
    spawnHere: call({ counter: ref(HelloCounter), count: u32 }, record({ ms: f64, sum: f64, heapBytes: f64 })),
    /** Makes actors on another thread, so many at a time, and waits for each. */
    spawnThere: call({ place: u32, count: u32, inFlight: u32 }, record({ ms: f64 })),
  },
  init: () => undefined,
  on: {
    async spawnHere(_, { counter, count }, self) {
      const { thread } = self;
      const spawnAll = (): void => {
        for (let value = 0; value < count; value++) {
          self.spawnNow(Newborn, undefined, { place: thread }).greet({ value, counter });
        }
      };
      const before = usedHeapBytes();
      const began = performance.now();
      const greeted = counter.expect({ count }, PATIENCE);
      spawnAll();
      const sum = await greeted;
      const ms = performance.now() - began;
      return { ms, sum, heapBytes: usedHeapBytes() - before };
    },
    async spawnThere(_, { place, count, inFlight }, self) {
      let left = count;
      const spawnOneByOne = async (): Promise<void> => {
        while (left-- > 0) await self.spawn(Newborn, undefined, { place });
      };
      const began = performance.now();
      await Promise.all(Array.from({ length: inFlight }, spawnOneByOne));
      return { ms: performance.now() - began };
    },
  },
});
