import { type AnyRef, type CallOptions, narrow, type Problem, refKey, type System } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { BadSelf } from '../actors/bad-self.js';
import { Echo } from '../actors/echo.js';
import { expectRefusal, expectRemote, refusal, rejected, thrown } from '../support/refusals.js';
import { share } from '../support/shared.js';
import { finish, start } from '../support/systems.js';

/** A ref without the types of its protocol. */
type Loose = AnyRef & Record<string, (message?: unknown, options?: unknown) => Promise<unknown>>;
const loose = (ref: AnyRef): Loose => ref as Loose;

const sum = (counts: readonly { readonly accepted: number }[]): number =>
  counts.reduce((all, { accepted }) => all + accepted, 0);

describe.each([
  { where: 'of another thread', place: 1 },
  { where: 'of the same thread', place: 0 },
])('a ref $where', ({ place }) => {
  const shared = share({ threads: 1 });
  const spawn = async (): Promise<Loose> => loose(await shared().spawn(Account, 'ann', { place }));

  it('refuses a message that there is not, and tells which there are', async () => {
    const account = await spawn();
    expectRefusal(
      thrown(() => account['deposite']?.({ amount: 1 })),
      refusal('InvalidMessage', /^Account has no message "deposite"; it has: deposit, owner, balance$/),
    );
  });

  it.each([
    ['nothing', undefined, /Account\.deposit: amount: expected f64, got nothing/],
    ['null', null, /Account\.deposit: expected .*, got null/],
    ['a number', 5, /Account\.deposit: expected .*, got number 5/],
    ['no field', {}, /Account\.deposit: amount: expected f64, got nothing/],
    ['a text', { amount: '12' }, /Account\.deposit: amount: expected f64, got string "12"/],
    ['a bigint', { amount: 1n }, /Account\.deposit: amount: expected f64, got bigint 1/],
    [
      'too many fields',
      { amount: 1, currency: 'EUR' },
      /Account\.deposit: currency: expected nothing, as no such field is declared, got string "EUR"/,
    ],
    [
      'a proxy that throws',
      new Proxy({}, { get: () => Symbol('amount') }),
      /Account\.deposit: amount: expected f64, got a symbol/,
    ],
  ])('refuses a message with %s, and hands it back', async (_what, message, says) => {
    const account = await spawn();
    const before = sum([shared().counters()]);
    const error = thrown(() => account['deposit']?.(message));
    expectRefusal(error, refusal('InvalidMessage', says));
    if (message !== undefined) expect((error as { refused?: unknown }).refused).toBe(message);
    expect(sum([shared().counters()])).toBe(before);
  });

  it('carries a field that is called shape', async () => {
    const self = await shared().spawn(BadSelf, undefined, { place });
    expect(await self.draw({ shape: 'round' })).toBe('round');
  });

  it.each([
    ['a plain object', { name: 'ann' }, /BadSelf\.introduce: who: expected a ref to Account, got an object/],
    ['the key of a ref', 'key', /BadSelf\.introduce: who: expected a ref to Account, got string/],
    ['a ref of another definition', 'echo', /BadSelf\.introduce: who: expected a ref to Account, got a ref to Echo/],
    [
      'a ref of another system',
      'foreign',
      /BadSelf\.introduce: who: expected a ref of this system, got a ref to Account/,
    ],
  ])('refuses %s where a ref is declared', async (_what, given, says) => {
    const system = shared();
    const self = loose(await system.spawn(BadSelf, undefined, { place }));
    const others: Readonly<Record<string, () => Promise<unknown>>> = {
      key: async () => refKey(self),
      echo: () => system.spawn(Echo),
      foreign: async () => (await start({ threads: 0 })).spawn(Account, 'ben'),
    };
    const who = typeof given === 'string' ? await others[given]?.() : given;
    expectRefusal(await rejected(self['introduce']!({ who })), refusal('InvalidMessage', says));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null])(
    'refuses the deadline %s of a call',
    async (timeoutMs) => {
      const account = await spawn();
      const error = await rejected(account['balance']!({}, { timeoutMs }));
      expectRefusal(error, refusal('InvalidOptions', /^timeoutMs is a number from 0 to \d+, got=/));
    },
  );

  it.each([
    ['a number', 5, /call of Account\.balance: expected an object of timeoutMs, signal, got number 5/],
    [
      'a misspelt one',
      { timeout: 5 },
      /call of Account\.balance: there is no option "timeout", there are: timeoutMs, signal/,
    ],
    ['a signal that is none', { signal: { aborted: false } }, /^signal is not an AbortSignal, got=an object$/],
  ])('refuses options of a call: %s', async (_what, options, says) => {
    expectRefusal(await rejected((await spawn())['balance']!({}, options)), refusal('InvalidOptions', says));
  });

  it('rejects a call whose deadline is now', async () => {
    const echo = await shared().spawn(Echo, undefined, { place });
    expectRefusal(
      await rejected(echo.never({}, { timeoutMs: 0 })),
      refusal('CallTimeout', /Echo\.never was not answered in time, timeoutMs=0/),
    );
    await shared().kill(echo);
  });

  it('sends nothing for a signal that is aborted already', async () => {
    const account = await spawn();
    const before = sum([shared().counters()]);
    const reason = new Error('never mind');
    const options: CallOptions = { signal: AbortSignal.abort(reason) };
    expect(await rejected(account['balance']!({}, options))).toBe(reason);
    expect(sum([shared().counters()])).toBe(before);
  });

  it.each(['stop', 'kill', 'drain', 'stopped', 'room'] as const)(
    'is needed by %s: a ref of another system, or none, is refused',
    async (verb) => {
      const system = shared();
      const foreign = await (await start({ threads: 0 })).spawn(Account, 'ben');
      const use = (ref: unknown): Promise<unknown> => (system[verb] as (ref: unknown) => Promise<unknown>)(ref);
      expectRefusal(await rejected(use(foreign)), refusal('InvalidMessage', /^a ref to Account of another system/));
      for (const none of [undefined, null, 'key', {}, Account]) {
        expectRefusal(await rejected(use(none)), refusal('InvalidMessage', /^expected a ref, got /));
      }
      expect(await foreign.owner()).toBe('ben');
    },
  );

  it('refuses misspelt options of stop, and the actor lives on', async () => {
    const account = await spawn();
    const error = await rejected(shared().stop(account, { why: 'done' } as object));
    expectRefusal(error, refusal('InvalidOptions', /ending an actor: there is no option "why", there are: reason/));
    expect(await account['owner']?.()).toBe('ann');
  });

  it('of an actor that has ended has room, and is refused by calls', async () => {
    const account = await spawn();
    await shared().stop(account);
    await shared().room(account);
    expectRemote(await rejected(account['balance']!()), {
      name: expect.any(String),
      code: expect.stringMatching(/ACTOR_STOPPED|NO_SUCH_ACTOR/),
      says: /ended/,
    } as never);
  });
});

describe('callAll', () => {
  const shared = share({ threads: 1 });
  const callAll = (refs: unknown, name: unknown): Promise<PromiseSettledResult<unknown>[]> =>
    (shared().callAll as (...given: unknown[]) => Promise<PromiseSettledResult<unknown>[]>)(refs, name, {});

  it('of nobody is answered by nobody', async () => {
    expect(await callAll([], 'balance')).toEqual([]);
  });

  it.each(['balanced', 'deposit', 'toString', 'constructor', undefined, 5])(
    'refuses the name %s, for each ref',
    async (name) => {
      const accounts = await Promise.all([
        shared().spawn(Account, 'ann', { place: 1 }),
        shared().spawn(Account, 'ben', { place: 0 }),
      ]);
      for (const settled of await callAll(accounts, name)) {
        expectRefusal(
          (settled as PromiseRejectedResult).reason,
          refusal('InvalidMessage', /^callAll: Account has no call .*; it has: owner, balance$/),
        );
      }
    },
  );

  it('settles in the order of the refs, whatever they are', async () => {
    const foreign = await (await start({ threads: 0 })).spawn(Account, 'cid');
    const refs = [
      await shared().spawn(Account, 'ann'),
      await shared().spawn(Echo),
      foreign,
      {},
      await shared().spawn(Account, 'ben'),
    ];
    const settled = await callAll(refs, 'owner');
    expect([settled[0], settled[4]]).toMatchObject([{ value: 'ann' }, { value: 'ben' }]);
    const says = [/Echo has no call "owner"/, /of another system/, /expected a ref, got an object/];
    says.forEach((pattern, index) => {
      expectRefusal((settled[index + 1] as PromiseRejectedResult).reason, refusal('InvalidMessage', pattern));
    });
  });

  it.each([undefined, 'refs', { length: 1 }])('refuses %s in place of the refs', async (refs) => {
    expectRefusal(
      await rejected(callAll(refs, 'owner')),
      refusal('InvalidMessage', /^callAll: expected an array of refs, got /),
    );
  });
});

describe.each([
  { where: 'on a worker', place: 1 },
  { where: 'on the host', place: 0 },
])('self $where', ({ place }) => {
  const shared = share({ threads: 1 });

  it('can do nothing after the end of its actor', async () => {
    const [one, other] = [
      await shared().spawn(BadSelf, undefined, { place }),
      await shared().spawn(BadSelf, undefined, { place }),
    ];
    await one.keep();
    await shared().stop(one);
    const outcomes = Object.entries(await other.useKept());
    expect(outcomes.length).toBe(17);
    for (const [, outcome] of outcomes) {
      expectRemote(
        outcome,
        refusal('ActorStopped', /the actor has ended; its self can do nothing more, actor=BadSelf/),
      );
    }
  });

  it('refuses what is no argument of its verbs, and tells what is', async () => {
    const self = await shared().spawn(BadSelf, undefined, { place });
    const outcomes = await self.misuse();
    const time = (name: string, least = 0) =>
      refusal('InvalidOptions', new RegExp(`^${name} is a number from ${least} to `));
    const option = (says: RegExp) => refusal('InvalidOptions', says);
    const message = (says: RegExp) => refusal('InvalidMessage', says);
    const expected: Readonly<Record<string, ReturnType<typeof refusal>>> = {
      'after a text': time('after: delayMs'),
      'after NaN': time('after: delayMs'),
      'after a negative time': time('after: delayMs'),
      'after too long': time('after: delayMs'),
      'after, to say what there is not': message(
        /^after: BadSelf has no cast "replyInCats"; it has: told, replyInCast$/,
      ),
      'after, to make a call': message(/^after: BadSelf has no cast "draw"; /),
      'after, without a name': message(/^after: BadSelf has no cast nothing; /),
      'after, with a wrong message': message(/^BadSelf\.told: times: expected f64, got string "many"$/),
      'every nothing': time('every: periodMs', 1),
      'every, with a wrong policy': option(/^every: missed is one of skip, catch-up, delay, got=string "Skip"$/),
      'every, with a wrong option': option(/^every: there is no option "mised", there are: missed$/),
      'stopAfter a text': time('stopAfter: delayMs'),
      'killAfter, with a wrong option': option(/^ending an actor: there is no option "raison"/),
      'to no ref': message(/^expected a ref, got an object$/),
      'forward to no ref': message(/^expected a ref, got an object$/),
      'forward a cast': message(/^forward: BadSelf has no call "replyInCast"; it has: keep, /),
      'forward, with a wrong option': option(/^call of draw: there is no option "timeout"/),
      'forward, with a wrong time': option(/^timeoutMs is a number from 0 to /),
      'pipe no promise': option(/^pipe: expected a promise, got=number 5$/),
      'pipe to no ref': message(/^expected a ref, got string "x"$/),
      'pipe into a call': message(/^pipe: BadSelf has no cast "draw"; it has: told, replyInCast$/),
      'pipe by no function': option(/^pipe: map is not a function, got=an object$/),
      'pipe, with a wrong option': option(/^pipe: there is no option "onerror", there are: onError$/),
      'pipe, with no function for errors': option(/^pipe: onError is not a function, got=number 5$/),
    };
    expect(Object.keys(outcomes)).toEqual(Object.keys(expected));
    for (const [what, outcome] of Object.entries(outcomes)) expectRemote(outcome, expected[what]!);
  });

  it.each([
    ['a text', 'ref', /^narrow: expected a ref, got string "ref"$/],
    ['nothing', undefined, /^narrow: expected a ref, got nothing$/],
  ])('cannot be narrowed if it is %s', (_what, given, says) => {
    expectRefusal(
      thrown(() => narrow(given as never, 'x' as never)),
      refusal('InvalidMessage', says),
    );
  });

  it('cannot be narrowed to what it does not have', async () => {
    const self = await shared().spawn(BadSelf, undefined, { place });
    for (const name of ['dreaw', 'toString', '__proto__', 5, undefined]) {
      expectRefusal(
        thrown(() => narrow(self, name as never)),
        refusal('InvalidMessage', /^narrow: BadSelf has no message .*; it has: keep, /),
      );
    }
  });

  it('gives out the reply of a call only, once, and before any await', async () => {
    const self = await shared().spawn(BadSelf, undefined, { place });
    self.replyInCast();
    expect(await self.replyTwice()).toBe('once');
    expect(await self.replyLate()).toBe('by returning');
    const mistakes = await self.mistakes();
    expect(mistakes.length).toBe(3);
    for (const mistake of mistakes) {
      expectRemote(mistake, refusal('InvalidMessage', /use it in the handler of a call, before any await/));
    }
  });
});

describe('what an actor of a worker does wrong', () => {
  it('ends nothing if it is a promise that nobody awaits, but is counted and told', async () => {
    // On the host such a promise is the application's: heddle installs no handler there, and Node ends the process.
    const system = await start({ threads: 1 });
    const self = await system.spawn(BadSelf);
    const problems = system.problems[Symbol.asyncIterator]();
    const problem = problems.next();
    await self.float();
    const { kind, thread, error } = (await problem).value as Problem;
    expect({ kind, thread }).toEqual({ kind: 'floating-rejection', thread: 1 });
    expect(error).toMatchObject({ name: 'RangeError', message: 'nobody awaits this' });
    expect(system.counters().threads[1]?.floatingRejections).toBe(1);
    expect(process.listenerCount('unhandledRejection')).toBe(LISTENERS_BEFORE);
    await self.float();
    expect(await finish(system)).toMatchObject({ handled: 2, lost: 0 });
  });

  it('is to start a system', async () => {
    const system = await start({ threads: 1 });
    const self = await system.spawn(BadSelf);
    expectRemote(
      await self.nest(),
      refusal('NestedSystem', /a worker of one system starts another; call createSystem only `if \(isHost\)`/),
    );
    expect(await self.draw({ shape: 'still here' })).toBe('still here');
  });
});

const LISTENERS_BEFORE = process.listenerCount('unhandledRejection');

describe.each([
  { where: 'another thread', place: 1 },
  { where: 'the same thread', place: 0 },
])('after a shutdown, and during it, for an actor of $where', ({ place }) => {
  const STOPPED = refusal('SystemStopped', /the system has been shut down/);
  const expectStopped = async (system: System, account: Loose): Promise<void> => {
    expectRefusal(
      thrown(() => account['deposit']?.({ amount: 1 })),
      STOPPED,
    );
    expectRefusal(
      thrown(() => system.spawnNow(Account, 'ben')),
      STOPPED,
    );
    const refused = [
      account['balance']!(),
      system.spawn(Account, 'ben'),
      system.stop(account),
      system.kill(account),
      system.drain(account),
      system.room(account),
    ];
    for (const promise of refused) expectRefusal(await rejected(promise), STOPPED);
    const [settled] = await system.callAll([account as never], 'balance' as never, {} as never);
    expectRefusal((settled as PromiseRejectedResult | undefined)?.reason, STOPPED);
  };

  it('everything is refused at once', async () => {
    const system = await start({ threads: 1 });
    const account = loose(await system.spawn(Account, 'ann', { place }));
    const ending = finish(system);
    await expectStopped(system, account);
    const report = await ending;
    await expectStopped(system, account);
    expectRefusal(await rejected(system.stopped(account)), STOPPED);
    expect(await system.shutdown()).toBe(report);
    for await (const letter of system.deadLetters) expect(letter).toBeUndefined();
  });

  it('nobody is left waiting', async () => {
    const system = await start({ threads: 1, mailboxLimit: 4 });
    const echo = await system.spawn(Echo, undefined, { place });
    const never = rejected(echo.never({}, { timeoutMs: 20_000 }));
    // Behind a handler that never ends, more than half of a mailbox: there is no room before the end.
    for (let value = 0; value < 3; value++) echo.release({ value });
    const room = system.room(echo);
    const full = place === 0 ? rejected(room) : undefined;
    const ended = system.stopped(echo);
    expect(await finish(system, 20)).toMatchObject({ quiet: false, lost: 1, undelivered: 3 });
    expect(await never).toMatchObject({ code: expect.stringMatching(/HEDDLE_(ACTOR|SYSTEM)_STOPPED/) });
    if (full !== undefined) expectRefusal(await full, STOPPED);
    expect(await ended).toMatchObject({ reason: 'stopped', detail: 'the system was shut down' });
  });
});
