import { call, defineActor, f64, i32, record, ref, u32 } from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { PAYLOADS } from '../harness/payloads.js';
import { stream } from './stream.js';

/** Adds up what it is sent. */
export const PairCounter = defineActor(import.meta.url, 'PairCounter', {
  protocol: {
    add: { i: i32, f: f64 },
    /** Answers with the sum, and starts anew. */
    finish: call({}, f64),
  },
  init: () => ({ ints: 0, floats: 0 }),
  on: {
    add(state, { i, f }) {
      state.ints += i;
      state.floats += f;
    },
    finish(state) {
      const sum = state.ints + state.floats;
      state.ints = 0;
      state.floats = 0;
      return sum;
    },
  },
});

/** Sends so many pairs, as fast as there is room for them. */
export const PairSender = defineActor(import.meta.url, 'PairSender', {
  protocol: { send: call({ to: ref(PairCounter), count: u32 }, record({ ms: f64, sum: f64 })) },
  init: () => undefined,
  on: {
    send(_, { to, count }, self) {
      const make = PAYLOADS.pair.prepare(count);
      return stream({
        count,
        send: (index) => to.add(make(index)),
        room: () => self.room(to),
        finish: () => to.finish({}, PATIENCE),
      });
    },
  },
});
