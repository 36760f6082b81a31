import { call, defineActor, f64, i32, type Ref, type Reply, record, selfRef, u32 } from 'heddle';

const protocol = {
  meet: call({ other: selfRef }),
  /** Starts a rally and answers, when it is over, with the nanoseconds per round trip and the last value. */
  serve: call({ roundTrips: u32 }, record({ nanoseconds: f64, value: i32 })),
  ball: { value: i32 },
};

interface Rally {
  readonly roundTrips: number;
  readonly began: number;
  readonly reply: Reply<{ nanoseconds: number; value: number }>;
}

interface State {
  other: Ref<typeof protocol> | undefined;
  rally: Rally | undefined;
}

/** Returns each ball with the next number on it; the one who serves stops after so many round trips. */
export const Bouncer = defineActor(import.meta.url, 'Bouncer', {
  protocol,
  init: (): State => ({ other: undefined, rally: undefined }),
  on: {
    meet(state, { other }) {
      state.other = other;
    },
    serve(state, { roundTrips }, self) {
      const reply = self.reply<{ nanoseconds: number; value: number }>();
      state.rally = { roundTrips, began: performance.now(), reply };
      state.other!.ball({ value: 1 });
      return reply;
    },
    ball(state, { value }) {
      const { rally } = state;
      if (rally !== undefined && value === 2 * rally.roundTrips) {
        rally.reply.send({ nanoseconds: ((performance.now() - rally.began) * 1e6) / rally.roundTrips, value });
        state.rally = undefined;
      } else state.other!.ball({ value: value + 1 });
    },
  },
});
