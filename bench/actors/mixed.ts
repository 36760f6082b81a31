import { bool, call, defineActor, f32, f64, i32, list, type RefOf, record, ref, u8, u16, u32 } from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { MIXED_KINDS } from '../harness/payloads.js';
import { stream } from './stream.js';

/** Understands eight messages, no two of which have the same fields, and adds up all their fields. */
export const MixedCounter = defineActor(import.meta.url, 'MixedCounter', {
  protocol: {
    tick: {},
    count: { by: i32 },
    price: { id: u32, value: f64 },
    point: { x: f64, y: f64, z: f64 },
    level: { sensor: u16, level: u8 },
    toggle: { on: bool, at: u32 },
    span: { from: i32, to: i32 },
    sample: { id: u16, low: f32, high: f32, mean: f64 },
    /** Answers with the sum, and starts anew. */
    finish: call({}, f64),
  },
  init: () => ({ sum: 0 }),
  on: {
    tick(state) {
      state.sum += 1;
    },
    count(state, { by }) {
      state.sum += by;
    },
    price(state, { id, value }) {
      state.sum += id + value;
    },
    point(state, { x, y, z }) {
      state.sum += x + y + z;
    },
    level(state, { sensor, level }) {
      state.sum += sensor + level;
    },
    toggle(state, { on, at }) {
      state.sum += on ? at : 0;
    },
    span(state, { from, to }) {
      state.sum += to - from;
    },
    sample(state, { id, low, high, mean }) {
      state.sum += id + low + high + mean;
    },
    finish(state) {
      const { sum } = state;
      state.sum = 0;
      return sum;
    },
  },
});

type Counters = readonly RefOf<typeof MixedCounter>[];

/** Sends the message of number `index`, as `PAYLOADS.mixed` makes it, so that each counter gets all kinds in turn. */
const sendMixed = (to: Counters, index: number): void => {
  const counter = to[(index + Math.floor(index / MIXED_KINDS)) % MIXED_KINDS]!;
  const small = index & 127;
  switch (index % MIXED_KINDS) {
    case 0:
      counter.tick();
      break;
    case 1:
      counter.count({ by: small });
      break;
    case 2:
      counter.price({ id: small, value: 0.5 });
      break;
    case 3:
      counter.point({ x: small, y: 0.25, z: 0.25 });
      break;
    case 4:
      counter.level({ sensor: small, level: 1 });
      break;
    case 5:
      counter.toggle({ on: true, at: small });
      break;
    case 6:
      counter.span({ from: small, to: small + 1 });
      break;
    default:
      counter.sample({ id: small, low: 0.5, high: 0.5, mean: 1 });
  }
};

export const MixedSender = defineActor(import.meta.url, 'MixedSender', {
  protocol: { send: call({ to: list(ref(MixedCounter)), count: u32 }, record({ ms: f64, sum: f64 })) },
  init: () => undefined,
  on: {
    send: (_, { to, count }, self) =>
      stream({
        count,
        send: (index) => sendMixed(to, index),
        room: () => Promise.all(to.map((counter) => self.room(counter))),
        finish: async () => {
          const sums = await Promise.all(to.map((counter) => counter.finish({}, PATIENCE)));
          return sums.reduce((total, sum) => total + sum, 0);
        },
      }),
  },
});
