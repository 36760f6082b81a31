import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { collectGarbage } from '../support/garbage.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe.each([
  { where: 'on another thread', place: 1 },
  { where: 'on the same thread', place: 0 },
])('a call to an actor $where', ({ place }) => {
  it('brings back what the handler returns, or resolves to', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    expect(await echo.text({ value: 'hällo' })).toBe('hällo');
    expect(await echo.later({ ms: 5, value: 7 })).toBe(7);
    expect(await echo.echo({ value: new Map([[1, [2n, null]]]) })).toEqual(new Map([[1, [2n, null]]]));
  });

  it.each([true, false])('resolves with undefined if it declares no reply (strict: %s)', async (strict) => {
    const system = await start({ threads: 1, strict });
    const echo = await system.spawn(Echo, undefined, { place });
    expect(await echo.note({ value: 'x' })).toBeUndefined();
    expect(await echo.noteLater({ value: 'x' })).toBeUndefined();
    expect(await echo.noteHeld()).toBeUndefined();
    expect(await echo.empty()).toEqual({});
  });

  it.each(['fail', 'failLater'] as const)('is rejected with the cause when the handler fails (%s)', async (name) => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const queued = [echo[name]({ message: 'broken' }), echo.text({ value: 'behind' })];
    const [failed, behind] = await Promise.allSettled(queued);
    expect(failed).toMatchObject({
      status: 'rejected',
      reason: { code: 'HEDDLE_ACTOR_FAILED', cause: { name: 'TypeError', message: 'broken' } },
    });
    expect(behind).toMatchObject({ status: 'rejected' });
    // Gone: known at once.
    await expect(echo.text({ value: 'x' }, { timeoutMs: 20_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/HEDDLE_(ACTOR_STOPPED|NO_SUCH_ACTOR)/),
    });
    expect(await finish(system)).toMatchObject({ accepted: 3, lost: 1, dead: 2 });
  });

  it('ends at its deadline; the late reply is counted', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    await expect(echo.held({}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'HEDDLE_CALL_TIMEOUT' });
    echo.release({ value: 1 });
    expect(await echo.text({ value: 'still here' })).toBe('still here');
    expect(system.counters().threads[0]).toMatchObject({ repliesLate: 1 });
  });

  it('that waited past its deadline is not handled', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    const spinning = echo.spin({ ms: 60 });
    await expect(echo.text({ value: 'late' }, { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'HEDDLE_CALL_TIMEOUT',
    });
    await spinning;
    expect(await finish(system)).toMatchObject({ handled: 1, deadByReason: { deadline: 1 } });
  });

  it('can be given up', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const abort = new AbortController();
    const call = echo.held({}, { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await expect(call).rejects.toThrow('no longer wanted');
    echo.release({ value: 1 });
    expect(await echo.text({ value: 'next' })).toBe('next');
  });

  it('can be answered later, in any order, or refused', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const calls = [echo.held(), echo.held(), echo.held()];
    const outcomes = Promise.allSettled(calls);
    echo.release({ value: 1 });
    echo.refuse({ message: 'not you' });
    echo.release({ value: 3 });
    expect(await outcomes).toMatchObject([
      { value: 1 },
      { status: 'rejected', reason: { name: 'RangeError', message: 'not you' } },
      { value: 3 },
    ]);
  });

  it.each(['fail', 'failLater'] as const)('hears why its actor failed that was to answer later (%s)', async (name) => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const held = echo.held({}, { timeoutMs: 20_000 });
    const failure = { code: 'HEDDLE_ACTOR_FAILED', cause: { name: 'TypeError', message: 'broken' } };
    const outcomes = Promise.allSettled([held, echo[name]({ message: 'broken' })]);
    expect(await outcomes).toMatchObject([{ reason: failure }, { reason: failure }]);
  });

  it.each(['stop', 'kill', 'drain'] as const)(
    'hears how its actor ended that was to answer later (%s)',
    async (verb) => {
      const system = await start({ threads: 1 });
      const echo = await system.spawn(Echo, undefined, { place });
      const held = echo.held({}, { timeoutMs: 20_000 });
      const outcome = held.catch((error: unknown) => error);
      await echo.text({ value: 'held has arrived' });
      const { reason } = await system[verb](echo, { reason: 'closing time' });
      expect(await outcome).toMatchObject({
        code: 'HEDDLE_ACTOR_STOPPED',
        message: `Echo has ended, reason=${reason} detail=closing time`,
      });
    },
  );

  it('is rejected at once when its actor ends before it has answered', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    const held = echo.held({}, { timeoutMs: 20_000 });
    await echo.text({ value: 'held has arrived' });
    const never = echo.never({}, { timeoutMs: 20_000 });
    const queued = echo.text({ value: 'queued' }, { timeoutMs: 20_000 });
    const outcomes = Promise.allSettled([held, never, queued]);
    await until(() => system.counters().threads.some(({ underway }) => underway === 2));
    await system.kill(echo);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'HEDDLE_ACTOR_STOPPED' } });
    }
  });
});

describe('calls', () => {
  it('are made to many at once, with the outcomes in order', async () => {
    const system = await start({ threads: 2 });
    const accounts = await Promise.all([1, 2, 3, 4].map((n) => system.spawn(Account, `owner ${n}`)));
    await system.stop(accounts[2]!);
    expect(await system.callAll(accounts, 'owner', {})).toMatchObject([
      { value: 'owner 1' },
      { value: 'owner 2' },
      { status: 'rejected', reason: { code: 'HEDDLE_NO_SUCH_ACTOR' } },
      { value: 'owner 4' },
    ]);
  });

  it('go from worker to worker', async () => {
    const system = await start({ threads: 2 });
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    expect(await agent.call({ to: echo, value: { deep: [1, 'two', { three: 3 }] } })).toEqual({
      deep: [1, 'two', { three: 3 }],
    });
  });

  it('are made by the thousand at a time', async () => {
    const system = await start({ threads: 2 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    const values = Array.from({ length: 5000 }, (_, i) => `number ${i}`);
    expect(await Promise.all(values.map((value) => echo.text({ value })))).toEqual(values);
  });
});

describe('what a reply brought', () => {
  it('is not kept by the table of calls', async () => {
    const system = await start({ threads: 0, strict: false });
    const echo = await system.spawn(Echo, undefined);
    const reply = await echo.echo({ value: { large: true } }).then((value) => new WeakRef(value as object));
    await until(() => {
      collectGarbage();
      return reply.deref() === undefined;
    });
  });
});
