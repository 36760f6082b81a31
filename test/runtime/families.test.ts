/** Hooks, children, watches and ends, on cores without threads: what happens is written down in order. */
import { describe, expect, it } from 'vitest';
import { type Definition, defineActor, type RefOf } from '../../src/actor/definition.js';
import type { Ended, SupervisionEvent } from '../../src/actor/family.js';
import type { AnyRef } from '../../src/actor/ref.js';
import { anyRef } from '../../src/actor/ref-fields.js';
import type { Self } from '../../src/actor/self.js';
import { any, i32, optional, text } from '../../src/messages/fields.js';
import { call, type Protocol } from '../../src/messages/protocol.js';
import type { Core } from '../../src/runtime/core.js';
import { makeCores } from '../support/cores.js';

/** What has happened, in order. */
let log: string[] = [];

interface Plan {
  readonly name: string;
  /** Hooks that fail, and those that wait until they are let go. */
  readonly fails?: readonly string[];
  readonly waits?: readonly string[];
}

const gates = new Map<string, () => void>();

const run = (plan: Plan, hook: string, note = ''): unknown => {
  log.push(`${plan.name} ${hook}${note === '' ? '' : ` ${note}`}`);
  const outcome = (): void => {
    if (plan.fails?.includes(hook) === true) throw new Error(`${hook} is broken`);
  };
  if (plan.waits?.includes(hook) !== true) return outcome();
  return new Promise<void>((resolve) => gates.set(`${plan.name} ${hook}`, resolve)).then(outcome);
};

const ended = ({ reason, detail }: Ended): string => `${reason} (${detail})`;
const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

const protocol = {
  note: { text },
  wait: { name: text },
  fail: {},
  sum: call({ a: i32, b: i32 }, i32),
  hang: call({}, i32),
  spawn: call({ plan: any<Plan>(), place: i32, shutdownMs: optional(i32) }, anyRef),
  watch: { who: anyRef },
  link: call({ who: anyRef }, i32),
  unlink: { who: anyRef },
  unwatch: {},
  stopChildren: call({}, i32),
} satisfies Protocol;

interface State {
  readonly plan: Plan;
  self: Self<typeof protocol>;
}

const make = (name: string, onSupervision: boolean): Definition<typeof protocol, Plan> =>
  defineActor(import.meta.url, name, {
    protocol,
    init: (self, plan: Plan): State | Promise<State> => {
      const result = run(plan, 'init');
      const state = { plan, self };
      return isPromise(result) ? result.then(() => state) : state;
    },
    on: {
      note: ({ plan }, message) => run(plan, `note ${message.text}`),
      wait: ({ plan }, message) => new Promise<void>((resolve) => gates.set(`${plan.name} ${message.name}`, resolve)),
      fail: ({ plan }) => {
        log.push(`${plan.name} fails`);
        throw new Error('broken');
      },
      sum: (_, { a, b }) => a + b,
      hang: () => new Promise<number>(() => undefined),
      spawn: async (_, { plan, place, shutdownMs }, self) =>
        await self.spawn(Member, plan, { place, link: true, ...(shutdownMs === undefined ? {} : { shutdownMs }) }),
      watch: (_, { who }, self) => void self.watch(who),
      link: async (_, { who }, self) => {
        await self.link(who);
        return self.children.length;
      },
      unlink: (_, { who }, self) => self.unlink(who),
      unwatch: () => undefined,
      stopChildren: async (_state, _message, self) => (await self.stopChildren()).length,
    },
    started: ({ plan }) => run(plan, 'started'),
    stopped: ({ plan }, end) => run(plan, 'stopped', ended(end)),
    ...(onSupervision
      ? {
          onSupervision: ({ plan }: State, { kind, ended: end }: SupervisionEvent) =>
            run(plan, 'onSupervision', `${kind} ${ended(end)}`),
        }
      : {}),
  });

const Member = make('Member', false);
const Parent = make('Parent', true);
type MemberRef = RefOf<typeof Member>;

/** Begins things in its last moments. */
const Restless = defineActor(import.meta.url, 'Restless', {
  protocol: { tick: {} },
  init: () => undefined,
  on: { tick: () => undefined },
  stopped: (_, _ended, self) => {
    self.after(10, 'tick');
    self.spawnNow(Member, { name: 'late' }, { link: true });
  },
});

const setUp = (workers = 1) => {
  log = [];
  gates.clear();
  const cores = makeCores(workers);
  const [host] = cores.all;
  const { settled } = cores;
  const spawn = async (plan: Plan, place = 0, definition = Member): Promise<MemberRef> =>
    (await settled(host!.spawn(definition, plan, { place }))) as MemberRef;
  const open = async (gate: string): Promise<void> => {
    gates.get(gate)!();
    gates.delete(gate);
    await new Promise((resolve) => setImmediate(resolve));
    await cores.settle();
  };
  return { ...cores, host: host as Core, spawn, open };
};

/** Actors of the host and of another thread do the same. */
const PLACES = [
  ['on one thread', 0],
  ['across threads', 1],
] as const;

describe('hooks', () => {
  it('run in their order around messages', async () => {
    const { host, spawn, settled } = setUp();
    const one = await spawn({ name: 'one' });
    one.note({ text: 'a' });
    await settled(host.drain(one));
    expect(log).toEqual(['one init', 'one started', 'one note a', 'one stopped drained (drained)']);
  });

  it('hold back messages as long as they wait', async () => {
    const { host, spawn, settle, settled, open } = setUp();
    const born = spawn({ name: 'one', waits: ['init', 'started', 'stopped'] });
    await settle();
    await open('one init');
    const one = await born;
    one.note({ text: 'a' });
    await settle();
    expect(log).toEqual(['one init', 'one started']);
    await open('one started');
    expect(log.at(-1)).toBe('one note a');
    const end = host.stop(one);
    await settle();
    expect(log.at(-1)).toBe('one stopped stopped (stopped)');
    expect(host.table.count).toBe(1);
    await open('one stopped');
    expect(await settled(end)).toEqual({ reason: 'stopped', detail: 'stopped' });
    expect(host.table.count).toBe(0);
  });

  it.each([
    ['init', 'a spawn that is rejected'],
    ['started', 'a failed actor'],
  ])('of %s that fail make %s', async (hook) => {
    const { host, spawn, settled } = setUp();
    const outcome = spawn({ name: 'one', fails: [hook] });
    if (hook === 'init') await expect(outcome).rejects.toMatchObject({ code: 'HEDDLE_ACTOR_FAILED' });
    else
      expect(await settled(host.stopped(await outcome))).toMatchObject({
        reason: expect.stringMatching(/failed|no-such-actor/),
      });
    expect(log.filter((line) => line.includes('stopped'))).toEqual(
      hook === 'init' ? [] : ['one stopped failed (started is broken)'],
    );
  });

  it.each(PLACES)(
    'of stopped may take their time, %s: who calls meanwhile hears how the actor ends',
    async (_, place) => {
      const { spawn, open, settle } = setUp();
      const one = await spawn({ name: 'one', waits: ['stopped'] }, place);
      const early = one.sum({ a: 1, b: 2 }).catch((error: unknown) => error);
      one.fail();
      const queued = one.sum({ a: 1, b: 2 }).catch((error: unknown) => error);
      await settle();
      const late = one.sum({ a: 1, b: 2 }).catch((error: unknown) => error);
      await settle();
      await open('one stopped');
      expect(await early).toBe(3);
      for (const told of [await queued, await late]) {
        expect(told).toMatchObject({ code: 'HEDDLE_ACTOR_FAILED', cause: { message: 'broken' } });
      }
    },
  );

  it('of stopped that fail make a normal end a failure', async () => {
    const { host, spawn, settled } = setUp();
    const one = await spawn({ name: 'one', fails: ['stopped'] });
    expect(await settled(host.stop(one))).toMatchObject({ reason: 'failed', detail: 'stopped is broken' });
  });

  it('of stopped do not run after a kill, and do after a failure', async () => {
    const { host, spawn, settled } = setUp();
    const [one, other] = [await spawn({ name: 'one' }), await spawn({ name: 'other' })];
    await settled(host.kill(one));
    other.fail();
    await settled(host.stopped(other));
    expect(log.filter((line) => line.includes('stopped'))).toEqual(['other stopped failed (broken)']);
  });

  it('have no effect any more when they end after their actor', async () => {
    const { host, spawn, settled, open } = setUp();
    const one = await spawn({ name: 'one', waits: ['started'], fails: ['started'] });
    await settled(host.kill(one));
    await open('one started');
    expect(host.mesh.tools.memory.f64[host.mesh.books.at('actorsFailed')]).toBe(0);
  });

  it('of stopped are waited for no longer than a deadline', async () => {
    const { host, spawn, settle, settled, advance } = setUp();
    const one = await spawn({ name: 'one', waits: ['stopped'] });
    const end = host.stop(one, { deadlineMs: 50 });
    await settle();
    await advance(49);
    expect(host.table.count).toBe(1);
    await advance(2);
    expect(await settled(end)).toMatchObject({ reason: 'killed' });
  });

  it('are ended by the earliest of several deadlines', async () => {
    const { host, spawn, settle, settled, advance } = setUp();
    const one = await spawn({ name: 'one', waits: ['stopped'] });
    const ends = [1000, 50, 2000].map((deadlineMs) => host.stop(one, { deadlineMs }));
    await settle();
    await advance(51);
    const detail = 'it took longer than 50 ms to end';
    expect(await settled(Promise.all(ends))).toEqual(ends.map(() => ({ reason: 'killed', detail })));
  });

  it('of stopped leave neither timers nor children behind', async () => {
    const { host, settled, advance } = setUp();
    await settled(host.stop(await settled(host.spawn(Restless))));
    const queued = host.mesh.books.at('queued');
    await advance(20);
    expect(host.mesh.books.floats[queued]).toBe(0);
    expect(host.table.count).toBe(0);
  });
});

describe.each(PLACES)('families %s', (_, place) => {
  it('end from the last child to the first, and then the parent', async () => {
    const { host, spawn, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    const child = (await settled(parent.spawn({ plan: { name: 'a' }, place }))) as MemberRef;
    await settled(parent.spawn({ plan: { name: 'b' }, place }));
    void child;
    log = [];
    await settled(host.stop(parent, { reason: 'enough' }));
    expect(log).toEqual([
      'b stopped stopped (its parent has ended)',
      'a stopped stopped (its parent has ended)',
      'parent stopped stopped (enough)',
    ]);
  });

  it('clean up also when the parent is killed', async () => {
    const { host, spawn, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    await settled(parent.spawn({ plan: { name: 'a' }, place }));
    log = [];
    expect(await settled(host.kill(parent))).toMatchObject({ reason: 'killed' });
    expect(log).toEqual(['a stopped stopped (its parent has ended)']);
  });

  it('end with a parent that fails', async () => {
    const { host, spawn, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    await settled(parent.spawn({ plan: { name: 'a' }, place }));
    log = [];
    parent.fail();
    await settled(host.stopped(parent));
    expect(log).toEqual(['parent fails', 'a stopped stopped (its parent has ended)', 'parent stopped failed (broken)']);
  });

  it('wait for each child within its own deadline, and kill it then', async () => {
    const { host, spawn, settle, settled, advance } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    await settled(parent.spawn({ plan: { name: 'a', waits: ['stopped'] }, place, shutdownMs: 20 }));
    await settled(parent.spawn({ plan: { name: 'b', waits: ['stopped'] }, place, shutdownMs: 30 }));
    log = [];
    const end = host.stop(parent);
    await settle();
    expect(log).toEqual(['b stopped stopped (its parent has ended)']);
    await advance(31);
    expect(log).toHaveLength(2);
    await advance(21);
    expect(await settled(end)).toMatchObject({ reason: 'stopped' });
    expect(log.at(-1)).toBe('parent stopped stopped (stopped)');
  });

  it('fail with a child that fails, unless they are told of it', async () => {
    const { host, spawn, settle, settled } = setUp();
    const strict = await spawn({ name: 'strict' }, 0);
    const lenient = await spawn({ name: 'lenient' }, 0, Parent);
    const a = (await settled(strict.spawn({ plan: { name: 'a' }, place }))) as MemberRef;
    const b = (await settled(lenient.spawn({ plan: { name: 'b' }, place }))) as MemberRef;
    log = [];
    for (const child of [a, b]) await settled(host.kill(child));
    await settle();
    expect(log).toContain('strict stopped failed (a child of Member has ended, thread=0 reason=killed detail=killed)');
    expect(log).toContain('lenient onSupervision child killed (killed)');
    expect(host.table.count).toBe(1);
  });

  it('outlive the normal end of a child', async () => {
    const { host, spawn, settle, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    const child = await settled(parent.spawn({ plan: { name: 'a' }, place }));
    await settled(host.stop(child));
    await settle();
    expect(await settled(parent.sum({ a: 1, b: 2 }))).toBe(3);
  });

  it('are left by a child that gets another parent', async () => {
    const { host, spawn, settle, settled } = setUp();
    const [first, second] = [await spawn({ name: 'first' }, 0), await spawn({ name: 'second' }, 0, Parent)];
    const child = await settled(first.spawn({ plan: { name: 'a' }, place }));
    expect(await settled(second.link({ who: child }))).toBe(1);
    log = [];
    await settled(host.stop(first));
    expect(log).toEqual(['first stopped stopped (stopped)']);
    await settled(host.stop(second));
    expect(log.slice(1)).toEqual(['a stopped stopped (its parent has ended)', 'second stopped stopped (stopped)']);
    await settle();
  });

  it('are left by a child that is given up', async () => {
    const { host, spawn, settle, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0);
    const child = await settled(parent.spawn({ plan: { name: 'a' }, place }));
    parent.unlink({ who: child });
    await settle();
    log = [];
    await settled(host.stop(parent));
    expect(log).toEqual(['parent stopped stopped (stopped)']);
  });

  it('stop all children on request', async () => {
    const { spawn, settled } = setUp();
    const parent = await spawn({ name: 'parent' }, 0, Parent);
    for (const name of ['a', 'b', 'c']) await settled(parent.spawn({ plan: { name }, place }));
    expect(await settled(parent.stopChildren())).toBe(3);
    expect(log.filter((line) => line.includes('onSupervision'))).toEqual([
      'parent onSupervision child stopped (stopped)',
      'parent onSupervision child stopped (stopped)',
      'parent onSupervision child stopped (stopped)',
    ]);
  });
});

describe.each(PLACES)('watches %s', (_, place) => {
  it('give one notice each, with the true reason', async () => {
    const { host, spawn, settle, settled } = setUp();
    const watcher = await spawn({ name: 'watcher' }, 0, Parent);
    const subject = await spawn({ name: 'subject' }, place);
    watcher.watch({ who: subject });
    watcher.watch({ who: subject });
    const told: string[] = [];
    host.families.watchFromHost(subject, (end) => told.push(ended(end)));
    await settle();
    subject.fail();
    await settled(host.stopped(subject));
    await settle();
    expect(log.filter((line) => line.includes('onSupervision'))).toEqual([
      'watcher onSupervision down failed (broken)',
      'watcher onSupervision down failed (broken)',
    ]);
    expect(told).toEqual(['failed (broken)']);
  });

  it('of the dead are answered too', async () => {
    const { host, spawn, settle, settled } = setUp();
    const watcher = await spawn({ name: 'watcher' }, 0, Parent);
    const subject = await spawn({ name: 'subject' }, place);
    await settled(host.stop(subject));
    watcher.watch({ who: subject });
    await settle();
    expect(log.at(-1)).toMatch(/watcher onSupervision down no-such-actor/);
  });

  it('give no notice when they have been given up', async () => {
    const { host, spawn, settle, settled } = setUp();
    const subject = await spawn({ name: 'subject' }, place);
    const told: Ended[] = [];
    const watch = host.families.watchFromHost(subject, (end) => told.push(end));
    await settle();
    host.families.unwatchFromHost(watch);
    await settle();
    await settled(host.stop(subject));
    await settle();
    expect(told).toEqual([]);
    expect(host.calls.count).toBe(0);
  });

  it('of the host can be given up until their listener is called', async () => {
    const { host, spawn, settle, settled } = setUp();
    const subject = await spawn({ name: 'subject' }, place);
    const told: string[] = [];
    host.families.watchFromHost(subject, () => {
      told.push('first');
      host.families.unwatchFromHost(second);
    });
    const second = host.families.watchFromHost(subject, () => told.push('second'));
    await settle();
    await settled(host.stop(subject));
    await settle();
    expect(told).toEqual(['first']);
  });

  it('never overtake what their subject has sent', async () => {
    const { all, host, spawn, settle, settled, open } = setUp(2);
    const watcher = await spawn({ name: 'watcher' }, 0, Parent);
    const subject = await spawn({ name: 'subject' }, place);
    watcher.watch({ who: subject });
    await settle();
    // The watcher is busy: what comes waits.
    watcher.wait({ name: 'gate' });
    await settle();
    const sender = all[place]!;
    const from = (core: Core): MemberRef => {
      const words = new Int32Array(3);
      host.refs.write(watcher, words, 0);
      return core.refs.read(() => Parent, words, 0) as MemberRef;
    };
    // Of another thread, of the subject's, and again of another: the notice goes before the last.
    from(all[2]!).note({ text: 'before' });
    all[2]!.flush();
    await settle();
    from(sender).note({ text: 'own' });
    sender.flush();
    await settle();
    const end = host.kill(subject);
    for (let i = 0; i < 50; i++) from(all[2]!).note({ text: `other ${i}` });
    all[2]!.flush();
    await settle();
    await open('watcher gate');
    await settled(end);
    await settle();
    const lines = log.filter((line) => line.startsWith('watcher note') || line.includes('onSupervision'));
    const notice = lines.findIndex((line) => line.includes('onSupervision'));
    expect(lines.indexOf('watcher note own')).toBeLessThan(notice);
    expect(notice).toBeLessThan(lines.indexOf('watcher note other 0'));
  });
});

describe.each(PLACES)('flush %s', (_, place) => {
  it('waits for all that was sent before, and for no more', async () => {
    const { host, spawn, settle, settled, open } = setUp();
    const one = await spawn({ name: 'one' }, place);
    one.note({ text: 'a' });
    one.wait({ name: 'gate' });
    one.note({ text: 'b' });
    let isOver = false;
    const over = host.flushTo(one).then(() => {
      isOver = true;
    });
    await settle();
    expect(isOver).toBe(false);
    await open('one gate');
    await settled(over);
    expect(log.at(-1)).toBe('one note b');
    await settled(host.flushTo(one));
  });

  it('is rejected when the actor ends', async () => {
    const { host, spawn, settle, settled } = setUp();
    const one = await spawn({ name: 'one' }, place);
    one.wait({ name: 'never' });
    one.note({ text: 'a' });
    const over = host.flushTo(one);
    await settle();
    void host.kill(one);
    await expect(settled(over)).rejects.toMatchObject({ code: 'HEDDLE_ACTOR_STOPPED' });
    await expect(settled(host.flushTo(one as AnyRef))).rejects.toMatchObject({ code: 'HEDDLE_NO_SUCH_ACTOR' });
  });
});
