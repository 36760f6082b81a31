/** How jobs end: by themselves, when they are told to, and with their system; and that nothing of them is left. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Job, pipeline, type System, u32 } from 'heddle';
import { describe, expect, it, vi } from 'vitest';
import { Endless, Fails, Hangs, Pass, Slowly } from '../actors/flow-stages.js';
import { Deal, Numbers } from '../actors/stages.js';
import { finish, lease } from '../support/systems.js';
import { until } from '../support/until.js';

const actorsOf = (system: System): number => system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);

/** Numbers without end, which are collected. */
const endless = async (system: System) => {
  const flow = pipeline('endless');
  const got: number[] = [];
  flow
    .stage(Endless)
    .to(flow.stage(Pass, undefined, { parallel: 2, ordered: true }))
    .to(flow.into((n: number) => got.push(n), u32));
  const job = await flow.run(system);
  await until(() => got.length > 1_000);
  return { job, got };
};

/** One whose items are never done. */
const hanging = async (system: System) => {
  const flow = pipeline('hanging');
  flow.stage(Endless).to(flow.stage(Hangs)).out.discard();
  const job = await flow.run(system);
  await until(() => job.counters().stages['Hangs']!.waiting > 0);
  return job;
};

describe.each([0, 2])('a job on %i threads', (threads) => {
  it('that is drained does all that was emitted', async () => {
    const system = await lease({ threads });
    const { job, got } = await endless(system);
    const report = await job.stop();
    expect(report.outcome).toBe('stopped');
    expect(got).toEqual(Array.from({ length: report.stages['Endless']!.emitted }, (_, n) => n));
    expect(actorsOf(system)).toBe(0);
  });

  it('that is stopped at once does no more', async () => {
    const system = await lease({ threads });
    const { job, got } = await endless(system);
    const report = await job.stop({ mode: 'now' });
    const { length } = got;
    expect(report.outcome).toBe('stopped');
    expect(actorsOf(system)).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(got.length).toBe(length);
    expect(got).toEqual(Array.from({ length }, (_, n) => n));
  });

  it('that cannot be drained is stopped at its deadline, or by whoever has no patience', async () => {
    const system = await lease({ threads });
    const one = await hanging(system);
    expect((await one.stop({ deadlineMs: 20 })).outcome).toBe('stopped');
    const other = await hanging(system);
    const drained = other.stop();
    expect((await other.stop({ mode: 'now' })).outcome).toBe('stopped');
    expect((await drained).outcome).toBe('stopped');
    expect(actorsOf(system)).toBe(0);
  });

  it('tells everybody who stops it the same', async () => {
    const system = await lease({ threads });
    const { job } = await endless(system);
    const reports = await Promise.all([
      ...Array.from({ length: 20 }, () => job.stop()),
      job.stop({ deadlineMs: 60_000 }),
      job.done,
    ]);
    expect(new Set(reports).size).toBe(1);
    expect(await job.stop({ mode: 'now' })).toBe(reports[0]);
  });

  it('ends with the block that it was made for', async () => {
    const system = await lease({ threads });
    {
      await using job = await hanging(system);
      expect(actorsOf(system)).toBeGreaterThan(0);
      expect(job.graph()).toContain('Hangs');
    }
    expect(actorsOf(system)).toBe(0);
  });

  it('that has failed says so to all, and leaves nothing', async () => {
    const system = await lease({ threads });
    const flow = pipeline('failing');
    flow
      .stage(Endless)
      .to(flow.stage(Pass))
      .to(flow.stage(Fails, { at: 1_000 }))
      .out.discard();
    const job = await flow.run(system);
    const failure = { code: 'HEDDLE_STAGE_FAILED', stage: 'Fails', port: 'in', id: 1_000 };
    await expect(job.done).rejects.toMatchObject(failure);
    await expect(job.stop()).rejects.toMatchObject(failure);
    await expect(job.stop({ mode: 'now' })).rejects.toMatchObject(failure);
    await job[Symbol.asyncDispose]();
    expect(actorsOf(system)).toBe(0);
  });

  it('goes on when a stage with several outputs has lost one of its readers, and ends with the last', async () => {
    const system = await lease({ threads });
    const flow = pipeline('readers');
    const deal = flow.stage(Endless).to(flow.stage(Deal, undefined, { outputs: 2 }));
    const last = flow.stage(Fails, { at: -1 }, { name: 'last' });
    deal.out[0]!.to(last);
    let isLeft = false;
    deal.out[1]!.to(flow.into(() => undefined, u32));
    const job = await flow.run(system, { output: last.out });
    for await (const n of job.output) {
      if (n < 1_000) continue;
      isLeft = true;
      break;
    }
    expect(isLeft).toBe(true);
    expect((await job.done).outcome).toBe('stopped');
    expect(actorsOf(system)).toBe(0);
  });

  it('ends with its system', async () => {
    const system = await lease({ threads });
    const { job } = await endless(system);
    await finish(system, 100);
    await expect(job.done).rejects.toMatchObject({ code: 'HEDDLE_SYSTEM_STOPPED' });
    await expect(job.update()).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
  });
});

it('options of stop that are none are refused, and stop nothing', async () => {
  const system = await lease({ threads: 0 });
  const { job, got } = await endless(system);
  const wrong = [
    { mode: 'soon' },
    { deadline: 5 },
    { deadlineMs: -1 },
    { deadlineMs: Number.NaN },
    { deadlineMs: 2 ** 31 },
  ];
  for (const options of [...wrong, null]) {
    await expect(job.stop(options as never)).rejects.toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS' });
  }
  const { length } = got;
  await until(() => got.length > length + 1_000);
  expect((await job.stop()).outcome).toBe('stopped');
});

it('a system has one board for 200 jobs, one after another, and nothing of them stays', async () => {
  const gc = ((): (() => void) => {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  })();
  const system = await lease({ threads: 2 });
  const share = vi.spyOn(system, 'share');
  const items: WeakRef<object>[] = [];
  const jobs: Job[] = [];
  const runOne = async (round: number): Promise<void> => {
    const flow = pipeline(`job ${round}`);
    const given = [1, 2, 3];
    items.push(new WeakRef(given));
    let sum = 0;
    const add = (n: number): void => {
      sum += n;
    };
    const pass = flow.from(given, u32).to(flow.stage(Pass, undefined, { parallel: 2 }));
    pass.to(flow.stage(Slowly)).to(flow.into(add, u32));
    const job = await flow.run(system);
    if (round % 10 === 0) jobs.push(job);
    await job.done;
    expect(sum).toBe(6);
    expect(actorsOf(system)).toBe(0);
  };
  for (let round = 0; round < 200; round++) await runOne(round);
  expect(share.mock.calls.length).toBeLessThanOrEqual(1);
  // The counters of a job that has ended stay what they were.
  for (const job of jobs) expect(job.counters().stages['Pass']).toMatchObject({ taken: 3, emitted: 3, instances: 2 });
  jobs.length = 0;
  // The last one may still be in a register of somebody.
  items.pop();
  await until(() => {
    gc();
    return items.every((item) => item.deref() === undefined);
  });
});

it('a flow can be run again, and by several at once', async () => {
  const system = await lease({ threads: 2 });
  const flow = pipeline('again');
  flow.stage(Numbers, 100).to(flow.stage(Pass)).out.discard();
  const jobs = await Promise.all([flow.run(system), flow.run(system)]);
  const reports = await Promise.all([...jobs.map(({ done }) => done), (await flow.run(system)).done]);
  for (const { stages } of reports) expect(stages['Pass']).toMatchObject({ taken: 100 });
});
