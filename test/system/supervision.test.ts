/** Supervisors and their children on real threads: whoever ends is started again where it was, and callers notice little. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Problem, refKey, type System, sameRef } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Client } from '../actors/client.js';
import { Late, LateTree } from '../actors/late.js';
import {
  BoundedWard,
  Bounding,
  Crew,
  Jobs,
  Lenient,
  OneForAll,
  OneForOne,
  RESTARTS,
  RestForOne,
  StrictTree,
  Tree,
  Ward,
} from '../actors/ward.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';
import {
  actorsOf,
  childrenOf,
  phasesOf,
  plansOf,
  restartsOf,
  totalsOf,
  type WardRef,
  wardsOf,
} from '../support/wards.js';

const HOST = 0;
/** Where the supervisor is, and where its children are. */
const PLACES = [
  ['on the host', HOST, HOST],
  ['on the host, of a worker', HOST, 1],
  ['on a worker', 1, 1],
  ['on a worker, of the host', 1, HOST],
  ['on a worker, of another', 2, 1],
] as const;

const epochOf = (system: System, thread: number): number => system.counters().threads[thread]!.epoch;
const replaced = (system: System, thread: number, epoch: number): Promise<void> =>
  until(() => epochOf(system, thread) === epoch && system.counters().threads[thread]!.state === 'running');
const isEnded = async (system: System, ref: WardRef): Promise<boolean> =>
  (await system.stopped(ref)).reason !== 'no-such-actor';

/** Reads problems until there is one of a kind. */
const nextProblem = async (problems: AsyncIterator<Problem>, kind: Problem['kind']): Promise<Problem> => {
  for (;;) {
    const { value, done } = await problems.next();
    if (done === true) throw new Error('the system has ended');
    if (value.kind === kind) return value;
  }
};

describe.each(PLACES)('supervisors %s', (_, place, of) => {
  it.each([
    ['one for one', OneForOne, [1, 0, 1], 1],
    ['one for all', OneForAll, [0, 0, 0], 3],
    ['the rest for one', RestForOne, [1, 0, 0], 2],
  ])(
    'start %s again, under the refs that they had, with what waits for them',
    async (_name, supervisor, totals, restarts) => {
      const system = await start({ threads: 2 });
      const ref = await system.spawn(supervisor, plansOf('ward', 3, [of]), { place });
      const wards = await wardsOf(system, ref);
      for (const ward of wards) ward.count();
      expect(await totalsOf(wards)).toEqual([1, 1, 1]);
      wards[1]!.fail();
      await until(() => restartsOf(system) === restarts);
      expect(await totalsOf(wards)).toEqual(totals);
      expect((await childrenOf(ref)).map(refKey)).toEqual(wards.map(refKey));
      // Those behind the failure are for the next life.
      for (const message of ['count', 'fail', 'count', 'count'] as const) wards[2]![message]();
      expect(await wards[2]!.total()).toBe(2);
      await system.stop(ref);
      expect(actorsOf(system)).toBe(0);
      expect(await finish(system)).toMatchObject({ lost: 2, dead: 0 });
    },
  );

  it('give up after too many restarts, and take their children along', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(OneForOne, plansOf('ward', 2, [of], true), { place });
    const [ward] = await wardsOf(system, ref);
    for (let failure = 0; failure < RESTARTS; failure++) {
      ward!.fail();
      expect(await ward!.total()).toBe(0);
    }
    expect(system.names().sort()).toEqual(['ward0', 'ward1']);
    const ended = system.stopped(ref);
    ward!.fail();
    expect(await ended).toMatchObject({ reason: 'failed', detail: expect.stringContaining('restarts') });
    expect(actorsOf(system)).toBe(0);
    expect(system.names()).toEqual([]);
  });

  it('begin again themselves, with children of their own, under a supervisor', async () => {
    const system = await start({ threads: 2 });
    const tree = await system.spawn(StrictTree, [{ place, wards: plansOf('ward', 2, [of], true) }], { place: HOST });
    const branches = async () => (await childrenOf(tree)).map((branch) => system.typed(OneForOne, branch));
    const [branch] = await branches();
    const [ward, sibling] = await wardsOf(system, branch!);
    for (let failure = 0; failure <= RESTARTS; failure++) {
      ward!.fail();
      if (failure < RESTARTS) expect(await ward!.total()).toBe(0);
    }
    expect(await system.stopped(sibling!)).toMatchObject({ reason: expect.stringMatching(/stopped|no-such-actor/) });
    const again = await wardsOf(system, branch!);
    expect(again.map((one) => sameRef(one, ward!) || sameRef(one, sibling!))).toEqual([false, false]);
    expect(await totalsOf(again)).toEqual([0, 0]);
    expect((await branches()).map(refKey)).toEqual([refKey(branch!)]);
    await system.stop(tree);
    expect(actorsOf(system)).toBe(0);
  });

  it('are spawned by actors of a worker as by the host', async () => {
    const system = await start({ threads: 2 });
    const client = await system.spawn(Client, undefined, { place: 2 });
    const ref = await client.supervise({ place, wards: plansOf('ward', 1, [of]) });
    const [ward] = await wardsOf(system, ref);
    ward!.count();
    ward!.fail();
    expect(await client.total({ ward: ward! })).toBe(0);
    expect(await ward!.thread()).toBe(of);
  });
});

describe('dynamic supervisors', () => {
  it.each([HOST, 1, 2])('start children on another thread when they are asked to (from thread %i)', async (place) => {
    const system = await start({ threads: 2 });
    const crew = await system.spawn(Crew, undefined, { place });
    const wards = await Promise.all(['a', 'b', 'c'].map((id) => crew.add({ id, args: undefined })));
    wards[1]!.fail();
    expect(await wards[1]!.total()).toBe(0);
    expect((await childrenOf(crew)).map(refKey)).toEqual(wards.map(refKey));
    expect(await crew.terminate({ id: 'a' })).toBe('a');
    expect((await crew.children()).map(({ id }) => id)).toEqual(['b', 'c']);
    expect(await isEnded(system, wards[0]!)).toBe(false);
    await system.terminate(1);
    if (place === 1) return;
    expect(await client(system, wards[1]!)).toBe(0);
  });

  it('try a task again until it succeeds, and forget it then', async () => {
    const system = await start({ threads: 1 });
    const jobs = await system.spawn(Jobs);
    const job = await jobs.add({ args: { id: 'hard', enough: RESTARTS + 1 } });
    expect(await system.stopped(job)).toMatchObject({ reason: expect.stringMatching(/stopped|no-such-actor/) });
    await until(() => actorsOf(system) === 1);
    expect(restartsOf(system)).toBe(RESTARTS);
    expect(await jobs.children()).toEqual([]);
  });

  it('give up with a task that never succeeds', async () => {
    const system = await start({ threads: 1 });
    const jobs = await system.spawn(Jobs);
    const ended = system.stopped(jobs);
    // The supervisor may be gone before it can answer.
    await jobs.add({ args: { id: 'hopeless', enough: Number.POSITIVE_INFINITY } }).catch(() => undefined);
    expect(await ended).toMatchObject({ reason: 'failed' });
    expect(restartsOf(system)).toBe(RESTARTS);
    expect(actorsOf(system)).toBe(0);
  });
});

/** Asks a ward that may not yet be there again. */
const client = async (system: System, ward: WardRef): Promise<number> =>
  (await system.spawn(Client, undefined, { place: 'host' })).total({ ward });

describe.each([
  ['the host', HOST],
  ['a worker', 2],
])('a supervisor on %s whose children lose their thread', (_, place) => {
  it('starts them again on its replacement, under the refs and names that they had', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(OneForOne, plansOf('ward', 2, [1], true), { place });
    const wards = await wardsOf(system, ref);
    for (let epoch = 1; epoch <= RESTARTS; epoch++) {
      const told = wards.map((ward) => ward.count());
      expect(told).toHaveLength(2);
      expect(await totalsOf(wards)).toEqual([1, 1]);
      await system.terminate(1);
      expect(await Promise.all(wards.map((ward) => client(system, ward)))).toEqual([0, 0]);
      expect(await Promise.all(wards.map((ward) => ward.thread()))).toEqual([1, 1]);
      expect(epochOf(system, 1)).toBe(epoch);
      expect(wards.map((ward, index) => sameRef(ward, system.whereIs(Ward, `ward${index}`)!))).toEqual([true, true]);
    }
    await system.stop(ref);
    expect(actorsOf(system)).toBe(2 * RESTARTS);
    expect(system.names()).toEqual([]);
  });

  it('counts one death once for all of them', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(OneForOne, plansOf('ward', 10, [1]), { place });
    const wards = await wardsOf(system, ref);
    for (let death = 1; death <= RESTARTS; death++) {
      await system.terminate(1);
      await until(() => restartsOf(system) === death * wards.length);
      expect(await Promise.all(wards.map((ward) => client(system, ward)))).toEqual(wards.map(() => 0));
    }
    const ended = system.stopped(ref);
    await system.terminate(1);
    expect(await ended).toMatchObject({ reason: 'failed' });
  });

  it('restarts others with them, by its strategy', async () => {
    const system = await start({ threads: 2 });
    const plans = [...plansOf('first', 1, [HOST]), ...plansOf('lost', 2, [1]), ...plansOf('last', 1, [HOST])];
    const ref = await system.spawn(RestForOne, plans, { place });
    const wards = await wardsOf(system, ref);
    for (const ward of wards) ward.count();
    expect(await totalsOf(wards)).toEqual([1, 1, 1, 1]);
    await system.terminate(1);
    await until(() => restartsOf(system) === 3);
    expect(await Promise.all(wards.map((ward) => client(system, ward)))).toEqual([1, 0, 0, 0]);
  });

  it('starts a ward no third time that has ended its thread twice', async () => {
    const system = await start({ threads: 2 });
    const problems = system.problems[Symbol.asyncIterator]();
    const ref = await system.spawn(OneForOne, plansOf('ward', 2, [1], true), { place });
    const [poison, sibling] = await wardsOf(system, ref);
    poison!.exit();
    expect(await client(system, poison!)).toBe(0);
    const ended = system.stopped(poison!);
    poison!.exit();
    expect((await nextProblem(problems, 'poison')).error).toMatchObject({
      message: expect.stringContaining('Ward.exit'),
    });
    expect(await ended).toMatchObject({
      reason: 'thread-lost',
      error: { culprit: { actor: 'Ward', message: 'exit' } },
    });
    expect(await client(system, sibling!)).toBe(0);
    expect((await phasesOf(ref))[0]).toBe('terminated');
    expect(system.counters().threads[place]!.poisoned).toBe(1);
    expect(restartsOf(system)).toBe(3);
    expect(system.names()).toEqual(['ward1']);
    await expect(poison!.total()).rejects.toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    // Somebody who wants it nevertheless may have it.
    const again = system.typed(Ward, await ref.restart({ id: 'ward0' }));
    expect(await again.total()).toBe(0);
    expect(await finish(system)).toMatchObject({ lost: 2 });
  });

  it('does so too with one that loops, and is ended by the watchdog', async () => {
    const system = await start({ threads: 2 });
    const problems = system.problems[Symbol.asyncIterator]();
    const ref = await system.spawn(Bounding, plansOf('ward', 1, [1]), { place });
    const [first, sibling] = await wardsOf(system, ref);
    const looper = system.typed(BoundedWard, first!);
    looper.loop();
    expect(await client(system, first!)).toBe(0);
    looper.loop();
    expect((await nextProblem(problems, 'poison')).error.message).toContain('BoundedWard.loop');
    expect(await client(system, sibling!)).toBe(0);
    expect((await phasesOf(ref))[0]).toBe('terminated');
    expect(system.counters().threads[place]!.poisoned).toBe(1);
    expect(epochOf(system, 1)).toBe(2);
  });
});

describe('a supervisor that loses its own thread', () => {
  it('is started again by its own, and its children with it, wherever they are', async () => {
    const system = await start({ threads: 3 });
    const tree = await system.spawn(Tree, [{ place: 2, wards: plansOf('ward', 4, [HOST, 1, 2, 3], true) }], {
      place: HOST,
    });
    const branch = system.typed(Lenient, (await childrenOf(tree))[0]!);
    for (let epoch = 1; epoch <= 3; epoch++) {
      const before = await wardsOf(system, branch);
      const ends = before.map((ward) => system.stopped(ward));
      // Those who answer know who wants to be told.
      await totalsOf(before);
      await system.terminate(2);
      const reasons = (await Promise.all(ends)).map(({ reason }) => reason);
      expect(reasons).toEqual(['stopped', 'stopped', 'thread-lost', 'stopped']);
      await until(() => system.names().length === before.length);
      const after = await wardsOf(system, branch);
      const keys = new Set(before.map(refKey));
      expect(after.filter((ward) => keys.has(refKey(ward)))).toEqual([]);
      expect(await totalsOf(after)).toEqual([0, 0, 0, 0]);
      expect(epochOf(system, 2)).toBe(epoch);
    }
    await system.stop(tree);
    expect(actorsOf(system)).toBe(0);
    expect(system.names()).toEqual([]);
  });

  it('gives names to its new children that some of the former have not ended to bear', async () => {
    const system = await start({ threads: 2 });
    const tree = await system.spawn(StrictTree, [{ place: 1, wards: plansOf('ward', 1, [2], true) }], { place: HOST });
    const former = system.whereIs(Ward, 'ward0')!;
    former.hold();
    await until(() => system.counters().threads[2]!.underway === 1);
    await system.terminate(1);
    const found = () => system.whereIs(Ward, 'ward0');
    const isReplaced = (): boolean => {
      const ward = found();
      return ward !== undefined && !sameRef(ward, former);
    };
    await Promise.race([until(isReplaced), system.stopped(tree)]);
    expect(await found()?.total()).toBe(0);
    expect(isReplaced()).toBe(true);
    await system.kill(former);
    expect(isReplaced()).toBe(true);
    expect(await finish(system)).toMatchObject({ lost: 1 });
  });

  it('does not get children back whose next life waited for its module', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-'));
    const guard = join(folder, 'guard');
    const system = await start({ threads: 2, env: { ...process.env, HEDDLE_TEST_GUARD: guard } });
    const tree = await system.spawn(LateTree, undefined, { place: HOST });
    const former = system.whereIs(Late, 'late')!;
    await writeFile(guard, '');
    await system.terminate(1);
    await until(() => existsSync(`${guard}-met`));
    await system.terminate(2);
    // Whoever answers has heard of that.
    expect(await (await system.spawn(Account, 'ann', { place: 1 })).balance()).toBe(0);
    await rm(guard);
    const found = () => system.whereIs(Late, 'late');
    await Promise.race([until(() => found() !== undefined), system.stopped(tree)]);
    expect(await found()?.thread()).toBe(1);
    expect(sameRef(found()!, former)).toBe(false);
    await rm(folder, { recursive: true });
    expect(await finish(system)).toMatchObject({ quiet: true });
  });

  it('ends with all that is its when nobody supervises it', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(OneForOne, plansOf('ward', 3, [HOST, 1, 2], true), { place: 2 });
    const wards = await wardsOf(system, ref);
    await system.terminate(2);
    expect((await system.stopped(ref)).reason).toBe('thread-lost');
    await Promise.all(wards.map((ward) => system.stopped(ward)));
    await until(() => actorsOf(system) === 0);
    expect(system.names()).toEqual([]);
  });

  it('is started again where both it and its supervisor were', async () => {
    const system = await start({ threads: 2 });
    const top = await system.spawn(Tree, [{ place: 1, wards: plansOf('ward', 2, [1]) }], { place: 2 });
    const branch = system.typed(Lenient, (await childrenOf(top))[0]!);
    await Promise.all([1, 1, 1].map(() => system.terminate(1)));
    await replaced(system, 1, epochOf(system, 1));
    await until(() => restartsOf(system) > 0);
    const wards = await wardsOf(system, branch);
    expect(await totalsOf(wards)).toEqual([0, 0]);
  });
});

describe('while the host is blocked', () => {
  /** Longer than anything takes; only a test that fails waits for it. */
  const NEVER_MS = 30_000;

  it('by a wait, a worker starts the children of another again, and others call them', async () => {
    const system = await start({ threads: 2 });
    const told = await system.share(new SharedArrayBuffer(4));
    const words = new Int32Array(told.buffer);
    const ref = await system.spawn(OneForOne, plansOf('ward', 10, [1], true), { place: 2 });
    const caller = await system.spawn(Client, undefined, { place: 2 });
    const wards = await wardsOf(system, ref);
    for (const ward of wards) ward.count();
    expect(await totalsOf(wards)).toEqual(wards.map(() => 1));
    for (const ward of wards) caller.awaitLife({ ward, told });
    wards[0]!.exit();
    await system.flush(caller).catch(() => undefined);
    // Nothing of the host runs until all have been called again.
    let seen = 0;
    while (seen < wards.length) {
      expect(Atomics.wait(words, 0, seen, NEVER_MS)).not.toBe('timed-out');
      seen = Atomics.load(words, 0);
    }
    expect(restartsOf(system)).toBe(wards.length);
    expect(await totalsOf(wards)).toEqual(wards.map(() => 0));
  });

  it('by a loop, death after death', async () => {
    const system = await start({ threads: 2 });
    const ref = await system.spawn(Lenient, plansOf('ward', 3, [1]), { place: 2 });
    const wards = await wardsOf(system, ref);
    for (let death = 1; death <= 5; death++) {
      wards[death % wards.length]!.exit();
      await new Promise((resolve) => setImmediate(resolve));
      while (restartsOf(system) < death * wards.length) Math.random();
      expect(epochOf(system, 1)).toBe(death);
      expect(await Promise.all(wards.map((ward) => client(system, ward)))).toEqual([0, 0, 0]);
    }
  });
});
