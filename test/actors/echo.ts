/** Answers in every way in which a call can be answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { any, bytes, call, defineActor, i32, type Reply, text } from 'heddle';

export const Echo = defineActor(import.meta.url, 'Echo', {
  protocol: {
    echo: call({ value: any<unknown>() }, any<unknown>()),
    text: call({ value: text }, text),
    note: call({ value: text }),
    noteLater: call({ value: text }),
    noteHeld: call({}),
    /** As an empty record, which is not nothing. */
    empty: call({}, {}),
    bytes: call({ value: bytes }, bytes),
    later: call({ ms: i32, value: i32 }, i32),
    /** So many microtasks later, and nothing else. */
    afterHops: call({ hops: i32 }, i32),
    fail: call({ message: text }, i32),
    failLater: call({ message: text }, i32),
    never: call({}, i32),
    /** Answered by `release`, in the order of the calls. */
    held: call({}, i32),
    release: { value: i32 },
    refuse: { message: text },
    spin: call({ ms: i32 }, i32),
    thread: call({}, i32),
    forget: {},
    throwCast: {},
  },
  init: () => ({ waiting: [] as Reply<number>[] }),
  on: {
    echo: (_state, { value }) => value,
    text: (_state, { value }) => value,
    note: () => undefined,
    async noteLater() {},
    noteHeld(_state, _message, self) {
      const reply = self.reply<void>();
      reply.send();
      return reply;
    },
    empty: () => ({}),
    bytes: (_state, { value }) => value,
    async later(_state, { ms, value }) {
      await sleep(ms);
      return value;
    },
    async afterHops(_state, { hops }) {
      for (let hop = 0; hop < hops; hop++) await undefined;
      return hops;
    },
    fail(_state, { message }) {
      throw new TypeError(message);
    },
    async failLater(_state, { message }) {
      await undefined;
      throw new TypeError(message);
    },
    never: () => new Promise<number>(() => undefined),
    held(state, _message, self) {
      const reply = self.reply<number>();
      state.waiting.push(reply);
      return reply;
    },
    release(state, { value }) {
      state.waiting.shift()?.send(value);
    },
    refuse(state, { message }) {
      state.waiting.shift()?.fail(new RangeError(message));
    },
    spin(_state, { ms }) {
      const until = performance.now() + ms;
      let rounds = 0;
      while (performance.now() < until) rounds++;
      return rounds;
    },
    thread: (_state, _message, self) => self.thread,
    forget() {
      void Promise.reject(new Error('nobody awaits this'));
    },
    throwCast() {
      throw new Error('a cast that fails');
    },
  },
});
