/** Uses its `self` and its replies in ways that are mistakes, and tells what came of it. */
import { resourceLimits } from 'node:worker_threads';
import { any, call, createSystem, defineActor, f64, list, optional, ref, type Self, text } from 'heddle';
import { Account } from './account.js';

interface Outcome {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

const outcomeOf = async (act: () => unknown): Promise<Outcome | undefined> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    const { name, code, message } = error as Outcome;
    return { name, code, message };
  }
};

/** What every method of `self` throws. */
const useAll = async (self: Self<Record<string, never>>): Promise<Record<string, Outcome | undefined>> => {
  const uses: Readonly<Record<string, () => unknown>> = {
    spawn: () => self.spawn(Account, 'ann'),
    spawnNow: () => self.spawnNow(Account, 'ann'),
    stop: () => self.stop(self.ref),
    kill: () => self.kill(self.ref),
    drain: () => self.drain(self.ref),
    stopped: () => self.stopped(self.ref),
    callAll: () => self.callAll([], 'ask' as never, {} as never),
    room: () => self.room(self.ref),
    reply: () => self.reply(),
    forward: () => self.forward(self.ref as never, 'ask' as never),
    pipe: () => self.pipe(Promise.resolve(1), self.ref as never, 'tell' as never),
    to: () => self.to(self.ref),
    after: () => self.after(1, 'tell' as never, {} as never),
    every: () => self.every(1, 'tell' as never, {} as never),
    stopAfter: () => self.stopAfter(1),
    killAfter: () => self.killAfter(1),
    flush: () => self.flush(),
  };
  const outcomes: Record<string, Outcome | undefined> = {};
  for (const [name, use] of Object.entries(uses)) outcomes[name] = await outcomeOf(use);
  return outcomes;
};

/** What is no argument of theirs, by what it is. */
const misuseAll = async (given: Self<Record<string, never>>): Promise<Record<string, Outcome | undefined>> => {
  // Without the types that keep honest code from this.
  // biome-ignore lint/suspicious/noExplicitAny: of any type
  const self = given as unknown as Record<string, (...args: any[]) => unknown> & { readonly ref: never };
  const uses: Readonly<Record<string, () => unknown>> = {
    'after a text': () => self['after']!('5', 'replyInCast'),
    'after NaN': () => self['after']!(Number.NaN, 'replyInCast'),
    'after a negative time': () => self['after']!(-1, 'replyInCast'),
    'after too long': () => self['after']!(2 ** 30 + 1, 'replyInCast'),
    'after, to say what there is not': () => self['after']!(1, 'replyInCats'),
    'after, to make a call': () => self['after']!(1, 'draw', { shape: 'x' }),
    'after, without a name': () => self['after']!(1),
    'after, with a wrong message': () => self['after']!(1, 'told', { times: 'many' }),
    'every nothing': () => self['every']!(0, 'replyInCast'),
    'every, with a wrong policy': () => self['every']!(1, 'replyInCast', {}, { missed: 'Skip' }),
    'every, with a wrong option': () => self['every']!(1, 'replyInCast', {}, { mised: 'skip' }),
    'stopAfter a text': () => self['stopAfter']!('1'),
    'killAfter, with a wrong option': () => self['killAfter']!(1, { raison: 'x' }),
    'to no ref': () => self['to']!({}),
    'forward to no ref': () => self['forward']!({}, 'draw'),
    'forward a cast': () => self['forward']!(self.ref, 'replyInCast'),
    'forward, with a wrong option': () => self['forward']!(self.ref, 'draw', { shape: 'x' }, { timeout: 1 }),
    'forward, with a wrong time': () => self['forward']!(self.ref, 'draw', { shape: 'x' }, { timeoutMs: '1' }),
    'pipe no promise': () => self['pipe']!(5, self.ref, 'replyInCast'),
    'pipe to no ref': () => self['pipe']!(Promise.resolve(), 'x', 'replyInCast'),
    'pipe into a call': () => self['pipe']!(Promise.resolve(), self.ref, 'draw'),
    'pipe by no function': () => self['pipe']!(Promise.resolve(), self.ref, 'replyInCast', {}),
    'pipe, with a wrong option': () =>
      self['pipe']!(Promise.resolve(), self.ref, 'replyInCast', String, { onerror: String }),
    'pipe, with no function for errors': () =>
      self['pipe']!(Promise.resolve(), self.ref, 'replyInCast', String, { onError: 5 }),
  };
  const outcomes: Record<string, Outcome | undefined> = {};
  for (const [what, use] of Object.entries(uses)) outcomes[what] = await outcomeOf(use);
  return outcomes;
};

/** Selves of actors of this thread, kept beyond their ends. */
const kept: Self<Record<string, never>>[] = [];

export const BadSelf = defineActor(import.meta.url, 'BadSelf', {
  protocol: {
    keep: call({}),
    useKept: call({}, any<Record<string, Outcome | undefined>>()),
    misuse: call({}, any<Record<string, Outcome | undefined>>()),
    told: { times: f64 },
    replyInCast: {},
    /** What the misuses of `self.reply()` so far have thrown. */
    mistakes: call({}, any<(Outcome | undefined)[]>()),
    replyTwice: call({}, text),
    replyLate: call({}, text),
    nest: call({}, any<Outcome | undefined>()),
    float: call({}),
    introduce: call({ who: ref(Account) }, text),
    draw: call({ shape: text }, text),
    env: call({ name: text }, optional(text)),
    execArgv: call({}, list(text)),
    oldSpaceMb: call({}, f64),
  },
  init: () => ({ mistakes: [] as (Outcome | undefined)[] }),
  on: {
    keep(_state, _message, self) {
      kept.push(self as unknown as Self<Record<string, never>>);
    },
    useKept: () => useAll(kept.pop()!),
    misuse: (_state, _message, self) => misuseAll(self as unknown as Self<Record<string, never>>),
    told: () => undefined,
    async replyInCast(state, _message, self) {
      state.mistakes.push(await outcomeOf(() => self.reply()));
    },
    mistakes: (state) => state.mistakes,
    replyTwice(state, _message, self) {
      const reply = self.reply<string>();
      void outcomeOf(() => self.reply()).then((outcome) => {
        state.mistakes.push(outcome);
        reply.send('once');
        // Settled already: nothing happens.
        reply.send('twice');
        reply.fail(new Error('too late'));
      });
      return reply;
    },
    async replyLate(state, _message, self) {
      await undefined;
      state.mistakes.push(await outcomeOf(() => self.reply()));
      return 'by returning';
    },
    nest: () => outcomeOf(() => createSystem({ threads: 1 })),
    float() {
      void Promise.reject(new RangeError('nobody awaits this'));
    },
    introduce: (_state, { who }) => who.owner(),
    draw: (_state, { shape }) => shape,
    env: (_state, { name }) => process.env[name],
    execArgv: () => process.execArgv,
    oldSpaceMb: () => resourceLimits.maxOldGenerationSizeMb ?? 0,
  },
});
