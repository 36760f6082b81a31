import { call, defineActor, f64, i32, type Ref, type Reply, record, selfRef, u32 } from 'heddle';

const protocol = {
  /** `home` is told when the token has made all its hops. */
  link: call({ next: selfRef, home: selfRef }),
  start: call({ hops: u32 }, record({ ms: f64, left: i32 })),
  token: { left: i32 },
  arrived: { left: i32 },
};

interface State {
  next: Ref<typeof protocol> | undefined;
  home: Ref<typeof protocol> | undefined;
  began: number;
  reply: Reply<{ ms: number; left: number }> | undefined;
}

/** One of a ring of actors that hand a token on. */
export const Station = defineActor(import.meta.url, 'Station', {
  protocol,
  init: (): State => ({ next: undefined, home: undefined, began: 0, reply: undefined }),
  on: {
    link(state, { next, home }) {
      state.next = next;
      state.home = home;
    },
    start(state, { hops }, self) {
      state.reply = self.reply();
      state.began = performance.now();
      state.next!.token({ left: hops - 1 });
      return state.reply;
    },
    token(state, { left }) {
      if (left > 0) state.next!.token({ left: left - 1 });
      else state.home!.arrived({ left });
    },
    arrived(state, { left }) {
      state.reply!.send({ ms: performance.now() - state.began, left });
    },
  },
});
