import { MailboxFull } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { DroppingNew, DroppingOld, LIMIT, Opener, Refusing } from '../actors/gated.js';
import { Ledger } from '../actors/ledger.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe.each([
  { where: 'on another thread', place: 1 },
  { where: 'on the same thread', place: 0 },
])('a full mailbox $where', ({ place }) => {
  it('refuses: senders are told as soon as that is known, and what came before is a dead letter', async () => {
    const system = await start({ threads: 1 });
    const [actor, opener] = [
      await system.spawn(Refusing, undefined, { place }),
      await system.spawn(Opener, undefined, { place }),
    ];
    actor.hold();
    await until(() => system.counters().threads[place]!.underway === 1);
    let accepted = 0;
    let refusal: unknown;
    await until(() => {
      try {
        actor.number({ n: accepted });
        accepted++;
        return false;
      } catch (error) {
        refusal = error;
        return true;
      }
    });
    expect(refusal).toBeInstanceOf(MailboxFull);
    expect(refusal).toMatchObject({ code: 'HEDDLE_MAILBOX_FULL', refused: { n: accepted } });
    const room = system.room(actor);
    await opener.open();
    await room;
    await quiet(system);
    expect(await actor.seen()).toEqual(numbers(0, LIMIT));
    actor.number({ n: 99 });
    expect((await actor.seen()).at(-1)).toBe(99);
    const report = await finish(system);
    expect(report.deadByReason['mailbox-full']).toBe(accepted - LIMIT);
    expect(report.dead).toBe(accepted - LIMIT);
  });

  it('drops the oldest', async () => {
    const system = await start({ threads: 1 });
    const [actor, opener] = [
      await system.spawn(DroppingOld, undefined, { place }),
      await system.spawn(Opener, undefined, { place }),
    ];
    actor.hold();
    await until(() => system.counters().threads[place]!.underway === 1);
    for (const n of numbers(0, 20)) actor.number({ n });
    await until(() => system.counters().dead === 20 - LIMIT);
    await opener.open();
    await quiet(system);
    expect(await actor.seen()).toEqual(numbers(20 - LIMIT, 20));
    expect((await finish(system)).deadByReason).toMatchObject({ dropped: 20 - LIMIT });
  });

  it('drops the newest', async () => {
    const system = await start({ threads: 1 });
    const [actor, opener] = [
      await system.spawn(DroppingNew, undefined, { place }),
      await system.spawn(Opener, undefined, { place }),
    ];
    actor.hold();
    await until(() => system.counters().threads[place]!.underway === 1);
    for (const n of numbers(0, 20)) actor.number({ n });
    await until(() => system.counters().dead === 20 - LIMIT);
    await opener.open();
    await quiet(system);
    expect(await actor.seen()).toEqual(numbers(0, LIMIT));
  });

  it('rejects calls at once', async () => {
    const system = await start({ threads: 1 });
    const [actor, opener] = [
      await system.spawn(Refusing, undefined, { place }),
      await system.spawn(Opener, undefined, { place }),
    ];
    actor.hold();
    await until(() => system.counters().threads[place]!.underway === 1);
    const calls = numbers(0, LIMIT + 4).map((n) => actor.ask({ n }, { timeoutMs: 20_000 }));
    const outcomes = Promise.allSettled(calls);
    for (const call of calls.slice(LIMIT)) await expect(call).rejects.toMatchObject({ code: 'HEDDLE_MAILBOX_FULL' });
    await opener.open();
    expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMIT);
  });
});

describe('back-pressure', () => {
  it.each([
    { from: 1, to: 2 },
    { from: 0, to: 1 },
    { from: 1, to: 0 },
    { from: 1, to: 1 },
  ])('lets a loop with room send any number from $from to $to', async ({ from, to }) => {
    const system = await start({ threads: 2, ringBytes: 4096, mailboxLimit: 2048 });
    const ledger = await system.spawn(Ledger, undefined, { place: to });
    const agent = await system.spawn(Agent, undefined, { place: from });
    await agent.notes({ to: ledger, from: 1, count: 100_000 }, { timeoutMs: 60_000 });
    await quiet(system);
    expect(await ledger.summary()).toEqual({ count: 100_000, ordered: 1 });
    expect((await finish(system)).dead).toBe(0);
  });

  it('refuses a flood that the receiver cannot take, and loses nothing that was accepted', async () => {
    const system = await start({ threads: 2, ringBytes: 4096, outboxBytes: 65_536, mailboxLimit: 1000 });
    const ledger = await system.spawn(Ledger, undefined, { place: 2 });
    const agent = await system.spawn(Agent, undefined, { place: 1 });
    let accepted = 0;
    for (let round = 0; round < 10; round++) {
      accepted += (await agent.flood({ to: ledger, from: round, count: 50_000 }, { timeoutMs: 30_000 })).accepted;
    }
    await quiet(system);
    const { count, ordered } = await ledger.summary();
    const report = await finish(system);
    expect(ordered === 1 || report.dead > 0).toBe(true);
    expect(count + report.dead).toBe(accepted);
  });

  it('lets two workers flood each other through the smallest rings', async () => {
    const system = await start({ threads: 2, ringBytes: 4096, mailboxLimit: 1 << 20 });
    const ledgers = [
      await system.spawn(Ledger, undefined, { place: 1 }),
      await system.spawn(Ledger, undefined, { place: 2 }),
    ];
    const agents = [
      await system.spawn(Agent, undefined, { place: 2 }),
      await system.spawn(Agent, undefined, { place: 1 }),
    ];
    const count = 100_000;
    const floods = agents.map((agent, i) => agent.flood({ to: ledgers[i]!, from: i, count }, { timeoutMs: 60_000 }));
    for (const flood of floods) expect(await flood).toEqual({ accepted: count });
    await quiet(system);
    for (const ledger of ledgers) expect(await ledger.summary()).toEqual({ count, ordered: 1 });
  });
});
