import { call, defineActor, f64, i32, list, oneOf, record, ref, text, u32 } from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { PAYLOADS } from '../harness/payloads.js';
import { stream } from './stream.js';

/** Adds up what it is sent, down to the lengths of the texts. */
export const OrderCounter = defineActor(import.meta.url, 'OrderCounter', {
  protocol: {
    add: { id: i32, name: text, ts: f64, tags: list(text) },
    /** Answers with the sum, and starts anew. */
    finish: call({}, f64),
  },
  init: () => ({ sum: 0 }),
  on: {
    add(state, order) {
      state.sum += PAYLOADS.order.score(order);
    },
    finish(state) {
      const { sum } = state;
      state.sum = 0;
      return sum;
    },
  },
});

export const OrderSender = defineActor(import.meta.url, 'OrderSender', {
  protocol: {
    send: call(
      { to: ref(OrderCounter), payload: oneOf('order', 'freshOrder'), count: u32 },
      record({ ms: f64, sum: f64 }),
    ),
  },
  init: () => undefined,
  on: {
    send(_, { to, payload, count }, self) {
      const make = PAYLOADS[payload].prepare(count);
      return stream({
        count,
        send: (index) => to.add(make(index)),
        room: () => self.room(to),
        finish: () => to.finish({}, PATIENCE),
      });
    },
  },
});
