/** Stages of several instances: who gets which items, and in which order the results come. */
import { type Dispatch, pipeline } from 'heddle';
import { describe, expect, it } from 'vitest';
import { ByKey, Odd, Slow, Tail, Who } from '../actors/parallel-stages.js';
import { Collect, Numbers, Uneven } from '../actors/stages.js';
import { expectBalance, readAll, upTo } from '../support/pipelines.js';
import { lease } from '../support/systems.js';

const COUNT = 2_000;

const groups = <T>(items: readonly T[], by: (item: T) => number): Map<number, T[]> => {
  const found = new Map<number, T[]>();
  for (const item of items) found.set(by(item), [...(found.get(by(item)) ?? []), item]);
  return found;
};

describe('parallel instances', () => {
  it.each(['round-robin', 'least-loaded'] as const)(
    'all get items by %s, and nothing is lost',
    async (dispatch: Dispatch) => {
      const system = await lease({ threads: 2 });
      const flow = pipeline('parallel');
      const who = flow.stage(Numbers, COUNT).to(flow.stage(Who, undefined, { parallel: 3, dispatch }));
      const job = await flow.run(system, { output: who.out });
      const got = await readAll(job.output);
      expect(got.map(({ n }) => n).sort((a, b) => a - b)).toEqual(upTo(COUNT));
      const byInstance = groups(got, ({ instance }) => instance);
      expect([...byInstance.keys()].sort()).toEqual([0, 1, 2]);
      // Each has its items in order.
      for (const items of byInstance.values()) {
        expect(items.map(({ n }) => n)).toEqual(items.map(({ n }) => n).sort((a, b) => a - b));
      }
      const { stages } = await job.done;
      expect(stages['Who']).toMatchObject({ instances: 3, taken: COUNT, emitted: COUNT, waiting: 0, pending: 0 });
      expectBalance(stages);
    },
  );

  it('get slow items one by one', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('slow');
    const slow = flow.stage(Numbers, 8).to(flow.stage(Slow, 20, { parallel: 2 }));
    const job = await flow.run(system, { output: slow.out });
    const sizes = [...groups(await readAll(job.output), ({ instance }) => instance).values()].map(
      ({ length }) => length,
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6);
    expect(sizes.length).toBe(2);
    await job.done;
  });

  it('take turns on one thread, although each has items enough', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('turns');
    // Each item takes longer than a slice.
    const slow = flow.stage(Numbers, 80).to(flow.stage(Slow, 0.3, { parallel: 2 }));
    const job = await flow.run(system, { output: slow.out });
    const inTime = (await readAll(job.output)).sort((a, b) => a.since - b.since);
    const turns = inTime.filter(({ instance }, at) => instance !== inTime[at - 1]?.instance);
    expect(turns.length).toBeGreaterThan(60);
    await job.done;
  });

  it('have the items of a key in order, in a state of its own', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('key');
    const byKey = flow.stage(Numbers, COUNT).to(flow.stage(ByKey, 10, { parallel: 3 }));
    const job = await flow.run(system, { output: byKey.out });
    const got = await readAll(job.output);
    const [items, totals] = [got.filter(({ total }) => total === 0), got.filter(({ total }) => total > 0)];
    for (const [key, own] of groups(items, (item) => item.key)) {
      expect(own.map(({ n }) => n)).toEqual(upTo(COUNT).filter((n) => n % 10 === key));
      expect(own.map(({ nth }) => nth)).toEqual(upTo(own.length));
      expect(new Set(own.map(({ instance }) => instance)).size).toBe(1);
    }
    expect(totals.map(({ key, total }) => ({ key, total })).sort((a, b) => a.key - b.key)).toEqual(
      upTo(10).map((key) => ({ key, total: COUNT / 10 })),
    );
    expectBalance((await job.done).stages);
  });
});

describe.each([0, 2])('ordered parallel instances on %i threads', (threads) => {
  /** What `Odd` makes. */
  const expected = upTo(COUNT)
    .filter((n) => n % 10 !== 9)
    .flatMap((n) => Array.from({ length: n % 4 }, () => n));

  it('keep the order of items that take long, fail, or become none or many', async () => {
    const system = await lease({ threads });
    const flow = pipeline('ordered');
    const odd = flow
      .stage(Numbers, COUNT)
      .to(flow.stage(Odd, undefined, { parallel: 3, ordered: true, onError: 'skip' }));
    const job = await flow.run(system, { output: odd.out });
    expect(await readAll(job.output)).toEqual(expected);
    const { stages } = await job.done;
    expect(stages['Odd']).toMatchObject({ failed: COUNT / 10, taken: COUNT - COUNT / 10, emitted: expected.length });
    expectBalance(stages);
  });

  it('keep it when others are before them', async () => {
    const system = await lease({ threads });
    const flow = pipeline('ordered');
    const options = { parallel: 2, ordered: true, onError: 'skip' } as const;
    const twice = flow
      .stage(Numbers, COUNT)
      .to(flow.stage(Uneven, undefined, options))
      .to(flow.stage(Odd, undefined, { ...options, parallel: 3 }));
    const job = await flow.run(system, { output: twice.out });
    expect(await readAll(job.output)).toEqual(expected);
    await job.done;
  });

  it('keep it each for themselves where two of them lead to one stage', async () => {
    const system = await lease({ threads });
    const flow = pipeline('gather');
    const collect = flow.stage(Collect, undefined, { inputs: 2 });
    for (const [input, to] of collect.in.entries()) {
      const name = `uneven ${input}`;
      flow
        .stage(Numbers, COUNT)
        .to(flow.stage(Uneven, undefined, { name, parallel: 2, ordered: true }))
        .to(to);
    }
    const job = await flow.run(system, { output: collect.out });
    const byInput = groups(await readAll(job.output), ({ input }) => input);
    expect([...byInput.values()].map((items) => items.map(({ n }) => n))).toEqual([upTo(COUNT), upTo(COUNT)]);
    expectBalance((await job.done).stages);
  });

  it('emit at the end what they have left', async () => {
    const system = await lease({ threads });
    const flow = pipeline('tail');
    const tail = flow.stage(Numbers, COUNT).to(flow.stage(Tail, undefined, { parallel: 3, ordered: true }));
    const job = await flow.run(system, { output: tail.out });
    const got = await readAll(job.output);
    expect(got.filter((n) => n < COUNT)).toEqual(upTo(COUNT));
    const tails = got.filter((n) => n >= COUNT);
    expect(tails.length).toBe(3);
    expect(tails.reduce((sum, n) => sum + n - 1_000_000, 0)).toBe(COUNT);
    expectBalance((await job.done).stages);
  });
});
