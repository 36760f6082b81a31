import { f64, pipeline, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { ByParity, Collect, Deal, Lengths, Numbers, Square, Uneven } from '../actors/stages.js';
import { lease } from '../support/systems.js';

const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe.each([0, 2])('a pipeline on %i threads', (threads) => {
  it('gives what goes in, processed, in order', async () => {
    const system = await lease({ threads });
    const flow = pipeline('squares');
    const squares = flow.stage(Numbers, 10_000).to(flow.stage(Square));
    const job = await flow.run(system, { output: squares.out });
    expect(await read(job.output)).toEqual(upTo(10_000).map((n) => n * n));
    const { outcome, stages } = await job.done;
    expect(outcome).toBe('done');
    expect(stages['Square']).toMatchObject({ taken: 10_000, emitted: 10_000, waiting: 0, pending: 0 });
  });

  it('keeps the order through parallel instances that overtake each other', async () => {
    const system = await lease({ threads });
    const flow = pipeline('ordered');
    const stage = flow.stage(Numbers, 5_000).to(flow.stage(Uneven, undefined, { parallel: 3, ordered: true }));
    const job = await flow.run(system, { output: stage.out });
    expect(await read(job.output)).toEqual(upTo(5_000));
    await job.done;
  });

  it('ends when the end of the last chunk has to wait for room', async () => {
    const system = await lease({ threads });
    const flow = pipeline('narrow');
    const got: number[] = [];
    flow
      .stage(Numbers, 100)
      .to(flow.stage(Square, undefined, { parallel: 2, ordered: true }))
      .to(
        flow.into((n: number) => got.push(n), f64),
        { capacity: 1 },
      );
    const job = await flow.run(system);
    await job.done;
    expect(got).toEqual(upTo(100).map((n) => n * n));
  });

  it('splits by type and merges again', async () => {
    const system = await lease({ threads });
    const flow = pipeline('y');
    const split = flow.stage(Numbers, 1_000).to(flow.stage(ByParity));
    const merge = flow.stage(Lengths);
    split.out.even.to(merge.in.numbers);
    split.out.odd.to(merge.in.texts);
    const job = await flow.run(system, { output: merge.out });
    expect((await read(job.output)).sort((a, b) => a - b)).toEqual(upTo(1_000));
  });

  it('scatters and gathers', async () => {
    const system = await lease({ threads });
    const flow = pipeline('scatter');
    const deal = flow.stage(Numbers, 999).to(flow.stage(Deal, undefined, { outputs: 3 }));
    const collect = flow.stage(Collect, undefined, { inputs: 3 });
    for (const [index, out] of deal.out.entries()) out.to(collect.in[index]!);
    const job = await flow.run(system, { output: collect.out });
    const got = await read(job.output);
    expect(got.length).toBe(999);
    expect(got.every(({ input, n }) => n % 3 === input)).toBe(true);
  });

  it('takes items from an iterable and gives them to a function', async () => {
    const system = await lease({ threads });
    const flow = pipeline('edges');
    const got: number[] = [];
    flow
      .from(upTo(1_000), u32)
      .to(flow.stage(Square))
      .to(flow.into((n: number) => got.push(n), f64));
    const job = await flow.run(system);
    await job.done;
    expect(got).toEqual(upTo(1_000).map((n) => n * n));
  });
});
