/** Refs that act for an actor, and refs with a part of the messages. */
import { inspect } from 'node:util';
import { type AnyRef, narrow, refKey, sameRef } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { Relay } from '../actors/relay.js';
import { quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const places = [
  { where: 'of the same thread', place: 1 },
  { where: 'of another thread', place: 2 },
];
const MODES = places.flatMap((place) => [
  { ...place, strict: true },
  { ...place, strict: false },
]);

describe.each(MODES)('a bound ref to an actor $where (strict: $strict)', ({ place, strict }) => {
  const scene = async () => {
    const system = await start({ threads: 2, strict });
    const relay = await system.spawn(Relay, undefined, { place: 1 });
    const echo = await system.spawn(Echo, undefined, { place });
    return { system, relay, echo };
  };

  it("calls for no longer than its owner's caller waits, before and after an await", async () => {
    const { relay, echo, system } = await scene();
    for (const ask of [
      () => relay.askBound({ to: echo, timeoutMs: 60_000 }, { timeoutMs: 30 }),
      () => relay.askBoundLater({ to: echo }, { timeoutMs: 30 }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'HEDDLE_CALL_TIMEOUT' });
    }
    // The handlers have ended too: their own calls were over with those. On a busy machine a request is too late itself.
    await until(() => {
      const { accepted, handled, dead } = system.counters();
      return accepted > 0 && handled + dead === accepted;
    });
    expect(await relay.askBound({ to: echo, timeoutMs: 5 })).toMatchObject({ code: 'HEDDLE_CALL_TIMEOUT' });
  });

  it('sends nothing once its owner has ended', async () => {
    const { system, relay, echo } = await scene();
    const key = `${place} ${strict}`;
    await relay.keepBound({ to: echo, key });
    const held = echo.held();
    const successor = await system.spawn(Relay, undefined, { place: 1 });
    expect(await successor.useKept({ key })).toBeUndefined();
    expect(await held).toBe(5);
    await system.kill(relay);
    const stopped = { code: 'HEDDLE_ACTOR_STOPPED' };
    for (const use of [key, `${key} call`, `${key} narrowed`]) {
      expect(await successor.useKept({ key: use })).toMatchObject(stopped);
    }
  });

  it('gives up the calls that are under way when its owner ends', async () => {
    const { system, relay, echo } = await scene();
    const key = `held ${place} ${strict}`;
    relay.holdBound({ to: echo, key });
    await quiet(system);
    await system.kill(relay);
    const successor = await system.spawn(Relay, undefined, { place: 1 });
    expect(await successor.useKept({ key })).toMatchObject({ code: 'HEDDLE_ACTOR_STOPPED' });
  });

  it('arrives as a ref of whoever receives it', async () => {
    const { system, relay, echo } = await scene();
    const same = await relay.sameAsBound({ to: echo });
    await system.kill(relay);
    expect(sameRef(same, echo)).toBe(true);
    expect(await same.text({ value: 'free' })).toBe('free');
  });
});

describe.each([
  { where: 'of the same thread', place: 0, strict: true },
  { where: 'of the same thread', place: 0, strict: false },
  { where: 'of another thread', place: 1, strict: true },
  { where: 'of another thread', place: 1, strict: false },
])('a narrowed ref to an actor $where (strict: $strict)', ({ place, strict }) => {
  const scene = async () => {
    const system = await start({ threads: 2, strict });
    const account = await system.spawn(Account, 'ann', { place });
    return { system, account };
  };

  it('has the messages that it was given, and no other', async () => {
    const { account } = await scene();
    const part = narrow(account, 'deposit', 'owner');
    part.deposit({ amount: 2 });
    expect(await part.owner()).toBe('ann');
    expect(await account.balance()).toBe(2);
    const loose = part as unknown as Record<string, () => unknown>;
    expect(() => loose['balance']!()).toThrow(/Account has no message "balance"; it has: deposit, owner/);
    const less = narrow(part, 'owner');
    expect(await less.owner()).toBe('ann');
    expect(() => narrow(part, 'balance' as 'owner')).toThrow(
      /^narrow: Account has no message "balance"; it has: deposit, owner$/,
    );
    expect(Object.getPrototypeOf(narrow(account, 'owner', 'deposit'))).toBe(Object.getPrototypeOf(part));
    expect(inspect(part)).toBe(inspect(account));
  });

  it('is the same actor to all who compare it, wait for it or end it', async () => {
    const { system, account } = await scene();
    const part = narrow(account, 'owner');
    expect(sameRef(part, account)).toBe(true);
    expect(refKey(part)).toBe(refKey(account));
    await system.room(part);
    expect(await system.callAll([part], 'owner', {})).toMatchObject([{ value: 'ann' }]);
    const stopped = system.stopped(account);
    await system.stop(part);
    expect(await stopped).toMatchObject({ reason: 'stopped' });
  });

  it('is the address where it is sent', async () => {
    const { system, account } = await scene();
    const agent = await system.spawn(Agent, undefined, { place: 0 });
    const part = narrow(account, 'owner');
    expect(await agent.balanceOf({ account: part as unknown as typeof account })).toBe(0);
    const relay = await system.spawn(Relay, undefined, { place: 0 });
    const echo = await system.spawn(Echo, undefined, { place });
    const back: AnyRef = await relay.sameAsNarrow({ to: echo });
    expect(sameRef(back, echo)).toBe(true);
    expect(await agent.stop({ who: part })).toBe('an agent said so');
  });
});
