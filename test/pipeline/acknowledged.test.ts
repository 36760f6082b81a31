/** Acknowledged pipelines: every item is processed at least once, whatever threads die. */
import { pipeline, type System, u32 } from 'heddle';
import { describe, expect, it } from 'vitest';
import {
  Dawdling,
  Effect,
  Ledger,
  ledgers,
  Note,
  NoteLater,
  Once,
  Told,
  Uneven,
  Words,
} from '../actors/acknowledged-stages.js';
import { Fails, Pass } from '../actors/flow-stages.js';
import { Collect, Deal, Numbers } from '../actors/stages.js';
import { effort } from '../support/effort.js';
import { type Random, randomOfTest } from '../support/random.js';
import { lease, quiet } from '../support/systems.js';
import { until } from '../support/until.js';

const MINUTE_MS = 60_000;

let names = 0;
const newLedger = (count: number): readonly [string, Ledger] => {
  const name = `ledger ${++names}`;
  const ledger = new Ledger(count);
  ledgers.set(name, ledger);
  return [name, ledger];
};

/** All items were processed, each by the number that it has. */
const checkAll = (ledger: Ledger): void => {
  expect(ledger.distinct).toBe(ledger.times.length);
  expect(ledger.times.indexOf(0)).toBe(-1);
  expect(ledger.strange).toBe(0);
};

/** Kills threads at random points of a run, some of them at once or while it recovers. Returns how many were killed. */
const killAtRandom = async (random: Random, system: System, ledger: Ledger, kills: number): Promise<number> => {
  const { length } = ledger.times;
  // The first of them early: whoever looks a little late still finds a job that runs.
  const points = Array.from({ length: kills }, (_, kill) => random.below(kill === 0 ? length / 2 : length));
  points.sort((a, b) => a - b);
  let killed = 0;
  for (const point of points) {
    // Some follow each other while the job begins again.
    if (random.below(4) > 0) await until(() => ledger.distinct >= point);
    if (ledger.distinct === ledger.times.length) break;
    await system.terminate(1 + random.below(system.threads));
    killed++;
  }
  return killed;
};

it('an acknowledged source is told what is done, by numbers that grow to the last', async () => {
  const system = await lease({ threads: 2 });
  const [name, ledger] = newLedger(20_000);
  const flow = pipeline('told', { acknowledged: true });
  flow
    .stage(Told, { ledger: name, to: 20_000 }, { place: 'host' })
    .to(flow.stage(Uneven, undefined, { parallel: 2, ordered: true }))
    .to(flow.stage(Note, name, { place: 'host' }));
  const job = await flow.run(system);
  const { recoveries } = await job.done;
  checkAll(ledger);
  expect(recoveries).toBe(0);
  expect(ledger.processed).toBe(20_000);
  const { acknowledged } = ledger;
  expect(acknowledged.length).toBeGreaterThan(1);
  expect(acknowledged).toEqual([...new Set(acknowledged)].sort((a, b) => a - b));
  expect(acknowledged.at(-1)).toBeLessThanOrEqual(20_000);
  expect(job.counters().acknowledged).toBe(acknowledged.at(-1));
});

const KILLS = 20;
const ITEMS = effort(1_000_000, 20_000_000);
it(`${ITEMS} items and ${KILLS} deaths of threads: each item is processed, and none twice by its number`, {
  timeout: effort(2, 60) * MINUTE_MS,
}, async () => {
  const random = randomOfTest();
  const system = await lease({ threads: 2, strict: false });
  const [name, ledger] = newLedger(ITEMS);
  const flow = pipeline('million', { acknowledged: true });
  flow
    .stage(Numbers, ITEMS, { place: 1 })
    .to(flow.stage(Pass, undefined, { name: 'plain' }))
    .to(flow.stage(Pass, undefined, { name: 'parallel', parallel: 2, ordered: random.below(2) === 0 }))
    .to(flow.stage(Note, name, { place: 'host' }));
  const job = await flow.run(system);
  const killed = await killAtRandom(random, system, ledger, KILLS);
  const { recoveries, outcome } = await job.done;
  expect(outcome).toBe('done');
  expect(killed).toBe(KILLS);
  expect(recoveries).toBeGreaterThan(0);
  checkAll(ledger);
  // Else nothing was at stake.
  expect(ledger.processed).toBeGreaterThan(ITEMS);
});

/** Pipelines between a source and the sinks of one ledger. */
const shapes = {
  'a plain one': (flow, name) => numbersOf(flow).to(passed(flow, 1)).to(passed(flow, 2)).to(noteOf(flow, name)),
  'parallel instances, unordered': (flow, name) =>
    numbersOf(flow)
      .to(flow.stage(Uneven, undefined, { parallel: 3 }))
      .to(noteOf(flow, name)),
  'parallel instances, ordered': (flow, name) =>
    numbersOf(flow)
      .to(flow.stage(Uneven, undefined, { parallel: 3, ordered: true }))
      .to(noteOf(flow, name)),
  'two ordered ones into one input': (flow, name) => {
    const deal = numbersOf(flow).to(flow.stage(Deal, undefined, { outputs: 2 }));
    const sink = noteOf(flow, name);
    for (const out of deal.out) out.to(flow.stage(Uneven, undefined, { parallel: 2, ordered: true })).to(sink);
  },
  'several sinks': (flow, name) => {
    const deal = numbersOf(flow).to(flow.stage(Deal, undefined, { outputs: 3 }));
    for (const out of deal.out) out.to(noteOf(flow, name));
  },
  'a sink of windows, which takes its time': (flow, name) =>
    numbersOf(flow)
      .to(passed(flow, 2))
      .to(flow.stage(NoteLater, name, { place: 'host' })),
  'parallel sinks': (flow, name) =>
    numbersOf(flow)
      .to(flow.stage(Pass))
      .to(flow.stage(Note, name, { place: 'host', parallel: 2 })),
  'a last stage whose output nobody wants': (flow, name) =>
    numbersOf(flow)
      .to(flow.stage(Pass))
      .to(flow.stage(Effect, name, { place: 'host' }))
      .out.discard(),
  'an output that nobody wants': (flow, name) => {
    const words = numbersOf(flow).to(flow.stage(Words));
    words.out.numbers.to(noteOf(flow, name));
    words.out.words.discard();
  },
  'a source that takes its time': (flow, name) =>
    flow.stage(Dawdling, COUNT, { place: 'host' }).to(passed(flow, 1)).to(passed(flow, 2)).to(noteOf(flow, name)),
  'items of the host': (flow, name) =>
    flow
      .from(
        Array.from({ length: COUNT }, (_, n) => n),
        u32,
      )
      .to(passed(flow, 1))
      .to(passed(flow, 2))
      .to(noteOf(flow, name)),
  'items that the host waits for': (flow, name) =>
    flow.from(slowly(), u32).to(passed(flow, 1)).to(passed(flow, 2)).to(noteOf(flow, name)),
} satisfies Record<string, (flow: ReturnType<typeof pipeline>, ledger: string) => unknown>;

const COUNT = 5_000;
type Flow = ReturnType<typeof pipeline>;
const numbersOf = (flow: Flow) => flow.stage(Numbers, COUNT);
const passed = (flow: Flow, place: number) => flow.stage(Pass, undefined, { place });
const noteOf = (flow: Flow, name: string) => flow.stage(Note, name, { place: 'host' });

async function* slowly(): AsyncGenerator<number> {
  for (let n = 0; n < COUNT; n++) {
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    yield n;
  }
}

describe('every item is processed although threads die at random, of', () => {
  it.each(Object.entries(shapes))('%s', async (_, draw) => {
    const random = randomOfTest();
    const system = await lease({ threads: 2, strict: false });
    const [name, ledger] = newLedger(COUNT);
    const flow = pipeline('shape', { acknowledged: true });
    draw(flow, name);
    const job = await flow.run(system);
    const killed = await killAtRandom(random, system, ledger, 4);
    const { outcome, recoveries } = await job.done;
    expect(outcome).toBe('done');
    checkAll(ledger);
    expect(killed).toBeGreaterThan(0);
    expect(recoveries).toBeGreaterThan(0);
  });
});

describe('the death of a thread whose stage has ended, while others have not,', () => {
  const begin = async (acknowledged: boolean) => {
    const system = await lease({ threads: 1, strict: false });
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const got = new Set<number>();
    const take = async (n: number): Promise<void> => {
      await opened;
      got.add(n);
    };
    const flow = pipeline('last', { acknowledged });
    flow.stage(Numbers, 10, { place: 1 }).to(flow.into(take, u32));
    const job = await flow.run(system);
    await until(() => job.counters().stages['Numbers']!.emitted === 10);
    await quiet(system);
    await system.terminate(1);
    open();
    return { job, got };
  };

  it('has the job begin again: what it had sent last may have been lost', async () => {
    const { job, got } = await begin(true);
    expect(await job.done).toMatchObject({ outcome: 'done', recoveries: 1 });
    expect(got.size).toBe(10);
  });

  it('ends a job that is not acknowledged', async () => {
    const { job } = await begin(false);
    await expect(job.done).rejects.toMatchObject({ code: 'HEDDLE_STAGE_FAILED', stage: 'Numbers' });
  });
});

it('all workers at once, and the thread of the source again and again while the job begins anew', async () => {
  const system = await lease({ threads: 3 });
  const [name, ledger] = newLedger(100_000);
  const flow = pipeline('all', { acknowledged: true });
  flow
    .stage(Numbers, 100_000, { place: 1 })
    .to(flow.stage(Pass, undefined, { place: 2 }))
    .to(flow.stage(Pass, undefined, { place: 3, name: 'other' }))
    .to(flow.stage(Note, name, { place: 'host' }));
  const job = await flow.run(system);
  await until(() => ledger.distinct > 10_000);
  await Promise.all([1, 2, 3].map((thread) => system.terminate(thread)));
  for (let death = 0; death < 5; death++) await system.terminate(1);
  const { recoveries } = await job.done;
  checkAll(ledger);
  expect(recoveries).toBeGreaterThan(0);
});

it('a job that was told to drain does so although a thread dies', async () => {
  const system = await lease({ threads: 2 });
  const [name, ledger] = newLedger(4_000_000_000 / 1_000);
  const flow = pipeline('drained', { acknowledged: true });
  flow
    .stage(Numbers, 2 ** 32 - 1, { place: 1 })
    .to(flow.stage(Uneven, undefined, { place: 2 }))
    .to(flow.stage(Note, name, { place: 'host' }));
  const job = await flow.run(system);
  await until(() => ledger.distinct > 5_000);
  const [report] = await Promise.all([job.stop(), system.terminate(2)]);
  expect(report).toMatchObject({ outcome: 'stopped', recoveries: 1 });
  // All that it had emitted, from the first to the last.
  expect(ledger.times.subarray(0, ledger.distinct).indexOf(0)).toBe(-1);
  expect(ledger.strange).toBe(0);
});

it('a job that is stopped while it begins again leaves nothing', async () => {
  const system = await lease({ threads: 2 });
  const actors = (): number => system.counters().threads.reduce((sum, thread) => sum + thread.actors, 0);
  for (let round = 0; round < 5; round++) {
    const [name, ledger] = newLedger(5_000_000);
    const flow = pipeline('stopped', { acknowledged: true });
    flow
      .stage(Numbers, 5_000_000)
      .to(flow.stage(Pass))
      .to(flow.stage(Note, name, { place: 'host' }));
    const job = await flow.run(system);
    await until(() => ledger.distinct > 1_000);
    const terminated = system.terminate(1 + (round % 2));
    for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect((await job.stop({ mode: 'now' })).outcome).toBe('stopped');
    await terminated;
    await until(() => actors() === 0);
  }
});

describe('a job that cannot begin again fails, and names the stage', () => {
  it('because of its source', async () => {
    const system = await lease({ threads: 2 });
    const [name, ledger] = newLedger(5_000_000);
    const flow = pipeline('once', { acknowledged: true });
    flow
      .stage(Once, undefined, { place: 1 })
      .to(flow.stage(Pass, undefined, { place: 2 }))
      .to(noteOf(flow, name));
    const job = await flow.run(system);
    await until(() => ledger.distinct > 1_000);
    await system.terminate(2);
    await expect(job.done).rejects.toMatchObject({
      code: 'HEDDLE_STAGE_FAILED',
      stage: 'Once',
      message: expect.stringMatching(/^stage Once cannot go on: \d+ is gone for good/),
    });
  });

  it('because of an item that cannot be processed after that either', async () => {
    const system = await lease({ threads: 2 });
    const [name, ledger] = newLedger(100_000);
    const flow = pipeline('fails', { acknowledged: true });
    flow
      .stage(Numbers, 100_000, { place: 1 })
      .to(flow.stage(Fails, { at: 90_000 }, { place: 2 }))
      .to(noteOf(flow, name));
    const job = await flow.run(system);
    await until(() => ledger.distinct > 1_000);
    await system.terminate(2);
    await expect(job.done).rejects.toMatchObject({ code: 'HEDDLE_STAGE_FAILED', stage: 'Fails', id: 90_000 });
  });
});

describe.each([1, 2])('a job that is not acknowledged ends when thread %i dies', (victim) => {
  it('and says which stage was there', async () => {
    const system = await lease({ threads: 2 });
    const flow = pipeline('lost');
    const deal = flow
      .stage(Numbers, 2 ** 32 - 1, { place: 1 })
      .to(flow.stage(Deal, undefined, { place: 2, outputs: 2 }));
    const collect = flow.stage(Collect, undefined, { place: 'host', inputs: 2 });
    for (const [index, out] of deal.out.entries()) out.to(collect.in[index]!);
    const job = await flow.run(system, { output: collect.out });
    let count = 0;
    const reading = (async () => {
      for await (const _ of job.output) if (++count === 1_000) void system.terminate(victim);
    })();
    const failure = {
      code: 'HEDDLE_STAGE_FAILED',
      stage: victim === 1 ? 'Numbers' : 'Deal',
      cause: expect.objectContaining({ code: 'HEDDLE_THREAD_LOST' }),
    };
    await expect(job.done).rejects.toMatchObject(failure);
    await expect(reading).rejects.toMatchObject(failure);
    await expect(job.stop()).rejects.toMatchObject(failure);
  });
});
