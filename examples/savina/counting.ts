/**
 *     Producer -> Counter
 *
 * One handler sends all that there is to count, then asks for the total.
 */
import { call, defineActor, f64, record, ref, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, BURST, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';

const Total = record({ count: u32, sum: f64 });

export const Counter = defineActor(import.meta.url, 'Counter', {
  protocol: { increment: { index: u32 }, retrieve: call({}, Total) },
  init: () => ({ count: 0, sum: 0 }),
  on: {
    increment(state, { index }) {
      check('number of an increment', index, state.count++);
      state.sum += index;
    },
    retrieve(state, _, self) {
      leave(self);
      return state;
    },
  },
});

export const Producer = defineActor(import.meta.url, 'Producer', {
  protocol: { increment: call({ counter: ref(Counter), count: u32 }, Total) },
  init: () => undefined,
  on: {
    async increment(_, { counter, count }, self) {
      for (let index = 0; index < count; index++) {
        if (index % BURST === 0) await self.room(counter);
        counter.increment({ index });
      }
      leave(self);
      return await counter.retrieve({}, PATIENCE);
    },
  },
});

export const counting: Program<'count'> = {
  name: 'counting',
  title: 'how fast one actor can flood another, and that it waits when there is no room',
  sizes: { faithful: { count: 1_000_000 }, usual: { count: 5_000_000 }, quick: { count: 100_000 } },
  async run(system, { count }) {
    const began = performance.now();
    const producer = await system.spawn(Producer, undefined, { place: threadFor(system, 0) });
    const counter = await system.spawn(Counter, undefined, { place: threadFor(system, 1) });
    const [total] = await Promise.all([
      producer.increment({ counter, count }, PATIENCE),
      allLeft(system, [producer, counter]),
    ]);
    const ms = performance.now() - began;
    check('messages that were counted', total.count, count);
    check('sum of what they carried', total.sum, (count * (count - 1)) / 2);
    return rate(ms, count + 3, count, 'messages');
  },
};
