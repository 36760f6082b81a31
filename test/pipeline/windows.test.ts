/** Items that are taken several at a time. */
import { pipeline, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { ByBoth, ByCount, ByTime } from '../actors/parallel-stages.js';
import { Numbers } from '../actors/stages.js';
import { expectBalance, readAll, upTo } from '../support/pipelines.js';
import { lease } from '../support/systems.js';

describe('a window', () => {
  it('has so many items, the last one what is left', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('count');
    const windows = flow.stage(Numbers, 1_000).to(flow.stage(ByCount));
    const job = await flow.run(system, { output: windows.out });
    const got = await readAll(job.output);
    expect(got.flatMap(({ items }) => items)).toEqual(upTo(1_000));
    expect(got.map(({ items }) => items.length)).toEqual([...upTo(142).map(() => 7), 6]);
    expect(got.map(({ id }) => id)).toEqual(got.map(({ items }) => items.at(-1)));
    const { stages } = await job.done;
    expect(stages['ByCount']).toMatchObject({ taken: 1_000, emitted: 143, waiting: 0 });
    expectBalance(stages);
  });

  it('is over after its time, although nothing more comes', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('time');
    let isRead = (): void => undefined;
    const read = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    const items = async function* () {
      yield* [0, 1, 2];
      // It would wait for ever if the window did for more.
      await read;
      yield 3;
    };
    const windows = flow.from(items(), u32).to(flow.stage(ByTime));
    const job = await flow.run(system, { output: windows.out });
    const got: (readonly number[])[] = [];
    for await (const { items: some } of job.output) {
      got.push(some);
      if (got.flat().length === 3) isRead();
    }
    expect(got.flat()).toEqual([0, 1, 2, 3]);
    expect(got.at(-1)).toEqual([3]);
    await job.done;
  });

  it('is over in time while items never cease to come', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('time');
    const windows = flow.stage(Numbers, 1_000_000_000).to(flow.stage(ByTime));
    const job = await flow.run(system, { output: windows.out });
    const sizes: number[] = [];
    for await (const { items } of job.output) {
      sizes.push(items.length);
      if (sizes.length === 3) break;
    }
    expect(sizes.every((size) => size > 0)).toBe(true);
    await job.done;
  });

  it('is over in time after one that was full before', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('both');
    let isRead = (): void => undefined;
    const read = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    const items = async function* () {
      yield* [0, 1];
      // Some time later, so that the alarm of the first window goes off before the second one is over.
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield* [2, 3, 4];
      await read;
      yield 5;
    };
    const windows = flow.from(items(), u32).to(flow.stage(ByBoth));
    const job = await flow.run(system, { output: windows.out });
    const got: number[] = [];
    for await (const { items: some } of job.output) {
      got.push(...some);
      if (got.length === 5) isRead();
    }
    expect(got).toEqual(upTo(6));
    await job.done;
  });
});
