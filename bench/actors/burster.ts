import { call, defineActor, f64, i32, type Ref, type Reply, record, selfRef, u32 } from 'heddle';
import { BURST, PAYLOADS } from '../harness/payloads.js';

const protocol = {
  /** Sends so many bursts to a neighbour, each when the one before was handled. */
  run: call({ to: selfRef, bursts: u32 }, record({ ms: f64, sum: f64 })),
  add: { i: i32, f: f64 },
  ended: { sender: selfRef },
  handled: { sum: f64 },
};

interface Run {
  readonly to: Ref<typeof protocol>;
  readonly began: number;
  readonly reply: Reply<{ ms: number; sum: number }>;
  left: number;
}

const make = PAYLOADS.pair.prepare(BURST);

const burst = (to: Ref<typeof protocol>, sender: Ref<typeof protocol>): void => {
  for (let index = 0; index < BURST; index++) to.add(make(index));
  to.ended({ sender });
};

export const Burster = defineActor(import.meta.url, 'Burster', {
  protocol,
  init: () => ({ run: undefined as Run | undefined, ints: 0, floats: 0 }),
  on: {
    run(state, { to, bursts }, self) {
      const reply = self.reply<{ ms: number; sum: number }>();
      state.run = { to, began: performance.now(), reply, left: bursts };
      burst(to, self.ref);
      return reply;
    },
    add(state, { i, f }) {
      state.ints += i;
      state.floats += f;
    },
    ended(state, { sender }) {
      sender.handled({ sum: state.ints + state.floats });
    },
    handled(state, { sum }, self) {
      const run = state.run!;
      if (--run.left > 0) burst(run.to, self.ref);
      else run.reply.send({ ms: performance.now() - run.began, sum });
    },
  },
});
