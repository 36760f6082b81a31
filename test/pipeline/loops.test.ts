/** Graphs with declared loops: they end by themselves when nothing moves any more. */
import { pipeline, record, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Attempts, Collatz, Endless, OneAndDone, Slowly, Starts } from '../actors/flow-stages.js';
import { Numbers } from '../actors/stages.js';
import { lease } from '../support/systems.js';
import { until } from '../support/until.js';

const DONE = record({ start: u32, steps: u32 });

/** The length of Collatz's sequence. */
const stepsOf = (start: number): number => {
  let steps = 0;
  for (let now = start; now > 1; steps++) now = now % 2 === 0 ? now / 2 : 3 * now + 1;
  return steps;
};

describe.each([0, 2])('loops on %i threads', (threads) => {
  it.each([1, 3])('what goes round in %i instances comes out, and that ends the job', async (parallel) => {
    const system = await lease({ threads });
    const flow = pipeline('collatz');
    const collatz = flow
      .stage(Numbers, 1_000)
      .to(flow.stage(Starts))
      .to(flow.stage(Collatz, undefined, { parallel }));
    collatz.out.again.to(collatz, { loop: true });
    const got = new Map<number, number>();
    collatz.out.done.to(flow.into(({ start: n, steps }: { start: number; steps: number }) => got.set(n, steps), DONE));
    const job = await flow.run(system);
    expect(job.graph()).toContain('-.->|"again to "|');
    const { outcome, stages } = await job.done;
    expect(outcome).toBe('done');
    expect(got).toEqual(new Map(Array.from({ length: 1_000 }, (_, n) => [n, stepsOf(n)])));
    expect(stages['Collatz']).toMatchObject({ waiting: 0, pending: 0, instances: parallel });
  });

  it('a queue of what is to be tried again ends when its stage has had enough', async () => {
    const system = await lease({ threads });
    const flow = pipeline('queue');
    const attempts = flow.stage(Attempts, 100);
    flow.stage(Endless).to(attempts.in.fresh, { capacity: 8 });
    attempts.out.later.to(attempts.in.again, { loop: true });
    const got: number[] = [];
    attempts.out.done.to(flow.into((n: number) => got.push(n), u32));
    const job = await flow.run(system);
    const { outcome } = await job.done;
    expect(outcome).toBe('done');
    expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(job.counters().underWay).toBe(0);
  });

  it('a stage that ends itself with items before it lets the others come to rest', async () => {
    const system = await lease({ threads });
    const flow = pipeline('rest');
    const attempts = flow.stage(Attempts, 1);
    flow.stage(Numbers, 10).to(attempts.in.fresh);
    attempts.out.later.to(attempts.in.again, { loop: true });
    const again = attempts.out.done.to(flow.stage(Starts)).to(flow.stage(Collatz));
    again.out.again.to(again, { loop: true });
    let count = 0;
    again.out.done.to(flow.into(() => void count++, DONE));
    await (await flow.run(system)).done;
    expect(count).toBe(1);
  });

  it('come to rest although a stage has ended as it was to let others run', async () => {
    const system = await lease({ threads });
    const flow = pipeline('late');
    const collatz = flow.stage(OneAndDone).to(flow.stage(Starts)).to(flow.stage(Collatz));
    collatz.out.again.to(collatz, { loop: true });
    const got: number[] = [];
    collatz.out.done.to(flow.into(({ steps }: { steps: number }) => got.push(steps), DONE));
    await (await flow.run(system)).done;
    expect(got).toEqual([stepsOf(27)]);
  });

  it('is drained when it is stopped', async () => {
    const system = await lease({ threads });
    const flow = pipeline('drained');
    // What goes round does not hold up whoever sends it.
    const collatz = flow.stage(Endless).to(flow.stage(Slowly)).to(flow.stage(Starts)).to(flow.stage(Collatz));
    collatz.out.again.to(collatz, { loop: true });
    const got = new Map<number, number>();
    collatz.out.done.to(flow.into(({ start: n, steps }: { start: number; steps: number }) => got.set(n, steps), DONE));
    const job = await flow.run(system);
    await until(() => got.size > 100);
    const { outcome, stages } = await job.stop();
    expect(outcome).toBe('stopped');
    const { emitted } = stages['Endless']!;
    expect(got).toEqual(new Map(Array.from({ length: emitted }, (_, n) => [n, stepsOf(n)])));
  });
});
