import { describe, expect, it } from 'vitest';
import { Echo } from '../actors/echo.js';
import { Mortal } from '../actors/mortal.js';
import { Relay } from '../actors/relay.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

describe.each([
  { where: 'on one thread', relayAt: 0, echoAt: 0 },
  { where: 'on another', relayAt: 1, echoAt: 1 },
  { where: 'on three', relayAt: 1, echoAt: 2 },
  { where: 'on the way back', relayAt: 1, echoAt: 0 },
])('a call that is forwarded, all $where', ({ relayAt, echoAt }) => {
  const scene = async () => {
    const system = await start({ threads: 2 });
    const relay = await system.spawn(Relay, undefined, { place: relayAt });
    const echo = await system.spawn(Echo, undefined, { place: echoAt });
    /** Resolves when everything is done that was sent but what `echo` holds. */
    const reached = async (count: number): Promise<void> => {
      await until(() => system.counters().handled >= count);
    };
    return { system, relay, echo, reached };
  };

  it('is answered by the other actor', async () => {
    const { system, relay, echo } = await scene();
    expect(await relay.echo({ to: echo, value: [1, 'two'] })).toEqual([1, 'two']);
    expect(await finish(system)).toMatchObject({ accepted: 2, handled: 2, lost: 0, dead: 0 });
  });

  it('resolves with undefined where the other actor answers with nothing', async () => {
    const { relay, echo } = await scene();
    expect(await relay.note({ to: echo, value: 'x' })).toBeUndefined();
  });

  it('is answered also when the actor that forwarded it has ended', async () => {
    const { system, relay, echo, reached } = await scene();
    const held = relay.held({ to: echo });
    await reached(2);
    await system.kill(relay);
    echo.release({ value: 7 });
    expect(await held).toBe(7);
  });

  it('is answered also when the handler fails that forwarded it', async () => {
    const { system, relay, echo } = await scene();
    const held = relay.heldThenFail({ to: echo });
    await system.stopped(relay);
    await until(() => system.counters().handled >= 1);
    echo.release({ value: 8 });
    expect(await held).toBe(8);
    expect(await finish(system)).toMatchObject({ lost: 1 });
  });

  it('fails as the other one fails, and when that has ended', async () => {
    const { system, relay, echo, reached } = await scene();
    const held = relay.held({ to: echo });
    await reached(2);
    echo.refuse({ message: 'not you' });
    await expect(held).rejects.toMatchObject({ name: 'RangeError', message: 'not you' });
    const killed = relay.held({ to: echo });
    await reached(5);
    await system.kill(echo);
    await expect(killed).rejects.toMatchObject({ code: 'HEDDLE_ACTOR_STOPPED' });
    await expect(relay.held({ to: echo })).rejects.toMatchObject({
      code: expect.stringMatching(/HEDDLE_(ACTOR_STOPPED|NO_SUCH_ACTOR)/),
    });
  });

  it("ends at the caller's deadline, or an earlier one of its own", async () => {
    const { system, relay, echo } = await scene();
    await expect(relay.held({ to: echo }, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'HEDDLE_CALL_TIMEOUT' });
    await expect(relay.briefly({ to: echo, timeoutMs: 400 }, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'HEDDLE_CALL_TIMEOUT',
    });
    // Nothing is open any more on any thread, though the other actor has answered neither.
    expect(await finish(system)).toMatchObject({ quiet: true, handled: 4 });
  });

  it('is refused where the answer does not fit what the caller asked for', async () => {
    const { relay, echo } = await scene();
    await expect(relay.misfit({ to: echo, value: 5 })).rejects.toMatchObject({
      code: 'HEDDLE_INVALID_MESSAGE',
      message: expect.stringMatching(/Relay\.misfit reply: expected text, got number 5/),
    });
    expect(await relay.misfit({ to: echo, value: 'fits' })).toBe('fits');
  });

  it('can be answered by whoever is first, once', async () => {
    const { relay, echo, reached } = await scene();
    expect(await relay.overtake({ to: echo, value: 3 })).toBe(3);
    await reached(2);
    echo.release({ value: 4 });
    expect(await relay.echo({ to: echo, value: 'next' })).toBe('next');
  });

  it('cannot be forwarded after an await', async () => {
    const { relay, echo } = await scene();
    expect(await relay.late({ to: echo })).toMatchObject({
      code: 'HEDDLE_INVALID_MESSAGE',
      message: expect.stringMatching(/self\.forward\(\) takes the answer to the running call/),
    });
  });
});

describe('a forwarded call', () => {
  it('fails with the thread of the actor that was to answer', async () => {
    const system = await start({ threads: 2 });
    const relay = await system.spawn(Relay, undefined, { place: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const held = relay.held({ to: echo }, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    await until(() => system.counters().handled >= 2);
    await system.terminate(2);
    expect(await held).toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
  });

  it('fails with the thread of the actor that forwarded it', async () => {
    const system = await start({ threads: 2 });
    const relay = await system.spawn(Relay, undefined, { place: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const held = relay.held({ to: echo }, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    await until(() => system.counters().handled >= 2);
    await system.terminate(1);
    expect(await held).toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    echo.release({ value: 1 });
    expect(await echo.text({ value: 'still here' })).toBe('still here');
  });

  it("is nobody's when the thread that called has died", async () => {
    const system = await start({ threads: 2 });
    const relay = await system.spawn(Relay, undefined, { place: 2 });
    const echo = await system.spawn(Echo, undefined, { place: 2 });
    const caller = await system.spawn(Relay, undefined, { place: 1 });
    // The caller's own call is forwarded again, so its thread waits for the answer.
    const chain = await system.spawn(Mortal, undefined, { place: 1 });
    void caller.held({ to: echo }, { timeoutMs: 60_000 }).catch(() => undefined);
    await until(() => system.counters().handled >= 2);
    chain.die({ way: 'process.exit in a handler' });
    await system.stopped(caller);
    echo.release({ value: 1 });
    expect(await relay.echo({ to: echo, value: 'goes on' })).toBe('goes on');
    const { threads } = system.counters();
    expect(threads.reduce((sum, { repliesLate }) => sum + repliesLate, 0)).toBe(0);
  });
});
