/** Supervisors on cores without threads, under a clock that the test sets. */
import { describe, expect, it } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import { type AnyRef, refKey, sameRef } from '../../src/actor/ref.js';
import { i32 } from '../../src/messages/fields.js';
import { call } from '../../src/messages/protocol.js';
import { child } from '../../src/supervision/child-spec.js';
import { defineDynamicSupervisor, defineSupervisor } from '../../src/supervision/supervisor.js';
import { defineTask } from '../../src/supervision/task.js';
import { makeCores } from '../support/cores.js';

let log: string[] = [];
/** How often an `init` fails from now on, by name. */
const failures = new Map<string, number>();

const Worker = defineActor(import.meta.url, 'Worker', {
  protocol: {
    count: {},
    fail: {},
    hold: {},
    total: call({}, i32),
  },
  init: (_, name: string) => {
    const left = failures.get(name) ?? 0;
    log.push(`${name} init`);
    if (left > 0) {
      failures.set(name, left - 1);
      throw new Error(`${name} cannot start`);
    }
    return { name, total: 0 };
  },
  on: {
    count(state) {
      state.total++;
    },
    fail({ name }) {
      throw new Error(`${name} is broken`);
    },
    hold: () => new Promise(() => undefined),
    total: (state) => state.total,
  },
  stopped: ({ name }, { reason }) => void log.push(`${name} stopped ${reason}`),
  restarting: ({ name, total }, { reason }) => void log.push(`${name} restarting ${reason} with ${total}`),
});
type WorkerRef = RefOf<typeof Worker>;

interface Setting {
  readonly names: readonly string[];
  readonly place: number;
}
const workers = ({ names, place }: Setting) => names.map((name) => child(name, Worker, name, { place, name }));

const OneForOne = defineSupervisor(import.meta.url, 'OneForOne', { children: workers });
const OneForAll = defineSupervisor(import.meta.url, 'OneForAll', { strategy: 'one-for-all', children: workers });
const RestForOne = defineSupervisor(import.meta.url, 'RestForOne', { strategy: 'rest-for-one', children: workers });
const Patient = defineSupervisor(import.meta.url, 'Patient', {
  backOff: { minMs: 100, jitter: 0 },
  children: workers,
});
const Tree = defineSupervisor(import.meta.url, 'Tree', {
  children: (setting: Setting) => [child('branch', OneForOne, setting, { place: 0 })],
});
const Pool = defineDynamicSupervisor(import.meta.url, 'Pool', { child: Worker, restart: 'transient', maxChildren: 3 });
const Job = defineTask(import.meta.url, 'Job', async (_, { name, fails }: { name: string; fails: boolean }) => {
  log.push(`${name} runs`);
  await Promise.resolve();
  if (fails) throw new Error('no');
});
const Jobs = defineDynamicSupervisor(import.meta.url, 'Jobs', { child: Job, restart: 'transient' });

const setUp = () => {
  log = [];
  failures.clear();
  const cores = makeCores(1);
  const host = cores.all[0]!;
  const find = (name: string): WorkerRef => host.whereIs(Worker, name) as WorkerRef;
  return { ...cores, host, find };
};

const NAMES = ['a', 'b', 'c'];
const PLACES = [
  ['on one thread', 0],
  ['across threads', 1],
] as const;

describe.each(PLACES)('supervisors %s', (_, place) => {
  it('start their children in order, and end them in reverse', async () => {
    const { host, settled } = setUp();
    const supervisor = await settled(host.spawn(OneForOne, { names: NAMES, place }));
    expect(log).toEqual(['a init', 'b init', 'c init']);
    expect(host.namesInUse().sort()).toEqual(NAMES);
    log = [];
    await settled(host.stop(supervisor));
    expect(log).toEqual(['c stopped stopped', 'b stopped stopped', 'a stopped stopped']);
    expect(host.namesInUse()).toEqual([]);
  });

  it('are not born when a child cannot start, and leave nothing', async () => {
    const { all, host, settled } = setUp();
    failures.set('b', 1);
    await expect(settled(host.spawn(OneForOne, { names: NAMES, place }))).rejects.toMatchObject({
      code: 'HEDDLE_ACTOR_FAILED',
    });
    expect(log).toEqual(['a init', 'b init', 'a stopped stopped']);
    expect(all.map(({ table }) => table.count)).toEqual([0, 0]);
  });

  it('start a child again under its ref, with its unread mailbox', async () => {
    const { host, settle, settled, find } = setUp();
    await settled(host.spawn(OneForOne, { names: NAMES, place }));
    const worker = find('b');
    const key = refKey(worker);
    worker.count({});
    worker.fail({});
    worker.count({});
    worker.count({});
    log = [];
    await settle();
    expect(log).toEqual(['b restarting failed with 1', 'b init']);
    expect(await settled(worker.total())).toBe(2);
    expect(refKey(find('b'))).toBe(key);
  });

  it('restart all for one, in order, and keep what waits', async () => {
    const { host, settle, settled, find } = setUp();
    await settled(host.spawn(OneForAll, { names: NAMES, place }));
    const [first, failing] = [find('a'), find('b')];
    failing.fail({});
    first.count({});
    log = [];
    await settle();
    expect(log.filter((line) => line.endsWith('init'))).toEqual(['a init', 'b init', 'c init']);
    expect(log.filter((line) => line.includes('restarting'))).toHaveLength(3);
    expect(log.some((line) => line.includes(' stopped stopped'))).toBe(false);
    expect(log).toContain('a restarting stopped with 1');
  });

  it('restart the rest for one', async () => {
    const { host, settle, settled, find } = setUp();
    await settled(host.spawn(RestForOne, { names: NAMES, place }));
    log = [];
    find('b').fail({});
    await settle();
    expect(log.filter((line) => line.endsWith('init'))).toEqual(['b init', 'c init']);
  });

  it('try again when a restart fails, and give up beyond their intensity', async () => {
    const { all, host, settle, settled, find } = setUp();
    const supervisor = await settled(host.spawn(OneForOne, { names: NAMES, place }));
    failures.set('b', 2);
    find('b').fail({});
    await settle();
    expect(log.filter((line) => line === 'b init')).toHaveLength(4);
    failures.set('b', 1);
    const end = host.stopped(supervisor);
    find('b').fail({});
    expect(await settled(end)).toMatchObject({ reason: 'failed' });
    expect(log.slice(-3)).toEqual(['c stopped stopped', 'b stopped failed', 'a stopped stopped']);
    expect(all.map(({ table }) => table.count)).toEqual([0, 0]);
    expect(host.namesInUse()).toEqual([]);
  });

  it('wait longer before each restart that did not help', async () => {
    const { host, settle, settled, advance, find } = setUp();
    await settled(host.spawn(Patient, { names: ['a'], place }));
    const worker = find('a');
    failures.set('a', 1);
    worker.fail({});
    await settle();
    log = [];
    await advance(99);
    expect(log).toEqual([]);
    await advance(2);
    expect(log).toEqual(['a restarting failed with 0', 'a init']);
    await advance(199);
    expect(log).toHaveLength(2);
    await advance(3);
    expect(log).toEqual(['a restarting failed with 0', 'a init', 'a init']);
  });

  it('keep messages that come while a child waits to be started', async () => {
    const { host, settle, settled, advance, find } = setUp();
    await settled(host.spawn(Patient, { names: ['a'], place }));
    const worker = find('a');
    worker.fail({});
    await settle();
    worker.count({});
    const total = worker.total({}, { timeoutMs: 1000 });
    await settle();
    expect(host.whereIs('a')).toBeUndefined();
    await advance(101);
    expect(await settled(total)).toBe(1);
    expect(host.whereIs('a')).toBeDefined();
  });

  it('end for good with a supervisor that ends while they wait', async () => {
    const { all, host, settle, settled, find } = setUp();
    const supervisor = await settled(host.spawn(Patient, { names: ['a'], place }));
    const worker = find('a');
    worker.fail({});
    await settle();
    worker.count({});
    await settle();
    log = [];
    await settled(host.stop(supervisor));
    expect(log).toEqual(['a stopped failed']);
    expect(all.map(({ table }) => table.count)).toEqual([0, 0]);
    await expect(settled(worker.total())).rejects.toMatchObject({
      code: expect.stringMatching(/ACTOR_STOPPED|NO_SUCH_ACTOR/),
    });
  });

  it('answer whoever stops a child when that life of it has ended', async () => {
    const { host, settle, settled, find } = setUp();
    await settled(host.spawn(OneForOne, { names: NAMES, place }));
    const flushed = host.flushTo(find('b'));
    expect(await settled(host.stop(find('b')))).toMatchObject({ reason: 'stopped' });
    await settled(flushed);
    await settle();
    expect(await settled(find('b').total())).toBe(0);
    expect(log.filter((line) => line.startsWith('b'))).toEqual(['b init', 'b stopped stopped', 'b init']);
  });

  it('supervise supervisors, which begin again with all that is theirs', async () => {
    const { host, settle, settled, find } = setUp();
    await settled(host.spawn(Tree, { names: NAMES, place }));
    for (let i = 0; i < 4; i++) {
      find('a').fail({});
      await settle();
    }
    expect(host.namesInUse().sort()).toEqual(NAMES);
    expect(log.filter((line) => line === 'c init')).toHaveLength(2);
    expect(await settled(find('c').total())).toBe(0);
  });

  it('start children on request, and let them be ended, started and forgotten', async () => {
    const { host, settled } = setUp();
    const supervisor = (await settled(host.spawn(OneForOne, { names: NAMES, place }))) as RefOf<typeof OneForOne>;
    const phases = async (): Promise<unknown> =>
      (await settled(supervisor.children())).map(({ id, phase }) => `${id} ${phase}`);
    expect(await settled(supervisor.terminate({ id: 'b' }))).toBe('b');
    expect(log.at(-1)).toBe('b stopped stopped');
    expect(await phases()).toEqual(['a running', 'b terminated', 'c running']);
    await settled(supervisor.restart({ id: 'b' }));
    expect(await phases()).toEqual(['a running', 'b running', 'c running']);
    await settled(supervisor.terminate({ id: 'b' }));
    await settled(supervisor.remove({ id: 'b' }));
    expect(await phases()).toEqual(['a running', 'c running']);
    await expect(settled(supervisor.terminate({ id: 'b' }))).rejects.toMatchObject({ code: 'HEDDLE_NO_SUCH_ACTOR' });
  });
});

describe('a supervisor on another thread than its child', () => {
  it('ends it also when it has just asked for its next life', async () => {
    const { all, host, settled, find } = setUp();
    const worker = all[1]!;
    const link = host.mesh.links[1]!;
    const supervisor = await settled(host.spawn(OneForOne, { names: ['a'], place: 1 }));
    find('a').fail({});
    const { number } = link;
    // Until the next life has been asked for, which the child's thread does not know yet.
    for (let turn = 0; turn < 10_000 && link.number === number; turn++) {
      worker.step();
      host.step();
    }
    expect(link.number).toBeGreaterThan(number);
    expect(await settled(host.stop(supervisor))).toMatchObject({ reason: 'stopped' });
    expect(all.map(({ table }) => table.count)).toEqual([0, 0]);
    expect(host.namesInUse()).toEqual([]);
  });
});

describe('dynamic supervisors', () => {
  it('start children when asked, up to their limit, and forget those that end', async () => {
    const { host, settle, settled } = setUp();
    const pool = (await settled(host.spawn(Pool))) as RefOf<typeof Pool>;
    const refs: AnyRef[] = [];
    for (const name of NAMES) refs.push(await settled(pool.add({ id: name, args: name })));
    await expect(settled(pool.add({ args: 'd' }))).rejects.toMatchObject({ code: 'HEDDLE_LIMIT_REACHED' });
    const worker = await settled(pool.children());
    expect(worker.map(({ ref }, index) => ref !== undefined && sameRef(ref, refs[index]!))).toEqual([true, true, true]);
    await settled(host.stop(refs[0]!));
    await settle();
    expect((await settled(pool.children())).map(({ id }) => id)).toEqual(['b', 'c']);
    const typed = await settled(pool.add({ id: 'e', args: 'e' }));
    expect(await settled(typed.total())).toBe(0);
  });

  it('run tasks until they are done', async () => {
    const { all, host, settle, settled } = setUp();
    const jobs = (await settled(host.spawn(Jobs))) as RefOf<typeof Jobs>;
    await settled(jobs.add({ args: { name: 'good', fails: false } }));
    await settle();
    await settle();
    expect(log).toEqual(['good runs']);
    expect(await settled(jobs.children())).toEqual([]);
    const end = host.stopped(jobs);
    await settled(jobs.add({ args: { name: 'bad', fails: true } }));
    expect(await settled(end)).toMatchObject({ reason: 'failed' });
    expect(log.filter((line) => line === 'bad runs')).toHaveLength(4);
    expect(all.map(({ table }) => table.count)).toEqual([0, 0]);
  });
});

describe('names', () => {
  it('refuse a second actor, and are free before the end is told', async () => {
    const { host, settled } = setUp();
    const one = await settled(host.spawn(Worker, 'one', { name: 'one', place: 1 }));
    await expect(settled(host.spawn(Worker, 'two', { name: 'one', place: 0 }))).rejects.toMatchObject({
      code: 'HEDDLE_ALREADY_REGISTERED',
    });
    expect(() => host.spawnNow(Worker, 'two', { name: 'one' })).toThrow(/another actor has this name/);
    await settled(host.stop(one));
    expect(host.whereIs('one')).toBeUndefined();
    await settled(host.spawn(Worker, 'two', { name: 'one', place: 0 }));
  });

  it('are found only when the actor has been born, and as what they are', async () => {
    const { all, host, settle, settled } = setUp();
    failures.set('bad', 1);
    await expect(settled(host.spawn(Worker, 'bad', { name: 'bad', place: 1 }))).rejects.toThrow();
    expect(host.whereIs('bad')).toBeUndefined();
    const ref = host.spawnNow(Worker, 'one', { name: 'one', place: 1 });
    expect(host.whereIs('one')).toBeUndefined();
    await settle();
    expect(sameRef(host.whereIs(Worker, 'one')!, ref)).toBe(true);
    expect(host.whereIs(Pool, 'one')).toBeUndefined();
    expect(refKey(all[1]!.whereIs('one')!)).toBe(refKey(ref));
    await settled(host.alias(ref, 'uno'));
    expect(host.namesInUse().sort()).toEqual(['one', 'uno']);
    expect(await settled(host.unalias(ref, 'one'))).toBe(true);
    expect(await settled(host.unalias(ref, 'one'))).toBe(false);
    await settled(host.stop(ref));
    expect(host.namesInUse()).toEqual([]);
    await expect(settled(host.alias(ref, 'late'))).rejects.toMatchObject({ code: 'HEDDLE_NO_SUCH_ACTOR' });
  });
});

describe.each(PLACES)('a message to a child that was started again %s', (_, place) => {
  it('finds it, whoever had the last one', async () => {
    const { all, host, settle, settled, find } = setUp();
    await settled(host.spawn(OneForOne, { names: ['a'], place }));
    const worker = find('a');
    worker.fail({});
    await settle();
    for (let count = 0; count < 3; count++) worker.count({});
    await settle();
    expect(await settled(worker.total())).toBe(3);
    const [fails, counts, totals] = [1, 3, 1];
    const handled = all.reduce((sum, { mesh }) => sum + mesh.books.floats[mesh.books.at('handled')]!, 0);
    expect(handled).toBe(counts + totals);
    expect(all.reduce((sum, { mesh }) => sum + mesh.books.floats[mesh.books.at('lost')]!, 0)).toBe(fails);
  });
});

describe.each(PLACES)('a barrier %s', (_, place) => {
  it('waits over a restart, and is answered when all is handled that came before', async () => {
    const { host, settle, settled, advance, find } = setUp();
    await settled(host.spawn(Patient, { names: ['a'], place }));
    const worker = find('a');
    worker.fail({});
    worker.count({});
    const flushed = host.flushTo(worker);
    await settle();
    await advance(101);
    await settled(flushed);
    expect(await settled(worker.total())).toBe(1);
  });
});
