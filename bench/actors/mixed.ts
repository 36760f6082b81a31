import { bool, call, defineActor, f32, f64, i32, list, type RefOf, record, ref, u8, u16, u32 } from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { BURST, MIXED_KINDS } from '../harness/payloads.js';

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

/** One message of each kind, the next counter getting the next kind; `MIXED` of the payloads makes the same. */
const sendRound = (to: Counters, round: number): void => {
  const at = (kind: number): RefOf<typeof MixedCounter> => to[(round + kind) % MIXED_KINDS]!;
  const index = round * MIXED_KINDS;
  const small = (kind: number): number => (index + kind) & 127;
  at(0).tick();
  at(1).count({ by: small(1) });
  at(2).price({ id: small(2), value: 0.5 });
  at(3).point({ x: small(3), y: 0.25, z: 0.25 });
  at(4).level({ sensor: small(4), level: 1 });
  at(5).toggle({ on: true, at: small(5) });
  at(6).span({ from: small(6), to: small(6) + 1 });
  at(7).sample({ id: small(7), low: 0.5, high: 0.5, mean: 1 });
};

const ROUNDS_PER_BURST = BURST / MIXED_KINDS;

export const MixedSender = defineActor(import.meta.url, 'MixedSender', {
  protocol: { send: call({ to: list(ref(MixedCounter)), rounds: u32 }, record({ ms: f64, sum: f64 })) },
  init: () => undefined,
  on: {
    async send(_, { to, rounds }, self) {
      const burst = (from: number, until: number): void => {
        for (let round = from; round < until; round++) sendRound(to, round);
      };
      const began = performance.now();
      for (let sent = 0; sent < rounds; sent += ROUNDS_PER_BURST) {
        burst(sent, Math.min(sent + ROUNDS_PER_BURST, rounds));
        for (const counter of to) await self.room(counter);
      }
      const sums = await Promise.all(to.map((counter) => counter.finish({}, PATIENCE)));
      return { ms: performance.now() - began, sum: sums.reduce((total, sum) => total + sum, 0) };
    },
  },
});
