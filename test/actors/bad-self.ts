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
    flush: () => self.flush(),
  };
  const outcomes: Record<string, Outcome | undefined> = {};
  for (const [name, use] of Object.entries(uses)) outcomes[name] = await outcomeOf(use);
  return outcomes;
};

/** Selves of actors of this thread, kept beyond their ends. */
const kept: Self<Record<string, never>>[] = [];

export const BadSelf = defineActor(import.meta.url, 'BadSelf', {
  protocol: {
    keep: call({}),
    useKept: call({}, any<Record<string, Outcome | undefined>>()),
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
