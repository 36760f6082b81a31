import { type AnyDefinition, type AnyRef, createSystem, defineActor, type Problem, type System } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { defineLater, HostOnly, TwoFaced } from '../actors/bad-defines.js';
import { Loops } from '../actors/bad-loops.js';
import { Syntax } from '../actors/bad-syntax.js';
import { Throws } from '../actors/bad-throws.js';
import { Waits } from '../actors/bad-waits.js';
import { Echo } from '../actors/echo.js';
import { expectRefusal, expectRemote, refusal, rejected, thrown } from '../support/refusals.js';
import { expectUsable, share } from '../support/shared.js';
import { finish, start } from '../support/systems.js';

/** Spawns without the types of the declaration. */
const spawn = (system: System, definition: unknown, args?: unknown, options?: object): Promise<unknown> =>
  (system.spawn as (...given: unknown[]) => Promise<unknown>)(definition, args, options);
const spawnNow = (system: System, definition: unknown, args?: unknown, options?: object): unknown =>
  (system.spawnNow as (...given: unknown[]) => unknown)(definition, args, options);

const causesOf = (error: unknown): Error[] => {
  const { cause } = error as Error;
  return cause instanceof Error ? [cause, ...causesOf(cause)] : [];
};

const Missing = defineActor('file:///no/such/module.js', 'Missing', {
  protocol: { note: {} },
  init: () => ({}),
  on: { note: () => undefined },
});
const Later = defineLater();

const unloadable = [
  {
    what: 'whose module does not exist',
    definition: Missing,
    says: /cannot import .* Missing/,
    cause: /Cannot find module '\/no/,
  },
  {
    what: 'whose module throws',
    definition: Throws,
    says: /cannot import .* Throws/,
    cause: /this module breaks on workers/,
  },
  {
    what: 'whose module is no JavaScript',
    definition: Syntax,
    says: /cannot import .* Syntax/,
    cause: /Unexpected identifier/,
  },
  {
    what: 'that only the host defines',
    definition: HostOnly,
    says: /module defines no HostOnly on thread 1; call defineActor at the top level/,
  },
  {
    what: 'that is defined in a function',
    definition: Later,
    says: /module defines no Later on thread 1; call defineActor at the top level/,
  },
  { what: 'that workers declare otherwise', definition: TwoFaced, says: /TwoFaced has another protocol on thread 1/ },
  {
    what: 'whose module never finishes its import',
    definition: Waits,
    says: /cannot import .* Waits/,
    cause: /the import; its top level may wait took too long, deadlineMs=100/,
  },
];

describe.each(unloadable)('a definition $what', ({ definition, says, cause }) => {
  const options = { threads: 1, importTimeoutMs: definition === Waits ? 100 : 10_000 };

  it('is refused by spawn, with the URL and the cause', async () => {
    const system = await start(options);
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await rejected(spawn(system, definition));
      expectRemote(error, refusal('InvalidDefinition', says));
      expect((error as Error).message).toContain(`url=${definition?.url}`);
      expect((error as { remoteStack?: string }).remoteStack).toMatch(/InvalidDefinition|births/);
      if (cause !== undefined) expect(causesOf(error)[0]?.message).toMatch(cause);
    }
    await expectUsable(system);
  });

  it('makes dead letters of what was sent after spawnNow, and a problem', async () => {
    const system = await start(options);
    const problems = system.problems[Symbol.asyncIterator]();
    const problem = problems.next();
    const first = spawnNow(system, definition) as AnyRef & Record<string, (message?: unknown) => Promise<unknown>>;
    const [send, message] = definition === TwoFaced ? ['measure', { length: 1 }] : ['note', {}];
    first[send]?.(message);
    expect((await problem).value).toMatchObject({ kind: 'definition-failed', thread: 1 });
    expectRemote(((await problem).value as Problem).error, refusal('InvalidDefinition', says));
    // Now that it is known, too.
    const ended = { reason: 'failed', error: { code: 'HEDDLE_INVALID_DEFINITION' } };
    expect(await system.stopped(first)).toMatchObject(ended);
    const second = spawnNow(system, definition) as typeof first;
    second[send]?.(message);
    expect(await system.stopped(second)).toMatchObject(ended);
    await expectUsable(system);
    const { deadByReason, dead } = await finish(system);
    expect(deadByReason).toMatchObject({ 'definition-failed': 2 });
    expect(dead).toBe(2);
  });
});

describe('a call to an actor whose definition cannot be loaded', () => {
  it('is rejected at once, with the cause', async () => {
    const system = await start({ threads: 1 });
    const ref = system.spawnNow(Throws);
    const calls = [ref.ask({}, { timeoutMs: 20_000 })];
    await Promise.allSettled(calls);
    calls.push(ref.ask({}, { timeoutMs: 20_000 }));
    for (const call of calls) {
      const error = await rejected(call);
      expectRemote(error, refusal('InvalidDefinition', /thread 1 cannot import the module that defines Throws/));
      expect(causesOf(error)[0]).toMatchObject({ name: 'RangeError', message: 'this module breaks on workers' });
    }
    expect(await finish(system)).toMatchObject({ deadByReason: { 'definition-failed': 2 } });
  });

  it('is rejected by a shutdown that comes first, and its message counted', async () => {
    const system = await start({ threads: 1 });
    const ref = system.spawnNow(Waits);
    ref.note();
    const call = rejected(ref.ask({}, { timeoutMs: 20_000 }));
    const spawned = rejected(system.spawn(Waits));
    const report = await finish(system, 50);
    expect(report).toMatchObject({ quiet: false, undelivered: 2 });
    expectRefusal(await call, refusal('SystemStopped', /has been shut down/));
    expectRefusal(await spawned, refusal('SystemStopped', /has been shut down/));
  });
});

describe('a definition whose module loops', () => {
  it('holds its thread; spawn is rejected by its deadline and says so, the others go on, and shutdown ends the thread', async () => {
    const system = await createSystem({ threads: 2, strict: true });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const error = await rejected(spawn(system, Loops, undefined, { place: 1, timeoutMs: 200 }));
    expectRefusal(
      error,
      refusal(
        'CallTimeout',
        /Loops was not born in time: the thread is still importing a module, which may loop .*timeoutMs=200 thread=1 url=file:/,
      ),
    );
    expect(await echo.text({ value: 'still here' })).toBe('still here');
    const report = await system.shutdown({ deadlineMs: 1_000 });
    // Nothing was sent to the thread that loops, so the books balance; it has ended, though not as it was asked to.
    expect(report).toMatchObject({
      quiet: true,
      unaccounted: 0,
      threads: [{ thread: 1 }, { thread: 2, error: undefined }],
    });
    expect(report.threads[0]?.error).toMatch(/terminat/i);
    expect(system.counters().threads.map(({ state }) => state)).toEqual(['ended', 'ended', 'ended']);
  });
});

describe('a definition whose module starts a system', () => {
  it('is refused, and told to ask isHost', async () => {
    const { Starts, system } = await import('../actors/bad-starts.js');
    const error = await rejected(system.spawn(Starts));
    expectRemote(error, refusal('InvalidDefinition', /cannot import the module that defines Starts/));
    expectRemote(causesOf(error)[0], refusal('NestedSystem', /createSystem only `if \(isHost\)`/));
    expect(await (await system.spawn(Starts, undefined, { place: 'host' })).ask()).toBe('answered');
    await expectUsable(system);
    await finish(system);
  });
});

describe('spawn', () => {
  class Person {}
  const shared = share({ threads: 1 });

  it.each([
    [
      'nothing',
      undefined,
      /expected what defineActor returned; do modules import each other in a circle\?, got=nothing/,
    ],
    ['a class', Person, /expected what defineActor returned; .*got=a function/],
    ['an object', { name: 'Account', url: 'file:///account.js' }, /got=an object/],
  ])('refuses %s in place of a definition', async (_what, definition, says) => {
    const system = shared();
    expectRefusal(await rejected(spawn(system, definition)), refusal('InvalidDefinition', says));
    expectRefusal(
      thrown(() => spawnNow(system, definition)),
      refusal('InvalidDefinition', says),
    );
  });

  it.each([
    [
      'a function',
      { plan: [{ act: () => 1 }] },
      /Account\.init: args\.plan\[0\]\.act: expected a value that can travel, got a function/,
    ],
    [
      'an instance',
      new Map([['who', new Person()]]),
      /Account\.init: args\.get\("who"\): expected a value that can travel, got an instance of Person/,
    ],
    ['a symbol', Symbol('ann'), /Account\.init: args: expected a value that can travel, got a symbol/],
  ])('refuses arguments that cannot travel: %s', async (_what, args, says) => {
    const system = shared();
    for (const place of ['host', 1]) {
      const error = await rejected(spawn(system, Account, args, { place }));
      expectRefusal(error, refusal('InvalidMessage', says));
      expect((error as { refused?: unknown }).refused).toBe(args);
      expectRefusal(
        thrown(() => spawnNow(system, Account, args, { place })),
        refusal('InvalidMessage', says),
      );
    }
  });

  it.each([-1, 2, 1.5, Number.NaN, '1', 'nowhere', null, true, {}, { near: 5 }, { near: null }])(
    'refuses the place %j',
    async (place) => {
      const system = shared();
      const says = /place is .*(a number|the number|a thread's number).*got=/;
      expectRefusal(await rejected(spawn(system, Account, 'ann', { place })), refusal('InvalidOptions', says));
      expectRefusal(
        thrown(() => spawnNow(system, Account, 'ann', { place })),
        refusal('InvalidOptions', says),
      );
    },
  );

  it('refuses a place near a ref of another system', async () => {
    const [system, other] = [shared(), await start({ threads: 2 })];
    const near = await other.spawn(Account, 'ann', { place: 2 });
    const error = await rejected(system.spawn(Account, 'ben', { place: { near } }));
    expectRefusal(error, refusal('InvalidMessage', /a ref to Account of another system/));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '100', null])(
    'refuses the deadline %s',
    async (timeoutMs) => {
      const system = shared();
      const error = await rejected(spawn(system, Account, 'ann', { timeoutMs }));
      expectRefusal(error, refusal('InvalidOptions', /timeoutMs is a number from 0 to \d+, got=/));
    },
  );

  it.each([
    ['a misspelt one', { timeout: 5 }, /spawn of Account: there is no option "timeout", there are: place, timeoutMs/],
    ['a number', 5, /spawn of Account: expected an object of place, timeoutMs, link, shutdownMs, name, got number 5/],
  ])('refuses options: %s', async (_what, options, says) => {
    const system = shared();
    const error = await rejected(spawn(system, Account, 'ann', options as object));
    expectRefusal(error, refusal('InvalidOptions', says));
  });

  it('knows no places but the host where there are no workers', async () => {
    const system = await start({ threads: 0 });
    const definition = Account as AnyDefinition;
    expectRefusal(
      await rejected(system.spawn(definition, 'ann', { place: 1 })),
      refusal('InvalidOptions', /0 \(the host\) to 0/),
    );
    expect(await (await system.spawn(Account, 'ann')).owner()).toBe('ann');
  });
});
