/** When stages run that no item makes run, and how they stop. */
import { pipeline, type SlowHandler, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Bell, Blocking, Held, Only, OverBudget, Ticks, tickField } from '../actors/rule-stages.js';
import { Numbers, Square } from '../actors/stages.js';
import { expectBalance, readAll, upTo } from '../support/pipelines.js';
import { lease } from '../support/systems.js';
import { until } from '../support/until.js';

describe('a periodic stage', () => {
  it.each([
    [200, 2_000],
    [1_000, 500],
    [20_000, 20],
  ])('runs every %i us: never early, and what it misses is counted', async (everyMicros, to) => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('periodic');
    const ticks = flow.stage(
      Ticks,
      { to, blockAt: to >> 2, blockMs: (5.5 * everyMicros) / 1_000 },
      { rule: { everyMicros } },
    );
    const before = performance.timeOrigin + performance.now();
    const job = await flow.run(system, { output: ticks.out });
    const got = await readAll(job.output);
    const passedMs = performance.timeOrigin + performance.now() - before;
    const { stages } = await job.done;
    const periodMs = everyMicros / 1_000;
    let seen = 0;
    for (const { cause, count, missed, sinceMs } of got) {
      seen += count;
      expect([cause, count]).toEqual(['periodic', missed + 1]);
      expect(sinceMs).toBeGreaterThanOrEqual(seen * periodMs);
    }
    const { ticks: runs, ticksMissed } = stages['Ticks']!;
    expect(runs).toBe(got.length);
    expect(runs + ticksMissed).toBe(seen);
    expect(seen * periodMs).toBeLessThanOrEqual(passedMs);
    expect(ticksMissed).toBeGreaterThanOrEqual(4);
  });

  it('lets items wait for its ticks', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('held');
    const held = flow.stage(Numbers, 5_000).to(flow.stage(Held, undefined, { rule: { everyMicros: 500 } }));
    const job = await flow.run(system, { output: held.out });
    const got = await readAll(job.output);
    expect(got.filter(({ kind }) => kind === 'item').map(({ n }) => n)).toEqual(upTo(5_000));
    expect(got[0]!.kind).toBe('tick');
    expectBalance((await job.done).stages);
  });
});

describe('a stage that is notified', () => {
  it('gives items when it is, not before', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('event');
    const held = flow
      .stage(Numbers, 10_000)
      .to(flow.stage(Held, undefined, { name: 'held', rule: 'event' }), { capacity: 100 });
    const job = await flow.run(system, { output: held.out });
    const items = readAll(job.output);
    await until(() => job.counters().stages['held']!.waiting === 100);
    expect(job.counters().stages['held']!.taken).toBe(0);
    job.notify('held');
    await until(() => job.counters().stages['held']!.taken === 100);
    await until(() => job.counters().stages['held']!.waiting === 100);
    expect(job.counters().stages['held']!.taken).toBe(100);
    await job.stop();
    const got = await items;
    expect(got.slice(0, 101)).toEqual([{ kind: 'tick', n: 1 }, ...upTo(100).map((n) => ({ kind: 'item', n }))]);
    expectBalance(job.counters().stages);
  });

  it('misses none of many, from the host and from two other threads, and the last is seen', async () => {
    const system = await lease({ threads: 3 });
    const flow = pipeline('event');
    const times = 20_000;
    const ticks = flow.stage(Ticks, { to: 3 * times }, { name: 'bell', rule: 'event', place: 1 });
    const job = await flow.run(system, { output: ticks.out });
    const items = readAll(job.output);
    const bells = await Promise.all([2, 3].map((place) => system.spawn(Bell, undefined, { place })));
    for (const bell of bells) bell.ring({ who: job.notifier('bell'), times });
    for (let n = 0; n < times; n++) job.notify('bell');
    const got = await items;
    expect(got.reduce((sum, { count }) => sum + count, 0)).toBe(3 * times);
    const { stages } = await job.done;
    expect(stages['bell']).toMatchObject({ notified: 3 * times, ticks: got.length });
  });

  it('is told once of notifications that came while it had no room', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('event');
    let isOpen = (): void => undefined;
    const open = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    const counts: number[] = [];
    const ticks = flow.stage(Ticks, { to: 12 }, { name: 'bell', rule: 'event' });
    ticks.to(
      flow.into(async ({ count }: { count: number }) => {
        counts.push(count);
        await open;
      }, tickField),
      { capacity: 1 },
    );
    const job = await flow.run(system);
    job.notify('bell');
    await until(() => counts.length === 1);
    job.notify('bell');
    await until(() => job.counters().stages['bell']!.ticks === 2);
    for (let n = 0; n < 10; n++) job.notify('bell');
    await until(() => job.counters().stages['bell']!.notified === 12);
    isOpen();
    await job.done;
    expect(counts).toEqual([1, 1, 10]);
  });

  it('has one instance, and a name that is known', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('event');
    expect(() => flow.stage(Held, undefined, { rule: 'event', parallel: 2 })).toThrow(
      /one that is notified has one instance/,
    );
    flow.stage(Ticks, { to: 1 }, { rule: 'event' }).out.discard();
    const job = await flow.run(system);
    expect(() => job.notify('nobody')).toThrow(/there is no stage "nobody"/);
    await job.stop({ mode: 'now' });
  });
});

describe('a stage that runs in a loop', () => {
  it('does so between its items', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('loop');
    const held = flow.stage(Numbers, 1_000).to(flow.stage(Held, undefined, { rule: 'loop' }));
    const job = await flow.run(system, { output: held.out });
    const got = await readAll(job.output);
    expect(got.filter(({ kind }) => kind === 'item').map(({ n }) => n)).toEqual(upTo(1_000));
    expect(got.some(({ kind }) => kind === 'tick')).toBe(true);
    await job.done;
  });
});

describe('a stage that stops itself', () => {
  it.each([0, 2])(
    'ends those behind it and before it, and nothing is left uncounted, on %i threads',
    async (threads) => {
      const system = await lease({ threads });
      const flow = pipeline('only');
      const only = flow.stage(Numbers, 1_000_000_000).to(flow.stage(Only, 1_000));
      const squares = only.to(flow.stage(Square));
      const job = await flow.run(system, { output: squares.out });
      expect(await readAll(job.output)).toEqual(upTo(1_000).map((n) => n * n));
      const { outcome, stages } = await job.done;
      expect(outcome).toBe('done');
      expect(stages['Only']).toMatchObject({ taken: 1_000, emitted: 1_000, waiting: 0 });
      expectBalance(stages);
      expect(job.counters().underWay).toBe(0);
    },
  );

  it.each([true, false])('ends all instances of it (ordered: %s)', async (ordered) => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('only');
    const only = flow.stage(Numbers, 1_000_000_000).to(flow.stage(Only, 500, { parallel: 3, ordered }));
    const job = await flow.run(system, { output: only.out });
    const got = await readAll(job.output);
    expect(got.length).toBeGreaterThanOrEqual(500);
    if (ordered) expect(got).toEqual([...got].sort((a, b) => a - b));
    const { stages } = await job.done;
    expect(stages['Only']!.taken).toBe(got.length);
    expectBalance(stages);
  });
});

describe('a stage that blocks its thread', () => {
  it('is named by the watchdog', async () => {
    const system = await lease({ threads: 1 });
    const slow = (async () => {
      for await (const problem of system.problems)
        if (problem.kind === 'slow-handler') return problem.error as SlowHandler;
      return undefined;
    })();
    const flow = pipeline('slow');
    flow.from([1], u32).to(flow.stage(Blocking, 2_500, { name: 'the slow one' }));
    const job = await flow.run(system);
    const error = await slow;
    expect(error).toMatchObject({ code: 'HEDDLE_SLOW_HANDLER', thread: 1, culprit: { actor: 'Blocking' } });
    await job.done;
  });

  it('for longer than its budget ends the job, which names it', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('budget');
    flow.from([1], u32).to(flow.stage(OverBudget));
    const job = await flow.run(system);
    await expect(job.done).rejects.toMatchObject({
      code: 'HEDDLE_STAGE_FAILED',
      stage: 'OverBudget',
      cause: { code: 'HEDDLE_THREAD_LOST', culprit: { actor: 'OverBudget' } },
    });
  });
});
