/**
 * More messages than anybody can take: memory stays within what the options allow, whoever has no part in it goes on,
 * what is refused comes back with a code, and the books add up.
 */
import { LimitReached, type RefOf, type System } from 'heddle';
import { describe, expect, it } from 'vitest';
import { CALLS_MAX, HELD_BYTES_MAX } from '../../src/base/limits.js';
import { Agent } from '../actors/agent.js';
import { Waits } from '../actors/bad-waits.js';
import { Echo } from '../actors/echo.js';
import { Counter, Flooder, Loop, Rival, Stuck } from '../actors/flood.js';
import { Ping } from '../actors/ping.js';
import { Pong } from '../actors/pong.js';
import { effort } from '../support/effort.js';
import { PeakMemory } from '../support/peak.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const KIB = 1 << 10;
const MIB = 1 << 20;
const PATIENCE_MS = effort(3 * 60_000, 12 * 3_600_000);
const PATIENCE = { timeoutMs: PATIENCE_MS };

/** What the innocent exchange while a flood goes on. */
const INNOCENT_ROUNDS = 200;

const MAILBOX_FULL = 'HEDDLE_MAILBOX_FULL';
const ACTOR_STOPPED = 'HEDDLE_ACTOR_STOPPED';

type RivalRef = RefOf<typeof Rival>;
type EchoRef = RefOf<typeof Echo>;
type CounterRef = RefOf<typeof Counter>;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const settledValue = <T>(outcome: PromiseSettledResult<T>): T => {
  if (outcome.status === 'fulfilled') return outcome.value;
  throw outcome.reason;
};

/** A small object in a mailbox, with its places there while the mailbox grows. */
const WAITING_BYTES = 256;

describe('an actor that never finishes', { timeout: PATIENCE_MS }, () => {
  it.each([
    { how: 'waits', message: 'hang', casts: effort(10_000_000, 1_000_000_000) },
    { how: 'computes', message: 'compute', casts: effort(200_000, 100_000_000) },
  ] as const)('and $how is flooded in bounded memory, and harms nobody', async ({ message, casts }) => {
    const options = { threads: 2, ringBytes: 64 * KIB, outboxBytes: MIB, mailboxLimit: 50_000 };
    const system = await start({ ...options, strict: false });
    const stuck = await system.spawn(Stuck, undefined, { place: 2 });
    const flooder = await system.spawn(Flooder, undefined, { place: 1 });
    const ping = await system.spawn(Ping, undefined, { place: 1 });
    const pong = await system.spawn(Pong, undefined, { place: 2 });
    stuck[message]();
    await until(() => system.counters().threads[2]!.underway === 1);

    const memory = new PeakMemory();
    flooder.flood({ to: stuck });
    // The innocent begin when the mailbox is full, and have ended before the flood does.
    await until(() => {
      memory.look();
      return system.counters().threads[1]!.refused > 0;
    });
    expect(await ping.play({ with: pong, rounds: INNOCENT_ROUNDS }, PATIENCE)).toBe(INNOCENT_ROUNDS);
    const attempts = async (): Promise<number> => {
      memory.look();
      const { accepted, refused } = await flooder.sent({}, PATIENCE);
      return accepted + refused;
    };
    while ((await attempts()) < casts);
    const { accepted, refused, codes, notHandedBack } = await flooder.cease();
    memory.look();

    const { mailboxLimit, ringBytes, outboxBytes } = options;
    expect(memory.grownBytes).toBeLessThan(mailboxLimit * WAITING_BYTES + ringBytes + outboxBytes + memory.slackBytes);
    expect({ codes, notHandedBack }).toEqual({ codes: [MAILBOX_FULL], notHandedBack: 0 });
    expect(system.counters().threads[1]!.refused).toBe(refused);
    await system.kill(stuck);
    const report = await finish(system);
    expect(report.deadByReason['actor-stopped']).toBe(mailboxLimit);
    expect(report.deadByReason['mailbox-full']).toBe(accepted - mailboxLimit);
  });
});

/** Waits until every one of the numbers that `read` returns is larger than it was. */
const untilAllMove = async (read: () => readonly number[]): Promise<void> => {
  const before = read();
  await until(() => read().every((now, index) => now > before[index]!));
};

const LOOKS = effort(40, 10_000);

describe('workers that flood each other through the smallest rings', { timeout: PATIENCE_MS }, () => {
  const flood = async (threads: number): Promise<{ system: System; rivals: RivalRef[]; handled: () => number[] }> => {
    const system = await start({ threads, ringBytes: 4 * KIB, outboxBytes: 64 * KIB, strict: false });
    const places = Array.from({ length: threads }, (_, index) => index + 1);
    const rivals = await Promise.all(places.map((place) => system.spawn(Rival, undefined, { place })));
    for (const rival of rivals) rival.flood({ rivals: rivals.filter((other) => other !== rival) });
    const handled = (): number[] => places.map((place) => system.counters().threads[place]!.handled);
    return { system, rivals, handled };
  };

  it.each([2, 3])('all make progress, for as long as they run: %i', async (threads) => {
    const { system, rivals, handled } = await flood(threads);
    for (let look = 0; look < LOOKS; look++) await untilAllMove(handled);
    const sent = (await system.callAll(rivals, 'cease', {}, PATIENCE)).map(settledValue);
    await quiet(system);
    const received = (await system.callAll(rivals, 'received', {}, PATIENCE)).map(settledValue);
    const report = await finish(system);
    expect(received.map(({ inversions }) => inversions)).toEqual(rivals.map(() => 0));
    expect(sum(received.map(({ count }) => count)) + report.dead).toBe(sum(sent));
  });

  it('answer calls, begin and end actors meanwhile', async () => {
    const { system, rivals, handled } = await flood(2);
    await untilAllMove(handled);
    const agents = await Promise.all([1, 2].map((place) => system.spawn(Agent, undefined, { place, ...PATIENCE })));
    for (let round = 0; round < effort(4, 1000); round++) {
      // Each ends an actor of the other thread: the command and its answer take the ways that are flooded.
      for (const [index, agent] of agents.entries()) {
        const echo = await system.spawn(Echo, undefined, { place: agents.length - index, ...PATIENCE });
        expect(await agent.stop({ who: echo }, PATIENCE)).toBe('an agent said so');
      }
      for (const place of [1, 2]) {
        const [stopped, killed, drained, failed] = (await Promise.all(
          [1, 2, 3, 4].map(() => system.spawn(Echo, undefined, { place, ...PATIENCE })),
        )) as [EchoRef, EchoRef, EchoRef, EchoRef];
        const ends = [stopped, killed, drained, failed].map((echo) => system.stopped(echo));
        const held = [stopped, killed].map((echo) =>
          expect(echo.held({}, PATIENCE)).rejects.toMatchObject({ code: ACTOR_STOPPED }),
        );
        expect(await drained.text({ value: 'x' }, PATIENCE)).toBe('x');
        expect(await system.stop(stopped)).toMatchObject({ reason: 'stopped' });
        expect(await system.kill(killed)).toMatchObject({ reason: 'killed' });
        expect(await system.drain(drained)).toMatchObject({ reason: 'drained' });
        failed.throwCast();
        expect((await Promise.all(ends)).map(({ reason }) => reason)).toEqual([
          'stopped',
          'killed',
          'drained',
          'failed',
        ]);
        await Promise.all(held);
      }
      await untilAllMove(handled);
    }
    // Those who flood, and are flooded, end as well.
    const [first, second] = rivals as [RivalRef, RivalRef];
    expect(await system.kill(first)).toMatchObject({ reason: 'killed' });
    await second.cease({}, PATIENCE);
    expect(await system.stop(second)).toMatchObject({ reason: 'stopped' });
    await finish(system);
  });

  it.each([1, 2, 3])('leave exact books when the system ends in the middle of it (round %i)', async () => {
    const { system } = await flood(2);
    await until(() => system.counters().threads.filter(({ outboxBytes }) => outboxBytes > 0).length === 2);
    const { quiet: handledAll, undelivered } = await finish(system, 0);
    expect(handledAll).toBe(false);
    expect(undelivered).toBeGreaterThan(0);
  });
});

describe('a plain loop that awaits room', { timeout: PATIENCE_MS }, () => {
  const MESSAGES = effort(10_000_000, 1_000_000_000);
  const STRIDE = 1000;
  const options = { threads: 2, ringBytes: 256 * KIB, outboxBytes: 64 * KIB, mailboxLimit: 10_000, strict: false };
  const allowedBytes = options.mailboxLimit * WAITING_BYTES + options.ringBytes + options.outboxBytes;

  /** Looks at the memory, and what waits because a ring is full, until `promise` settles. */
  const watch = async (system: System, memory: PeakMemory, promise: Promise<unknown>): Promise<void> => {
    let over = false;
    const settled = promise.finally(() => {
      over = true;
    });
    await until(() => {
      look(system, memory);
      return over;
    });
    await settled;
  };

  const look = (system: System, memory: PeakMemory): void => {
    memory.look();
    for (const { outboxBytes } of system.counters().threads) {
      if (outboxBytes > options.outboxBytes) throw new Error(`an outbox holds ${outboxBytes} bytes`);
    }
  };

  const end = async (system: System, memory: PeakMemory, counter: CounterRef): Promise<void> => {
    await quiet(system);
    expect(await counter.count()).toEqual({ count: MESSAGES, gaps: 0 });
    expect(memory.grownBytes).toBeLessThan(allowedBytes + memory.slackBytes);
    expect(await finish(system)).toMatchObject({ dead: 0, lost: 0 });
  };

  it('sends any number from the host to a worker', async () => {
    const system = await start(options);
    const counter = await system.spawn(Counter, undefined, { place: 1 });
    const memory = new PeakMemory();
    for (let number = 0; number < MESSAGES; number++) {
      if (number % STRIDE === 0) await system.room(counter);
      if (number % (STRIDE * STRIDE) === 0) look(system, memory);
      counter.note({ from: 0, number });
    }
    await end(system, memory, counter);
  });

  it('sends any number from one worker to another', async () => {
    const system = await start(options);
    const counter = await system.spawn(Counter, undefined, { place: 2 });
    const loop = await system.spawn(Loop, undefined, { place: 1 });
    const memory = new PeakMemory();
    await watch(system, memory, loop.send({ to: counter, from: 1, count: MESSAGES }, PATIENCE));
    await end(system, memory, counter);
  });
});

/** Sends beyond a limit, to see that they are refused. */
const MORE = 100;

describe('bombs', { timeout: PATIENCE_MS }, () => {
  it('of calls are refused at the limit; all of them settle, and the table is good again', async () => {
    const system = await start({ threads: 1, mailboxLimit: 16 * CALLS_MAX, strict: false });
    const stuck = await system.spawn(Stuck, undefined, { place: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    stuck.hang();
    const lastWish = new AbortController();
    const codes = new Map<unknown, number>();
    const calls: Promise<unknown>[] = [];
    const ask = (): void => {
      const noted = stuck
        .ask({}, { ...PATIENCE, ...(calls.length === 0 ? { signal: lastWish.signal } : {}) })
        .catch(({ code }: { code: unknown }) => {
          codes.set(code, (codes.get(code) ?? 0) + 1);
        });
      calls.push(noted);
    };
    while (calls.length < CALLS_MAX) {
      if (calls.length % 1024 === 0) await system.room(stuck);
      ask();
    }
    for (let more = 0; more < MORE; more++) ask();
    // One table holds the calls to all actors.
    await expect(echo.text({ value: 'x' })).rejects.toBeInstanceOf(LimitReached);
    expect([...codes]).toEqual([['HEDDLE_LIMIT_REACHED', MORE]]);

    // Whoever gives one up can make another. (A kill overtakes what is under way; that would find no actor.)
    await until(() => system.counters().threads[1]!.received === 1 + CALLS_MAX);
    lastWish.abort();
    expect(await system.kill(stuck)).toMatchObject({ reason: 'killed' });
    await Promise.all(calls);
    expect(codes.get('HEDDLE_ACTOR_STOPPED')).toBe(CALLS_MAX - 1);
    expect(await echo.text({ value: 'x' })).toBe('x');
    expect(await finish(system)).toMatchObject({ lost: 1, deadByReason: { 'actor-stopped': CALLS_MAX } });
  });

  /** An actor that is never born: its module never ends on workers. */
  const unborn = { place: 1 } as const;

  it('of messages for an actor that is never born are dead letters beyond the limit', async () => {
    const system = await start({ threads: 1, importTimeoutMs: PATIENCE_MS, strict: false });
    const waits = system.spawnNow(Waits, undefined, unborn);
    const memory = new PeakMemory();
    const letters = (): number => system.counters().deadByReason['held-full'];
    let sent = 0;
    while (letters() < MORE) {
      if (sent % 1024 === 0) {
        await system.room(waits);
        memory.look();
      }
      waits.note();
      sent++;
    }
    const { heldBytes } = system.counters().threads[1]!;
    expect(heldBytes).toBeGreaterThan(0.9 * HELD_BYTES_MAX);
    expect(heldBytes).toBeLessThanOrEqual(HELD_BYTES_MAX);
    expect(memory.grownBytes).toBeLessThan(HELD_BYTES_MAX + memory.slackBytes);
    // A call is told so.
    await expect(waits.ask({}, PATIENCE)).rejects.toMatchObject({ code: MAILBOX_FULL });
    const { deadByReason } = await finish(system, 0);
    expect(deadByReason['held-full'] + deadByReason.shutdown).toBe(sent + 1);
  });

  it('of actors that are never born are refused beyond the limit', async () => {
    const system = await start({ threads: 1, importTimeoutMs: PATIENCE_MS, strict: false });
    const waits = system.spawnNow(Waits, undefined, unborn);
    const args = 'x'.repeat(3 * KIB) as never;
    const waiting = 4 * (HELD_BYTES_MAX / (3 * KIB));
    const memory = new PeakMemory();
    let refused = 0;
    for (let spawned = 0; spawned < waiting; spawned++) {
      system.spawn(Waits, args, { ...unborn, ...PATIENCE }).catch((error: { readonly code: unknown }) => {
        if (error.code === MAILBOX_FULL) refused++;
      });
      if (spawned % 16 === 0) await system.room(waits);
      memory.look();
    }
    await until(() => refused > waiting / 2);
    const { heldBytes } = system.counters().threads[1]!;
    expect(heldBytes).toBeGreaterThan(0.9 * HELD_BYTES_MAX);
    expect(heldBytes).toBeLessThanOrEqual(HELD_BYTES_MAX);
    expect(memory.grownBytes).toBeLessThan(HELD_BYTES_MAX + memory.slackBytes);
    await finish(system, 0);
  });
});
