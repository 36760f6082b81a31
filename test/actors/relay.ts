/** Passes things on: calls to others, outcomes of promises, messages by derived refs; and acts by timers. */
import { any, anyRef, call, defineActor, i32, list, narrow, type Reply, ref, text } from 'heddle';
import { Echo } from './echo.js';

interface Outcome {
  readonly code: string;
  readonly message: string;
}

const outcomeOf = async (act: () => unknown): Promise<Outcome | undefined> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    const { code, message } = error as Outcome;
    return { code, message };
  }
};

/** What actors that have ended were to do, by a text that their successor knows. */
const kept = new Map<string, () => unknown>();

export const Relay = defineActor(import.meta.url, 'Relay', {
  protocol: {
    echo: call({ to: ref(Echo), value: any<unknown>() }, any<unknown>()),
    note: call({ to: ref(Echo), value: text }),
    held: call({ to: ref(Echo) }, i32),
    /** Forwards, then ends itself in a way that nothing survives. */
    heldThenFail: call({ to: ref(Echo) }, i32),
    briefly: call({ to: ref(Echo), timeoutMs: i32 }, i32),
    /** The other actor answers with what the caller did not ask for. */
    misfit: call({ to: ref(Echo), value: any<unknown>() }, text),
    late: call({ to: ref(Echo) }, any<Outcome | undefined>()),
    /** Answers itself before the other one does. */
    overtake: call({ to: ref(Echo), value: i32 }, i32),

    pipeHeld: { to: ref(Echo) },
    pipeFailure: { to: ref(Echo), message: text, caught: i32 },
    pipeWrong: { to: ref(Echo) },
    pipeFor: { to: ref(Echo), other: ref(Echo) },
    got: { value: i32 },
    heard: call({}, list(i32)),

    /** Calls `held` by a bound ref; tells how that went. */
    askBound: call({ to: ref(Echo), timeoutMs: i32 }, any<Outcome | undefined>()),
    askBoundLater: call({ to: ref(Echo) }, any<Outcome | undefined>()),
    keepBound: call({ to: ref(Echo), key: text }),
    useKept: call({ key: text }, any<Outcome | undefined>()),
    holdBound: { to: ref(Echo), key: text },
    sameAsBound: call({ to: ref(Echo) }, ref(Echo)),
    sameAsNarrow: call({ to: ref(Echo) }, anyRef),

    tick: { value: i32 },
    tickAfter: { ms: i32, value: i32 },
    tickEvery: { ms: i32 },
    stopAfter: { ms: i32 },
    killAfter: { ms: i32 },
    /** Resolves when so many ticks have come. */
    ticks: call({ count: i32 }, list(i32)),
  },
  init: () => ({
    got: [] as number[],
    ticks: [] as number[],
    wanted: 0,
    reply: undefined as Reply<number[]> | undefined,
  }),
  on: {
    echo: (_state, { to, value }, self) => self.forward(to, 'echo', { value }),
    note: (_state, { to, value }, self) => self.forward(to, 'note', { value }),
    held: (_state, { to }, self) => self.forward(to, 'held'),
    heldThenFail(_state, { to }, self) {
      self.forward(to, 'held');
      throw new Error('after it was handed over');
    },
    briefly: (_state, { to, timeoutMs }, self) => self.forward(to, 'held', {}, { timeoutMs }),
    misfit: (_state, { to, value }, self) => self.forward(to, 'echo', { value }) as Reply<never>,
    async late(_state, { to }, self) {
      await undefined;
      return await outcomeOf(() => self.forward(to, 'held'));
    },
    overtake(_state, { to, value }, self) {
      const reply = self.forward(to, 'held');
      reply.send(value);
      return reply;
    },

    pipeHeld: (_state, { to }, self) => self.pipe(to.held(), self.ref, 'got', (value) => ({ value })),
    pipeFailure: (_state, { to, message, caught }, self) =>
      self.pipe(
        to.fail({ message }),
        self.ref,
        'got',
        (value) => ({ value }),
        caught === 0 ? {} : { onError: () => ({ value: caught }) },
      ),
    pipeWrong: (_state, { to }, self) => self.pipe(to.held(), self.ref, 'got', () => ({ value: 'text' as never })),
    pipeFor: (_state, { to, other }, self) => self.pipe(to.held(), other, 'release', (value) => ({ value })),
    got(state, { value }) {
      state.got.push(value);
    },
    heard: (state) => state.got,

    askBound: (_state, { to, timeoutMs }, self) => outcomeOf(() => self.to(to).held({}, { timeoutMs })),
    async askBoundLater(_state, { to }, self) {
      await undefined;
      return await outcomeOf(() => self.to(to).held({}, { timeoutMs: 60_000 }));
    },
    keepBound(_state, { to, key }, self) {
      const bound = self.to(to);
      kept.set(key, () => bound.release({ value: 5 }));
      kept.set(`${key} call`, () => bound.text({ value: 'x' }));
      kept.set(`${key} narrowed`, () => narrow(bound, 'release').release({ value: 5 }));
    },
    useKept: (_state, { key }) => outcomeOf(kept.get(key)!),
    holdBound(_state, { to, key }, self) {
      const outcome = outcomeOf(() => self.to(to).held());
      kept.set(key, async () => {
        const thrown = await outcome;
        if (thrown !== undefined) throw Object.assign(new Error(thrown.message), { code: thrown.code });
      });
    },
    sameAsBound: (_state, { to }, self) => self.to(to),
    sameAsNarrow: (_state, { to }) => narrow(to, 'text'),

    tick(state, { value }) {
      state.ticks.push(value);
      if (state.ticks.length === state.wanted) state.reply?.send(state.ticks);
    },
    tickAfter: (_state, { ms, value }, self) => void self.after(ms, 'tick', { value }),
    tickEvery: (_state, { ms }, self) => void self.every(ms, 'tick', { value: ms }),
    stopAfter: (_state, { ms }, self) => void self.stopAfter(ms, { reason: 'late' }),
    killAfter: (_state, { ms }, self) => void self.killAfter(ms),
    ticks(state, { count }, self) {
      if (state.ticks.length >= count) return state.ticks.slice(0, count);
      state.wanted = count;
      state.reply = self.reply<number[]>();
      return state.reply;
    },
  },
});
