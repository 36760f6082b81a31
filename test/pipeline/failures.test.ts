/** What becomes of items that cannot be processed, or sent: everybody else's, and what is told of them. */
import { type FailurePolicy, type ItemFailure, pipeline, record, text, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Broken, FailsAt, Keyless, Since, Sorting, Sums, Third, Twice, Wrong } from '../actors/failing-stages.js';
import { Numbers } from '../actors/stages.js';
import { expectBalance, readAll, upTo } from '../support/pipelines.js';
import { lease } from '../support/systems.js';

const COUNT = 3_000;
const EVERY = 1_000;
const BAD = [999, 1_999, 2_999];

/** What `Wrong` emits. */
const GOOD = record({ n: u32, inner: record({ name: text }) });

describe.each([
  ['sync', false],
  ['async', true],
])('a stage that throws, %s, on one item in a thousand', (_, isAsync) => {
  const args = { every: EVERY, isAsync };
  const count = isAsync ? COUNT / 2 : COUNT;
  const bad = BAD.filter((n) => n < count);

  const begin = async (onError: FailurePolicy, threads = 1) => {
    const system = await lease({ threads });
    const flow = pipeline('failing');
    const stage = flow.stage(Numbers, count).to(flow.stage(Twice, args, { onError }));
    const job = await flow.run(system, { output: stage.out });
    const [failures, items] = [readAll(job.failures), readAll(job.output)];
    items.catch(() => undefined);
    return { job, failures, items };
  };

  it.each([0, 1])('ends the job by stop, which names stage, port and item, on %i threads', async (threads) => {
    const { job, items } = await begin('stop', threads);
    const failed = { code: 'HEDDLE_STAGE_FAILED', stage: 'Twice', port: 'in', id: 999, cause: { code: 'RangeError' } };
    await expect(job.done).rejects.toMatchObject(failed);
    await expect(job.done).rejects.toThrow(/Twice.*999 is bad/);
    await expect(items).rejects.toMatchObject(failed);
  });

  it('goes on with the others by skip; what it had emitted for those is taken back', async () => {
    const { job, failures, items } = await begin('skip');
    const good = upTo(count).filter((n) => !bad.includes(n));
    expect(await items).toEqual(good.flatMap((n) => [n, n]));
    const { stages } = await job.done;
    expect(stages['Twice']).toMatchObject({ taken: good.length, failed: bad.length, emitted: 2 * good.length });
    expectBalance(stages);
    expect(await failures).toEqual(
      bad.map((n) => ({
        stage: 'Twice',
        instance: 0,
        port: 'in',
        id: n,
        item: n,
        code: 'RangeError',
        message: `${n} is bad`,
        restarted: false,
        missed: 0,
      })),
    );
  });

  it('tries again, and then does what is to be done', async () => {
    const { job, failures, items } = await begin({ retries: 3, delayMs: 1, otherwise: 'skip' });
    expect((await items).length).toBe(2 * (count - bad.length));
    const { stages } = await job.done;
    expect(stages['Twice']).toMatchObject({ failed: bad.length, retried: 3 * bad.length });
    expectBalance(stages);
    expect((await failures).map(({ id }) => id)).toEqual(bad);
  });
});

describe('a stage', () => {
  it('begins anew by restart, and keeps what it had emitted before', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('restart');
    const since = flow.stage(Numbers, COUNT).to(flow.stage(Since, { every: EVERY }, { onError: 'restart' }));
    const job = await flow.run(system, { output: since.out });
    const failures = readAll(job.failures);
    const got = await readAll(job.output);
    expect(got.map(({ n }) => n)).toEqual(upTo(COUNT).filter((n) => !BAD.includes(n)));
    expect(got.every(({ n, since: seen }) => seen === (n % EVERY) + 1)).toBe(true);
    const { stages } = await job.done;
    expect(stages['Since']).toMatchObject({ restarted: 3, failed: 3 });
    expect((await failures).map(({ id, restarted }) => ({ id, restarted }))).toEqual(
      BAD.map((id) => ({ id, restarted: true })),
    );
  });

  it('ends the job when it is restarted more than three times in a short time', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('intensity');
    const since = flow.stage(Numbers, COUNT).to(flow.stage(Since, { every: 100 }, { onError: 'restart' }));
    since.out.discard();
    const job = await flow.run(system);
    await expect(job.done).rejects.toMatchObject({ code: 'HEDDLE_STAGE_FAILED', stage: 'Since', id: 399 });
    expect(job.counters().stages['Since']).toMatchObject({ restarted: 3 });
  });

  it('says by a port what failed', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('port');
    const node = flow
      .stage(Numbers, COUNT)
      .to(flow.stage(Sorting, { every: EVERY }, { name: 'sorting', onError: { port: 'bad' } }));
    node.out.good.discard();
    node.out.other.discard();
    const job = await flow.run(system, { output: node.out.bad });
    expect(await readAll(job.output)).toEqual(
      BAD.map((id) => ({ stage: 'sorting', port: 'in', id, code: 'RangeError', message: `${id} is bad` })),
    );
    const { stages } = await job.done;
    expect(stages['sorting']).toMatchObject({ taken: COUNT - 3, failed: 3, dropped: 0 });
    expectBalance(stages);
  });

  it('has a port for what fails that is of that type', () => {
    const flow = pipeline('port');
    const add = (port: string) => flow.stage(Sorting, { every: 2 }, { onError: { port } });
    expect(() => add('other')).toThrow(/onError\.port is an output of type itemFailure.*other/);
    expect(() => add('nowhere')).toThrow(/onError\.port is no output of it/);
    expect(() => add('bad')).not.toThrow();
  });

  it.each([false, true])('waits longer before each attempt, never less than it is to (async: %s)', async (isAsync) => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('retries');
    const onError = { retries: 2, delayMs: 20, delayMsMax: 30 };
    const third = flow.stage(Numbers, 3).to(flow.stage(Third, isAsync, { onError }));
    const job = await flow.run(system, { output: third.out });
    const got = await readAll(job.output);
    expect(got.map(({ n, attempts }) => ({ n, attempts }))).toEqual(upTo(3).map((n) => ({ n, attempts: 3 })));
    for (const { tookMs } of got) expect(tookMs).toBeGreaterThanOrEqual(50);
    expect((await job.done).stages['Third']).toMatchObject({ taken: 3, failed: 0, retried: 6, emitted: 3 });
  });

  it('tells what it can of many failures, and how many it could not', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('many');
    flow
      .stage(Numbers, 20_000)
      .to(flow.stage(Twice, { every: 1 }, { onError: 'skip' }))
      .out.discard();
    const job = await flow.run(system);
    const failures: ItemFailure[] = [];
    let missed = 0;
    const reading = (async () => {
      for await (const failure of job.failures) {
        missed += failure.missed;
        failures.push(failure);
      }
    })();
    await job.done;
    await reading;
    expect(failures.length + missed).toBeLessThanOrEqual(20_000);
    expect(failures.length).toBeLessThan(20_000);
    expect(new Set(failures.map(({ id }) => id)).size).toBe(failures.length);
    expect(missed).toBeGreaterThan(0);
  });

  it.each([0, 1])('cannot send an item that is not what its port declares, on %i threads', async (threads) => {
    const system = await lease({ threads });
    const flow = pipeline('wrong');
    const wrong = flow.stage(Numbers, COUNT).to(flow.stage(Wrong, { every: EVERY }));
    wrong.out.bad.discard();
    const job = await flow.run(system, { output: wrong.out.good });
    const items = readAll(job.output);
    items.catch(() => undefined);
    await expect(job.done).rejects.toMatchObject({
      stage: 'Wrong',
      port: 'good',
      id: 999,
      message: expect.stringContaining('inner.name'),
      cause: { code: 'HEDDLE_INVALID_MESSAGE' },
    });
    await expect(items).rejects.toMatchObject({ stage: 'Wrong' });
  });

  it.each([0, 1])('skips what it cannot send, with room for one, on %i threads', async (threads) => {
    const system = await lease({ threads });
    const flow = pipeline('wrong');
    const wrong = flow.stage(Numbers, 100).to(flow.stage(Wrong, { every: 5 }, { onError: 'skip' }));
    wrong.out.bad.discard();
    const got: number[] = [];
    wrong.out.good.to(
      flow.into(({ n }: { n: number }) => got.push(n), GOOD),
      { capacity: 1 },
    );
    const job = await flow.run(system);
    const failures = readAll(job.failures);
    const { stages } = await job.done;
    expect(got).toEqual(upTo(100).filter((n) => n % 5 !== 4));
    expect(stages['Wrong']).toMatchObject({ taken: 100, emitted: 100, failed: 20 });
    expectBalance(stages);
    expect((await failures).map(({ port, id }) => ({ port, id }))).toEqual(
      upTo(20).map((index) => ({ port: 'good', id: 5 * index + 4 })),
    );
  });

  it('says by a port what it could not send', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('wrong');
    const onError = { port: 'bad' };
    const wrong = flow.stage(Numbers, 100).to(flow.stage(Wrong, { every: 50 }, { onError }));
    wrong.out.good.to(flow.into(() => undefined, GOOD));
    const job = await flow.run(system, { output: wrong.out.bad });
    expect(await readAll(job.output)).toMatchObject([
      { stage: 'Wrong', port: 'good', id: 49, code: 'HEDDLE_INVALID_MESSAGE' },
      { stage: 'Wrong', port: 'good', id: 99, code: 'HEDDLE_INVALID_MESSAGE' },
    ]);
    expectBalance((await job.done).stages);
  });

  it('that fails when it is made, does not begin', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('init');
    flow.stage(Numbers, 10).to(flow.stage(FailsAt, 'init')).out.discard();
    await expect(flow.run(system)).rejects.toMatchObject({
      code: 'HEDDLE_ACTOR_FAILED',
      message: expect.stringContaining('FailsAt'),
      cause: { message: 'init is bad' },
    });
  });

  it('that fails in flush ends the job, or tries again', async () => {
    const system = await lease({ threads: 1 });
    const one = pipeline('flush');
    one.stage(Numbers, 10).to(one.stage(FailsAt, 'flush')).out.discard();
    await expect((await one.run(system)).done).rejects.toMatchObject({
      stage: 'FailsAt',
      port: undefined,
      id: undefined,
      cause: { message: 'flush is bad' },
    });
    const two = pipeline('flush');
    const stage = two.stage(Numbers, 10).to(two.stage(FailsAt, 'flush', { onError: { retries: 2, delayMs: 1 } }));
    const job = await two.run(system, { output: stage.out });
    expect(await readAll(job.output)).toEqual([...upTo(10), 1_000]);
    expect((await job.done).stages['FailsAt']).toMatchObject({ retried: 2, taken: 10 });
  });

  it('that fails in flush by skip has ended', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('flush');
    const stage = flow.stage(Numbers, 10).to(flow.stage(FailsAt, 'flush', { onError: 'skip' }));
    const job = await flow.run(system, { output: stage.out });
    const failures = readAll(job.failures);
    expect(await readAll(job.output)).toEqual(upTo(10));
    expect(await failures).toMatchObject([{ stage: 'FailsAt', port: '', id: -1, message: 'flush is bad' }]);
    await job.done;
  });

  it.each([
    ['skip', 1],
    ['skip', 3],
    ['restart', 3],
  ] as const)('fails on what has no key, by %s, on %i instances', async (onError, parallel) => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('key');
    const count = onError === 'restart' ? 30 : 100;
    const stage = flow.stage(Numbers, count).to(flow.stage(Keyless, undefined, { onError, parallel }));
    const job = await flow.run(system, { output: stage.out });
    const failures = readAll(job.failures);
    expect((await readAll(job.output)).sort((a, b) => a - b)).toEqual(upTo(count).filter((n) => n % 10 !== 9));
    const { stages } = await job.done;
    expect(stages['Keyless']).toMatchObject({ failed: count / 10 });
    expectBalance(stages);
    expect((await failures).map(({ item }) => item)).toEqual(upTo(count / 10).map((index) => 10 * index + 9));
  });

  it('fails with whole windows', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('windows');
    const sums = flow.stage(Numbers, 10).to(flow.stage(Sums, undefined, { onError: 'skip' }));
    const job = await flow.run(system, { output: sums.out });
    const failures = readAll(job.failures);
    expect(await readAll(job.output)).toEqual([4, 2]);
    expect((await job.done).stages['Sums']).toMatchObject({ taken: 6, failed: 4 });
    expect(await failures).toMatchObject([{ id: 7, item: [4, 5, 6, 7] }]);
  });

  it('takes nothing more after a window that ends the job', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('windows');
    flow.stage(Numbers, 100).to(flow.stage(Sums)).out.discard();
    const job = await flow.run(system);
    await expect(job.done).rejects.toMatchObject({ stage: 'Sums', id: 7 });
    expect(job.counters().stages['Sums']).toMatchObject({ taken: 4 });
  });
});

describe('a source', () => {
  it('that fails half-way ends the job, which names it', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('source');
    const source = flow.stage(Broken, { to: 100, every: 50 });
    const job = await flow.run(system, { output: source.out });
    const items = readAll(job.output);
    items.catch(() => undefined);
    await expect(job.done).rejects.toMatchObject({ stage: 'Broken', port: undefined, cause: { message: '49 is bad' } });
    await expect(items).rejects.toMatchObject({ stage: 'Broken' });
  });

  it.each(['skip', { retries: 1, delayMs: 1 }] as const)('goes on after a failure by %o', async (onError) => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('source');
    const source = flow.stage(Broken, { to: 100, every: 10 }, { onError });
    const job = await flow.run(system, { output: source.out });
    expect(await readAll(job.output)).toEqual(upTo(100));
    expect((await job.done).stages['Broken']).toMatchObject({ emitted: 100, failed: 0 });
  });

  it('of the host that fails half-way ends the job, which names it', async () => {
    const system = await lease({ threads: 1 });
    const flow = pipeline('source');
    const items = function* () {
      yield* upTo(100);
      throw new RangeError('no more');
    };
    flow.from(items(), u32).to(flow.into(() => undefined, u32));
    const job = await flow.run(system);
    await expect(job.done).rejects.toMatchObject({ stage: 'source', cause: { message: 'no more' } });
  });
});
