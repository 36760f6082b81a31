/** What becomes of code that does not return, on threads. */
import type { Culprit, Problem, System, ThreadLost } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Agent } from '../actors/agent.js';
import { Restless, Ticker } from '../actors/busy.js';
import { Ledger } from '../actors/ledger.js';
import { Bounded, Looper, Wordy } from '../actors/looper.js';
import { Mortal } from '../actors/mortal.js';
import { Program } from '../support/programs.js';
import { finish, quiet, start } from '../support/systems.js';
import { until } from '../support/until.js';

const LOOP: Culprit = { slot: expect.any(Number), actor: 'Bounded', message: 'loop', messageNumber: 1 };

/** What is told from now on. */
const listen = (system: System): Problem[] => {
  const problems: Problem[] = [];
  void (async () => {
    for await (const problem of system.problems) problems.push(problem);
  })();
  return problems;
};

const lossOf = async (ended: Promise<{ readonly error?: Error | undefined }>): Promise<ThreadLost> =>
  (await ended).error as ThreadLost;

/** Blocks the host until `holds`. */
const blockUntil = (holds: () => boolean): void => {
  while (!holds()) Math.random();
};

describe('a handler over its budget', () => {
  it('ends its thread, which is replaced; everybody is told which it was, and others go on', async () => {
    const system = await start({ threads: 2 });
    const problems = listen(system);
    const [looper, waiting] = await Promise.all([1, 1].map((place) => system.spawn(Bounded, undefined, { place })));
    const agent = await system.spawn(Agent, undefined, { place: 2 });
    const ledger = await system.spawn(Ledger, undefined, { place: 0 });
    const ended = lossOf(system.stopped(looper!));
    looper!.loop();
    looper!.note();
    waiting!.note();
    await agent.notes({ to: ledger, from: 2, count: 50_000 });
    const lost = await ended;
    expect(lost).toMatchObject({ code: 'HEDDLE_THREAD_LOST', reason: 'unresponsive', epoch: 0, culprit: LOOP });
    expect(lost.message).toMatch(/Bounded\.loop has not returned for \d+ ms/);
    expect(await ledger.summary()).toEqual({ count: 50_000, ordered: 1 });
    const again = await system.spawn(Bounded, undefined, { place: 1 });
    expect(await again.work({ ms: 1 })).toBe(1);
    await until(() => problems.length > 0);
    expect(problems).toMatchObject([{ kind: 'thread-ended', error: { reason: 'unresponsive', culprit: LOOP } }]);
    await quiet(system);
    const { threads, deadByReason } = system.counters();
    expect(threads.map(({ epoch }) => epoch)).toEqual([0, 1, 0]);
    expect(threads[1]).toMatchObject({ slowHandlers: 1, lost: 1 });
    // Wherever they were found: in the ring, or in a mailbox.
    expect(deadByReason['thread-lost']).toBe(2);
    await finish(system);
  });

  it('ends it also while the host is blocked, and in a call, to which its caller is told', async () => {
    const system = await start({ threads: 1 });
    const looper = await system.spawn(Bounded);
    const outcome = looper.loopCall().catch((error: unknown) => error);
    await until(() => system.counters().threads[1]!.underway === 1);
    blockUntil(() => {
      const { epoch, state } = system.counters().threads[1]!;
      return epoch === 1 && state === 'running';
    });
    expect(await outcome).toMatchObject({
      reason: 'unresponsive',
      culprit: { actor: 'Bounded', message: 'loopCall', messageNumber: 2 },
    });
    expect(await finish(system)).toMatchObject({ lost: 1, dead: 0 });
  });

  it('may be its init, which is no request', async () => {
    const system = await start({ threads: 1 });
    const error = (await system.spawn(Bounded, 'loops').catch((lost: unknown) => lost)) as ThreadLost;
    expect(error).toMatchObject({ reason: 'unresponsive', culprit: { actor: 'Bounded', message: 'init' } });
    expect(error.culprit!.messageNumber).toBeUndefined();
    expect(await finish(system)).toMatchObject({ accepted: 0, lost: 0, dead: 0 });
  });

  it('in code that cannot be interrupted makes its thread stuck, until that ends', async () => {
    const system = await start({ threads: 1 });
    const problems = listen(system);
    const looper = await system.spawn(Bounded);
    looper.compute({ rounds: 5_000_000 });
    const compute = { actor: 'Bounded', message: 'compute' };
    expect(await lossOf(system.stopped(looper))).toMatchObject({ reason: 'stuck', epoch: 0, culprit: compute });
    expect(system.counters().threads[1]!.state).toBe('stuck');
    await until(() => system.counters().threads[1]!.state === 'running');
    await until(() => problems.filter(({ kind }) => kind === 'thread-ended').length === 2);
    expect(problems.at(-1)).toMatchObject({ error: { reason: 'unresponsive', epoch: 0, culprit: compute } });
    expect(await finish(system)).toMatchObject({ lost: 1, dead: 0 });
  });

  it('is only named on the host', async () => {
    const system = await start({ threads: 1, watchdog: { endAfterMs: 1_000 } });
    const problems = listen(system);
    const looper = await system.spawn(Bounded, undefined, { place: 0 });
    expect(await looper.work({ ms: 1_500 })).toBe(1_500);
    await until(() => problems.length > 0);
    expect(problems).toMatchObject([
      {
        kind: 'slow-handler',
        thread: 0,
        error: { code: 'HEDDLE_SLOW_HANDLER', thread: 0, culprit: { message: 'work' } },
      },
    ]);
    expect(system.counters().threads[0]!.slowHandlers).toBe(1);
    await finish(system);
  });

  it('is of no consequence without a watchdog', async () => {
    const system = await start({ threads: 1, watchdog: false });
    const problems = listen(system);
    const looper = await system.spawn(Bounded);
    expect(await looper.work({ ms: 1_500 })).toBe(1_500);
    expect(problems).toEqual([]);
    expect(system.counters().threads[1]).toMatchObject({ slowHandlers: 0, epoch: 0 });
    await finish(system);
  });
});

describe('a handler without a budget', () => {
  it('is counted, and named once', async () => {
    const system = await start({ threads: 1 });
    const problems = listen(system);
    const looper = await system.spawn(Looper);
    expect(await looper.work({ ms: 2_500 })).toBe(2_500);
    await until(() => problems.length > 0);
    expect(problems).toMatchObject([
      { kind: 'slow-handler', thread: 1, error: { culprit: { actor: 'Looper', message: 'work', messageNumber: 6 } } },
    ]);
    expect(system.counters().threads[1]).toMatchObject({ slowHandlers: 1, epoch: 0 });
    expect(await finish(system)).toMatchObject({ handled: 1 });
  });

  it('ends its thread where the system says so', async () => {
    const system = await start({ threads: 1, watchdog: { endAfterMs: 200 } });
    const looper = await system.spawn(Looper);
    looper.loop();
    expect(await lossOf(system.stopped(looper))).toMatchObject({
      reason: 'unresponsive',
      culprit: { message: 'loop' },
    });
    expect(await finish(system)).toMatchObject({ lost: 1 });
  });
});

describe('code between handlers that does not return', () => {
  it.each(['microtasks', 'timer'] as const)('(%s) ends its thread where the system says so', async (how) => {
    const system = await start({ threads: 1, watchdog: { endAfterMs: 200 } });
    const looper = await system.spawn(Looper);
    looper[how]();
    const lost = await lossOf(system.stopped(looper));
    expect(lost).toMatchObject({ reason: 'unresponsive', culprit: undefined });
    expect(lost.message).toContain('code between handlers has not returned');
    expect(await finish(system)).toMatchObject({ handled: 1, lost: 0 });
  });

  it('is named, and its thread left alone, where it does not', async () => {
    const system = await start({ threads: 1 });
    const problems = listen(system);
    const looper = await system.spawn(Looper);
    looper.microtasks();
    await until(() => problems.length > 0);
    expect(problems).toMatchObject([{ kind: 'slow-handler', thread: 1, error: { code: 'HEDDLE_SLOW_HANDLER' } }]);
    expect((problems[0]!.error as { culprit?: Culprit }).culprit).toBeUndefined();
    await system.terminate(1);
    await finish(system);
  });
});

describe('a system that is busy and behaves', () => {
  it('is left alone, and so are threads with nothing to do', async () => {
    const system = await start({ threads: 3, watchdog: { endAfterMs: 1_000 } });
    const problems = listen(system);
    const restless = await Promise.all([1, 2].map((place) => system.spawn(Restless, undefined, { place })));
    for (const actor of restless) actor.again();
    const ticker = await system.spawn(Ticker, undefined, { place: 1 });
    const agent = await system.spawn(Agent, undefined, { place: 2 });
    const ledger = await system.spawn(Ledger, undefined, { place: 1 });
    // One tick takes a millisecond or more.
    while ((await ticker.ticks()) < 3_000) await agent.notes({ to: ledger, from: 2, count: 1_000 });
    for (const actor of restless) expect(await actor.rest()).toBeGreaterThan(0);
    await ticker.stop();
    expect(problems).toEqual([]);
    expect(system.counters().threads.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0]);
    await finish(system);
  });
});

describe('a process', () => {
  // Windows has no signals.
  it.skipIf(process.platform === 'win32')(
    'that was stopped for longer than a handler may take loses nothing',
    async () => {
      const program = new Program('working');
      await program.printed('working');
      program.pause();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      program.resume();
      expect(await program.ended()).toEqual(['working', 'worked']);
    },
  );

  it('ends a thread in a handler that takes too long, and does not wait until that is named', async () => {
    expect(await Program.with([], 'looping').ended()).toEqual(['thread-ended']);
  });

  it.each([
    ['from the start', ['--inspect=0'], ''],
    ['switched on by a signal', ['--inspect-port=0'], 'signal'],
  ])('with an inspector %s ends no thread, but names what does not return', async (_when, flags, how) => {
    expect(await Program.with(flags, 'looping', how).ended()).toEqual(['slow-handler']);
  });
});

describe('a thread that dies', () => {
  it('is told of with its life, and with the handler that was on its stack', async () => {
    const system = await start({ threads: 1 });
    for (const epoch of [0, 1]) {
      const mortal = await system.spawn(Mortal, undefined, { place: 1 });
      mortal.die({ way: 'process.exit in a handler' });
      expect(await lossOf(system.stopped(mortal))).toMatchObject({
        reason: 'exit',
        epoch,
        culprit: { actor: 'Mortal', message: 'die', messageNumber: 0 },
      });
    }
    expect(await finish(system)).toMatchObject({ accepted: 2, lost: 2, dead: 0 });
  });

  it('of something else has no culprit', async () => {
    const system = await start({ threads: 1 });
    const mortal = await system.spawn(Mortal);
    mortal.die({ way: 'an exception in a timer' });
    const lost = await lossOf(system.stopped(mortal));
    expect(lost).toMatchObject({ reason: 'error', epoch: 0 });
    expect(lost.culprit).toBeUndefined();
    expect(await finish(system)).toMatchObject({ handled: 1, lost: 0, dead: 0 });
  });

  it('is told of even if the names are as long as can be', async () => {
    const system = await start({ threads: 1 });
    const wordy = await system.spawn(Wordy);
    wordy.exit();
    const { culprit } = await lossOf(system.stopped(wordy));
    expect(culprit).toMatchObject({ message: 'exit' });
    expect(culprit!.actor).toMatch(/^長{10,}$/);
    await finish(system);
  });
});
