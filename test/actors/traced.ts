/** An actor that tells the trace that its handlers run in, and has others tell theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bytes, call, defineActor, i32, list, optional, type Reply, selfRef, text, traceparent, view } from 'heddle';

export const Traced = defineActor(import.meta.url, 'Traced', {
  protocol: {
    tell: call({}, optional(text)),
    /** The traces of all that it passes on its way: by a call, after an await, and by an answer that comes later. */
    chain: call({ others: list(selfRef) }, list(text)),
    /** Takes its time, in turns of the event loop. */
    slow: call({ turns: i32 }, optional(text)),
    large: call({ content: bytes }, optional(text)),
    seen: call({ content: view }, optional(text)),
    later: call({ of: selfRef }, optional(text)),
    cast: {},
    fromCast: call({}, optional(text)),
    fail: call({}),
    hold: call({}),
    release: {},
  },
  init: () => ({ fromCast: undefined as string | undefined, held: [] as Reply<void>[] }),
  on: {
    tell: () => traceparent(),
    async chain(_state, { others: [next, ...others] }) {
      const here = traceparent() ?? 'none';
      if (next === undefined) return [here];
      await sleep(1);
      return [here, ...(await next.chain({ others }))];
    },
    async slow(_state, { turns }) {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      return traceparent();
    },
    large: () => traceparent(),
    seen: () => traceparent(),
    later(_state, { of }, self) {
      const reply = self.reply<string | undefined>();
      setTimeout(() => void of.tell().then((told) => reply.send(told)), 1);
      return reply;
    },
    cast(state) {
      state.fromCast = traceparent() ?? 'none';
    },
    fromCast: ({ fromCast }) => fromCast,
    fail() {
      throw new Error(`in ${traceparent()}`);
    },
    hold(state, _message, self) {
      const reply = self.reply<void>();
      state.held.push(reply);
      return reply;
    },
    release({ held }) {
      for (const reply of held.splice(0)) reply.send();
    },
  },
});
