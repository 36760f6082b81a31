import type { Problem, RemoteError, System } from 'heddle';
import { describe, expect, it } from 'vitest';
import { BadInit, type Ending } from '../actors/bad-init.js';
import { expectRefusal, expectRemote, refusal, rejected } from '../support/refusals.js';
import { share } from '../support/shared.js';

const FAILED = refusal('ActorFailed', /^init of BadInit failed, thread=\d$/);
/** Of an error, what crosses a thread is cut to this. */
const TEXT_MAX = 8_193;

const causesOf = (error: unknown): RemoteError[] => {
  const { cause } = error as Error;
  return cause instanceof Error ? [cause, ...causesOf(cause)] : [];
};

describe.each([
  { where: 'on a worker', place: 1 },
  { where: 'on the host', place: 0 },
])('init $where', ({ place }) => {
  const shared = share({ threads: 1, callTimeoutMs: 20_000 });
  const spawn = (ending: Ending, system: System = shared()) => system.spawn(BadInit, ending, { place });

  it.each(['throws', 'rejects'] as const)(
    'that %s rejects the spawn, with the cause, its code and its stack',
    async (how) => {
      const error = await rejected(spawn({ how, what: 'error' }));
      expectRemote(error, FAILED);
      const cause = causesOf(error)[0];
      expect(cause).toMatchObject({
        name: 'RangeError',
        message: 'out of range',
        code: 'E_RANGE',
      });
      expect(place === 0 ? cause?.stack : cause?.remoteStack).toMatch(/RangeError: out of range\n.*bad-init/s);
    },
  );

  it.each([
    ['chain', /^outer$/],
    ['text', place === 0 ? /^/ : /^something that is no Error was thrown: only a text$/],
    ['nothing', place === 0 ? /^/ : /^something that is no Error was thrown: undefined$/],
    ['cyclic', /^one$/],
    ['huge', /^x+…?$/],
    ['strange', place === 0 ? /^/ : /an Error whose members throw: Error: nobody may read this/],
    ['hostile', place === 0 ? /^/ : /something that is no Error was thrown: /],
  ])('that fails with "%s" ends nothing but its actor', async (what, says) => {
    const problems = shared().problems[Symbol.asyncIterator]();
    const problem = problems.next();
    const error = (await rejected(spawn({ how: 'throws', what }))) as Error;
    expectRemote(error, FAILED);
    expectRemote(((await problem).value as Problem).error, FAILED);
    await problems.return?.();
    // On the host, what was thrown is the cause itself.
    if (place === 0) return;
    expect(causesOf(error)[0]?.message).toMatch(says);
    expect(causesOf(error).length).toBeLessThan(5);
    for (const { message } of causesOf(error)) expect(message.length).toBeLessThanOrEqual(TEXT_MAX);
  });

  it.each(['chain', 'text', 'cyclic', 'huge', 'strange', 'hostile'])(
    'that went well: a handler that fails with "%s" is told alike',
    async (what) => {
      const actors = await Promise.all([
        spawn({ how: 'ends', what: 'undefined' }),
        spawn({ how: 'ends', what: 'twice' }),
      ]);
      const ended = shared().stopped(actors[0]!);
      actors[0]?.fail({ what });
      expect(await ended).toMatchObject({ reason: 'failed', error: { code: 'HEDDLE_ACTOR_FAILED' } });
      const error = await rejected(actors[1]!.failCall({ what }));
      expectRemote(error, refusal('ActorFailed', /^the handler of BadInit\.failCall failed, thread=\d$/));
    },
  );

  it('may return nothing', async () => {
    expect(await (await spawn({ how: 'ends', what: 'undefined' })).ask()).toMatch(/^undefined on/);
  });

  it('may return what settles twice', async () => {
    expect(await (await spawn({ how: 'ends', what: 'twice' })).ask()).toMatch(/^object on/);
  });

  it('that returns what cannot be awaited has failed', async () => {
    expectRemote(await rejected(spawn({ how: 'ends', what: 'thenable' })), FAILED);
  });

  it('that never ends rejects the spawn by its deadline, and the actor ends', async () => {
    const system = shared();
    const alive = (): number => system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);
    const before = alive();
    const never = system.spawn(BadInit, { how: 'ends', what: 'never' }, { place, timeoutMs: 30 });
    expectRefusal(
      await rejected(never),
      refusal(
        'CallTimeout',
        /^BadInit was not born in time: its init has not ended, .*timeoutMs=30 thread=\d url=file:/,
      ),
    );
    // The order to end overtakes a later spawn.
    await spawn({ how: 'ends', what: 'undefined' });
    expect(alive()).toBe(before + 1);
  });
});
