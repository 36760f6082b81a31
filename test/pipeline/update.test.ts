/** Stages and links that come and go while a job runs: every number arrives exactly once. */
import { type Job, pipeline, type System, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Endless, Fails, Pass, Slowly } from '../actors/flow-stages.js';
import { Deal, Numbers, Uneven } from '../actors/stages.js';
import { randomOfTest } from '../support/random.js';
import { lease } from '../support/systems.js';
import { until } from '../support/until.js';

const actorsOf = (system: System): number => system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);

/** Numbers that arrive, each of which may do so once. */
class Arrived {
  readonly seen = new Uint8Array(10_000_000);
  count = 0;
  readonly take = (n: number): void => {
    this.seen[n]!++;
    this.count++;
  };

  /** More than this have arrived since. */
  more(count: number): Promise<void> {
    const before = this.count;
    return until(() => this.count > before + count);
  }

  /** Checks that those from 0 to the last one were here once. */
  check(emitted: number): void {
    expect(this.count).toBe(emitted);
    const wrong = this.seen.subarray(0, emitted).findIndex((times) => times !== 1);
    expect(wrong).toBe(-1);
  }
}

const begin = (flow = pipeline('changing')) => {
  const arrived = new Arrived();
  const source = flow.stage(Endless);
  const sink = flow.into(arrived.take, u32);
  return { flow, source, sink, arrived };
};

const end = async (job: Job<unknown>, arrived: Arrived): Promise<void> => {
  const { stages } = await job.stop();
  arrived.check(stages['Endless']!.emitted);
  expect(job.counters().underWay).toBe(0);
};

describe.each([0, 2])('a job on %i threads, changed while it runs', (threads) => {
  it('gets a stage in the middle, another instead of it, and none again', async () => {
    const system = await lease({ threads });
    const { flow, source, sink, arrived } = begin();
    source.to(sink);
    const job = await flow.run(system);
    await arrived.more(5_000);
    const actors = actorsOf(system);

    flow.unlink(source, sink);
    const pass = flow.stage(Pass);
    source.to(pass).to(sink);
    await job.update();
    await arrived.more(5_000);
    await until(() => job.counters().stages['Pass']!.taken > 0);

    flow.remove(pass);
    const slowly = flow.stage(Slowly);
    source.to(slowly).to(sink);
    await job.update();
    await arrived.more(100);
    // What has arrived first may have been on its way before.
    await until(() => job.counters().stages['Slowly']!.taken > 0);

    flow.remove(slowly);
    source.to(sink);
    await job.update();
    await arrived.more(5_000);
    await until(() => actorsOf(system) === actors);
    await end(job, arrived);
  });

  it('gets a second source and a second sink, and loses them', async () => {
    const system = await lease({ threads });
    const { flow, source, sink, arrived } = begin();
    source.to(sink);
    const job = await flow.run(system);
    await arrived.more(1_000);

    const other = new Arrived();
    const deal = flow.stage(Deal, undefined, { outputs: 3 });
    const second = flow.into((n: number) => (n < 1_000_000 ? arrived.take(n) : other.take(n - 1_000_000)), u32);
    const numbers = flow.from(
      Array.from({ length: 5_000 }, (_, n) => 1_000_000 + n),
      u32,
    );
    flow.unlink(source, sink);
    source.to(deal);
    numbers.to(deal);
    deal.out[2]!.to(second);
    deal.out[0]!.to(second);
    deal.out[1]!.to(sink);
    // What it takes of the new numbers is to be counted apart.
    flow.remove(sink);
    deal.out[1]!.to(second);
    await job.update();
    await until(() => other.count === 5_000);
    other.check(5_000);
    await arrived.more(1_000);

    const third = flow.into(arrived.take, u32);
    flow.remove(numbers);
    flow.remove(deal);
    flow.remove(second);
    source.to(third);
    await job.update();
    await arrived.more(1_000);
    await end(job, arrived);
  });

  it('leads outputs of one port elsewhere, each to its own', async () => {
    const system = await lease({ threads });
    const flow = pipeline('outputs');
    const deal = flow.stage(Endless).to(flow.stage(Deal, undefined, { outputs: 2 }));
    const got: [number, number][][] = [[], []];
    let life = 0;
    const sinkOf = (output: number) => flow.into((n: number) => got[output]!.push([life, n]), u32);
    deal.out[0]!.to(sinkOf(0));
    deal.out[1]!.to(sinkOf(1));
    const job = await flow.run(system);
    await until(() => got.every(({ length }) => length > 100));
    for (const name of ['sink', 'sink-2']) flow.remove(flow.nodes.get(name)!);
    deal.out[1]!.to(sinkOf(1));
    deal.out[0]!.to(sinkOf(0));
    await job.update();
    life = 1;
    const enough = (all: [number, number][]): boolean => all.filter(([of]) => of === 1).length > 100;
    await until(() => got.every(enough));
    await job.stop();
    for (const [output, all] of got.entries()) expect(all.map(([, n]) => n)).toEqual(all.map((_, n) => 2 * n + output));
  });

  it('discards what it led to a stage, and leads it to one again', async () => {
    const system = await lease({ threads });
    const { flow, source, sink, arrived } = begin();
    source.to(sink);
    const job = await flow.run(system);
    await arrived.more(1_000);
    flow.remove(sink);
    source.out.discard();
    await job.update();
    const { unwanted } = job.counters().stages['Endless']!;
    await until(() => job.counters().stages['Endless']!.unwanted > unwanted + 1_000);
    const numbers: number[] = [];
    source.to(flow.into((n: number) => numbers.push(n), u32));
    await job.update();
    await until(() => numbers.length > 1_000);
    const { stages } = await job.stop();
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    expect(stages['Endless']!.emitted).toBe(arrived.count + stages['Endless']!.unwanted + numbers.length);
  });

  it('gets another parallel stage whose results are in order', async () => {
    const system = await lease({ threads });
    const flow = pipeline('ordered');
    const source = flow.stage(Endless);
    const got: number[] = [];
    const sink = flow.into((n: number) => got.push(n), u32);
    const options = { parallel: 3, ordered: true };
    let uneven = source.to(flow.stage(Uneven, undefined, options));
    uneven.to(sink);
    const job = await flow.run(system);
    const marks: number[] = [];
    for (let round = 0; round < 3; round++) {
      const before = got.length;
      await until(() => got.length > before + 1_000);
      flow.remove(uneven);
      uneven = source.to(flow.stage(Uneven, undefined, { ...options, name: `round ${round}` }));
      uneven.to(sink);
      await job.update();
      marks.push(got.length);
    }
    const last = got.length;
    await until(() => got.length > last + 1_000);
    const { stages } = await job.stop();
    expect(got.length).toBe(stages['Endless']!.emitted);
    // Those before and those after each change are in order, and none is missing.
    expect([...got].sort((a, b) => a - b)).toEqual(got.map((_, n) => n));
  });

  it('is changed at random, many times, also by several at once', async () => {
    const random = randomOfTest();
    const system = await lease({ threads });
    const { flow, source, sink, arrived } = begin();
    let chain = [source.to(flow.stage(Pass, undefined, { name: 'pass 0' }))];
    chain[0]!.to(sink);
    const job = await flow.run(system);
    const relink = (): void => {
      let last: typeof source | (typeof chain)[number] = source;
      for (const stage of chain) last = last.to(stage);
      last.to(sink);
    };
    for (let round = 1; round <= 20; round++) {
      await arrived.more(random.below(500));
      const before = [source, ...chain];
      for (const [index, stage] of before.entries()) flow.unlink(stage, before[index + 1] ?? sink);
      const kept = chain.filter(() => random.below(3) > 0);
      for (const stage of chain) if (!kept.includes(stage)) flow.remove(stage);
      const place = random.below(threads + 1);
      kept.splice(random.below(kept.length + 1), 0, flow.stage(Pass, undefined, { name: `pass ${round}`, place }));
      chain = kept;
      relink();
      await Promise.all(Array.from({ length: 1 + random.below(3) }, () => job.update()));
    }
    await arrived.more(1_000);
    await end(job, arrived);
  });
});

describe('an update that is refused changes nothing', () => {
  const refused = {
    'a graph that cannot work': [
      (flow: ReturnType<typeof pipeline>) => flow.stage(Pass),
      { code: 'HEDDLE_INVALID_FLOW' },
    ],
    'a place that does not exist': [
      (flow: ReturnType<typeof pipeline>) => flow.stage(Pass, undefined, { place: 9 }),
      { code: 'HEDDLE_INVALID_OPTIONS' },
    ],
    'a stage that cannot begin': [
      (flow: ReturnType<typeof pipeline>) => flow.stage(Fails, { atInit: true }),
      { message: expect.stringContaining('init of Fails failed') },
    ],
  } as const;
  it.each(Object.entries(refused))('%s', async (what, [add, error]) => {
    const system = await lease({ threads: 1 });
    const { flow, source, sink, arrived } = begin();
    source.to(sink);
    const job = await flow.run(system);
    const actors = actorsOf(system);
    const stage = add(flow);
    if (what !== 'a graph that cannot work') {
      flow.unlink(source, sink);
      source.to(stage).to(sink);
    }
    await expect(job.update()).rejects.toMatchObject(error);
    expect(actorsOf(system)).toBe(actors);
    await arrived.more(5_000);
    flow.remove(stage);
    if (what !== 'a graph that cannot work') source.to(sink);
    await job.update();
    await arrived.more(5_000);
    await end(job, arrived);
  });

  it('of a job that has ended, or is acknowledged', async () => {
    const system = await lease({ threads: 0 });
    const over = pipeline('over');
    over.stage(Numbers, 3).out.discard();
    const job = await over.run(system);
    await job.done;
    await expect(job.update()).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW', message: 'job over has ended' });
    const kept = pipeline('kept', { acknowledged: true });
    kept.stage(Numbers, 3).to(kept.into(() => undefined, u32));
    await using acknowledged = await kept.run(system);
    await expect(acknowledged.update()).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
  });
});

it('a stage that has ended already hands on that it has, wherever it is led', async () => {
  const system = await lease({ threads: 2 });
  const flow = pipeline('late');
  const source = flow.stage(Numbers, 10);
  const got: number[] = [];
  let release!: () => void;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sink = flow.into(async (n: number) => {
    await gate;
    got.push(n);
  }, u32);
  source.to(sink);
  const job = await flow.run(system);
  await until(() => job.counters().stages['Numbers']!.emitted === 10);
  flow.unlink(source, sink);
  source.to(flow.stage(Pass)).to(sink);
  await job.update();
  release();
  await job.done;
  expect(got).toEqual(Array.from({ length: 10 }, (_, n) => n));
});
