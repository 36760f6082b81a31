/** What arrives by a channel whose reader does not keep up, and what is counted of the rest. */
import { type Job, type Policy, pipeline, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Blobs, Burst, Even, FailingBurst, Gate, Sizes, SizesOnly, WaitingBurst } from '../actors/channel-stages.js';
import { Numbers, Passed } from '../actors/stages.js';
import { expectBalance, makeGate, readAll, upTo } from '../support/pipelines.js';
import { lease } from '../support/systems.js';
import { until } from '../support/until.js';

const COUNT = 1_000;
const CAPACITY = 8;

const PLACES = [
  ['the same thread', 1, 1],
  ['another thread', 1, 2],
] as const;

/** A source, and a reader that stalls. */
const stall = async (policy: Policy, from: number, to: number, capacity = CAPACITY) => {
  const system = await lease({ threads: 2 });
  const gate = makeGate();
  const flow = pipeline(policy);
  const source = flow.stage(Numbers, COUNT, { place: from });
  const reader = source.to(flow.stage(Gate, { gate: gate.gate }, { place: to }), { policy, capacity });
  const job = await flow.run(system, { output: reader.out });
  const items = readAll(job.output);
  return { job, items, open: gate.open };
};

describe.each(PLACES)('a reader that stalls on %s', (_, from, to) => {
  /** What got through while the reader stalled all the time that there was anything to write. */
  const passed = async (policy: Policy): Promise<number[]> => {
    const { job, items, open } = await stall(policy, from, to);
    // All that there is, while nothing has been taken.
    await until(() => job.counters().stages['Numbers']!.emitted === COUNT);
    expect(job.counters().stages['Gate']!.taken).toBe(0);
    open();
    const got = await items;
    const { stages } = await job.done;
    expect(got.map(({ id }) => id)).toEqual(got.map(({ n }) => n));
    expect(stages['Numbers']!.dropped).toBe(COUNT - got.length);
    expect(stages['Gate']!.missed).toBe(COUNT - got.length);
    expectBalance(stages);
    return got.map(({ n }) => n);
  };

  it('gets the first ones and the newest ones by drop-oldest; the writer does not wait', async () => {
    const got = await passed('drop-oldest');
    expect(got.slice(-CAPACITY)).toEqual(upTo(COUNT).slice(-CAPACITY));
    expect(got.slice(0, CAPACITY)).toEqual(upTo(CAPACITY));
    expect(got).toEqual([...got].sort((a, b) => a - b));
    // Some may have been sent when the reader had one in its hands and others were dropped already.
    expect(got.length).toBeLessThanOrEqual(3 * CAPACITY);
  });

  it('gets the newest one by latest; the writer does not wait', async () => {
    const got = await passed('latest');
    expect(got.at(-1)).toBe(COUNT - 1);
    expect(got.length).toBeLessThanOrEqual(3);
  });

  it('gets the first ones by drop-newest; the writer does not wait', async () => {
    const got = await passed('drop-newest');
    expect(got.slice(0, CAPACITY)).toEqual(upTo(CAPACITY));
    // One may have been in the hands of the reader when others were dropped already.
    expect(got.length - CAPACITY).toBeLessThanOrEqual(1);
  });

  it.each([1, CAPACITY])('holds up a writer by block, with room for %i, and nothing is lost', async (capacity) => {
    const { job, items, open } = await stall('block', from, to, capacity);
    await until(() => job.counters().stages['Numbers']!.blocked > 0);
    const { stages } = job.counters();
    // One is in the hands of the reader.
    expect(stages['Numbers']!.emitted).toBeLessThanOrEqual(capacity + 1);
    open();
    expect((await items).map(({ n }) => n)).toEqual(upTo(COUNT));
    expectBalance((await job.done).stages);
  });

  it('fails a writer by error, which names the port', async () => {
    const { job, items } = await stall('error', from, to);
    await expect(job.done).rejects.toMatchObject({
      code: 'HEDDLE_STAGE_FAILED',
      stage: 'Numbers',
      cause: { code: 'HEDDLE_CHANNEL_FULL', message: expect.stringContaining('Numbers.out') },
    });
    await expect(items).rejects.toMatchObject({ code: 'HEDDLE_STAGE_FAILED' });
  });
});

describe('a channel', () => {
  it('fails each item of which something finds no room by error, and takes back what else was made of it', async () => {
    const system = await lease({ threads: 2 });
    const gate = makeGate();
    const flow = pipeline('error');
    const each = flow.from([2, 3, 100, 2], u32).to(flow.stage(Burst, undefined, { onError: 'skip', place: 1 }));
    const reader = each.to(flow.stage(Gate, { gate: gate.gate }, { place: 2 }), { policy: 'error', capacity: 10 });
    const job = await flow.run(system, { output: reader.out });
    const items = readAll(job.output);
    await until(() => job.counters().stages['Burst']!.taken === 3);
    gate.open();
    expect((await items).map(({ n }) => n)).toEqual([0, 1, 0, 1, 2, 0, 1]);
    const { stages } = await job.done;
    expect(stages['Burst']).toMatchObject({ taken: 3, failed: 1, emitted: 7, dropped: 0 });
    expect(stages['Gate']!.missed).toBe(0);
    expectBalance(stages);
  });

  it.each(['drop-oldest', 'latest', 'drop-newest'] as const)(
    'says how much it drops by %s of an item that makes more than it has room for, and fails',
    async (policy) => {
      const system = await lease({ threads: 1 });
      const flow = pipeline(policy);
      const burst = flow.from([50, 50, 1], u32).to(flow.stage(FailingBurst, undefined, { onError: 'skip' }));
      const reader = burst.to(flow.stage(Even, undefined), { policy, capacity: 10 });
      const job = await flow.run(system, { output: reader.out });
      await readAll(job.output);
      const { stages } = await job.done;
      // What is taken back was never emitted, so it is not dropped either.
      expect(stages['FailingBurst']).toMatchObject({ taken: 1, failed: 2, emitted: 1, dropped: 0 });
      expect(stages['Even']!.missed).toBe(0);
      expectBalance(stages);
    },
  );

  it.each([0, 2])('carries items of 1 MiB within its bytes on %i threads', async (threads) => {
    const system = await lease({ threads });
    const gate = makeGate();
    const flow = pipeline('large');
    const blobs = flow.stage(Blobs, { count: 40, size: 2 ** 20 });
    const sizes = blobs.to(flow.stage(Sizes, { gate: gate.gate }), { capacityBytes: 2 ** 23 });
    const job = await flow.run(system, { output: sizes.out });
    const items = readAll(job.output);
    await until(() => job.counters().stages['Blobs']!.blocked > 0);
    // One is in the hands of the reader.
    expect(job.counters().stages['Blobs']!.emitted).toBeLessThanOrEqual(9);
    gate.open();
    expect(await items).toEqual(upTo(40).map((value) => ({ size: 2 ** 20, value })));
    await job.done;
  });

  it.each([0, 2])('carries an item of 64 MiB on %i threads, although that is more than its bytes', async (threads) => {
    const system = await lease({ threads });
    const gate = makeGate();
    const flow = pipeline('huge');
    const sizes = flow.stage(Blobs, { count: 2, size: 2 ** 26 }).to(flow.stage(Sizes, { gate: gate.gate }));
    const job = await flow.run(system, { output: sizes.out });
    gate.open();
    expect(await readAll(job.output)).toEqual(upTo(2).map((value) => ({ size: 2 ** 26, value })));
    await job.done;
  });

  it('loses nothing in rings of 4 KiB that are full all the time', async () => {
    const system = await lease({ threads: 2, ringBytes: 4_096 });
    const flow = pipeline('tight');
    const passed = flow
      .stage(Blobs, { count: 3_000, size: 300 }, { place: 1 })
      .to(flow.stage(SizesOnly, undefined, { place: 2 }), { capacity: 1_024 })
      .to(flow.stage(Passed, undefined, { place: 1 }), { capacity: 1_024 });
    const job = await flow.run(system, { output: passed.out });
    expect(await readAll(job.output)).toEqual(upTo(3_000).map(() => 300));
    expectBalance((await job.done).stages);
  });

  it('keeps what waits within its capacity where a sink is far slower than its source', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('slow');
    const got: number[] = [];
    let peak = 0;
    let job: Job | undefined;
    const sink = flow.into(async (n: number) => {
      const emitted = job?.counters().stages['Numbers']?.emitted ?? 0;
      peak = Math.max(peak, emitted - got.length);
      await new Promise((resolve) => setImmediate(resolve));
      got.push(n);
    }, u32);
    flow.stage(Numbers, 2_000).to(sink, { capacity: 64 });
    job = await flow.run(system);
    await job.done;
    expect(got).toEqual(upTo(2_000));
    expect(peak).toBeLessThanOrEqual(65);
  });

  it('has a stage wait that makes 20,000 items of one', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('burst');
    const burst = flow.from([20_000], u32).to(flow.stage(WaitingBurst, undefined, { place: 1 }));
    let peak = 0;
    let sum = 0;
    let job: Job | undefined;
    burst.to(
      flow.into((n: number) => {
        sum += n;
        peak = Math.max(peak, job?.counters().stages['WaitingBurst']?.pending ?? 0);
      }, u32),
      { capacity: 100 },
    );
    job = await flow.run(system);
    await job.done;
    expect(sum).toBe((20_000 * 19_999) / 2);
    expect(peak).toBeLessThanOrEqual(128);
  });
});
