/** Timers of actors under a clock that the test sets. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import type { EveryOptions, Self, Timer } from '../../src/actor/self.js';
import { CATCH_UP_MAX, TIMERS_MAX } from '../../src/base/limits.js';
import { i32, text } from '../../src/messages/fields.js';
import { call } from '../../src/messages/protocol.js';
import type { Core } from '../../src/runtime/core.js';
import { TimerWheel } from '../../src/runtime/timer-wheel.js';
import { type Cores, makeCores } from '../support/cores.js';

interface Heard {
  readonly text: string;
  readonly at: number;
}

const heard: Heard[] = [];
let now: () => number;
let held: Clocked | undefined;

const PROTOCOL = { hear: { text: text }, tick: { count: i32 }, ask: call({}, i32) };
type Clocked = Self<typeof PROTOCOL>;

const hear = (_state: object, { text }: { text: string }): void => {
  heard.push({ text, at: now() });
};
const init = (self: Clocked): object => {
  held = self;
  return {};
};
const on = { hear, tick: () => undefined, ask: (state: object | undefined) => (state === undefined ? -1 : 5) };

const Listener = defineActor(import.meta.url, 'Listener', { protocol: PROTOCOL, init, on });
const Small = defineActor(import.meta.url, 'Small', { protocol: PROTOCOL, init, on, mailbox: { limit: 2 } });

interface Scene extends Cores {
  readonly core: Core;
  readonly self: Clocked;
  readonly ref: RefOf<typeof Listener>;
}

const scene = async (definition: typeof Listener = Listener): Promise<Scene> => {
  const cores = makeCores(0);
  const core = cores.all[0]!;
  now = () => core.clock.now();
  heard.length = 0;
  const ref = core.spawnNow(definition, undefined, {}) as RefOf<typeof Listener>;
  await cores.settle();
  return { ...cores, core, self: held!, ref };
};

const texts = (): string[] => heard.map(({ text }) => text);

/** Moves the clock in steps of at most one millisecond. */
const walk = async ({ advance }: Cores, ms: number): Promise<void> => {
  for (let left = ms; left > 0; left--) await advance(Math.min(1, left));
};

describe('timers', () => {
  it('fire when their time has come, and not before', async () => {
    const { self, advance } = await scene();
    self.after(10, 'hear', { text: 'ten' });
    self.after(0, 'hear', { text: 'none' });
    await advance(1);
    expect(texts()).toEqual(['none']);
    await advance(8.9);
    expect(texts()).toEqual(['none']);
    await advance(1);
    expect(texts()).toEqual(['none', 'ten']);
  });

  it('fire in the order of their deadlines, equal ones as they were set', async () => {
    const { self, advance } = await scene();
    for (const [delay, text] of [
      [5.4, 'third'],
      [5.1, 'first'],
      [5.1, 'second'],
      [5.9, 'fourth'],
      [100, 'sixth'],
      [99.5, 'fifth'],
    ] as const) {
      self.after(delay, 'hear', { text });
    }
    await advance(200);
    expect(texts()).toEqual(['first', 'second', 'third', 'fourth', 'fifth', 'sixth']);
  });

  it('are never early, late or out of order, whatever is set and cancelled', async () => {
    const delay = fc.oneof(
      fc.integer({ min: 0, max: 12 }),
      fc.double({ min: 0, max: 300, noNaN: true }),
      fc.integer({ min: 0, max: 1 << 26 }),
    );
    const action = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), delay }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('advance' as const), by: delay }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { self, advance } = await scene();
        const set: { text: string; deadline: number; timer: Timer; over: boolean }[] = [];
        const expected: string[] = [];
        for (const step of actions) {
          if (step.kind === 'set') {
            const text = String(set.length);
            set.push({
              text,
              deadline: now() + step.delay,
              timer: self.after(step.delay, 'hear', { text }),
              over: false,
            });
          } else if (step.kind === 'cancel') {
            const chosen = set[step.which];
            if (chosen !== undefined) {
              expect(chosen.timer.cancel()).toBe(!chosen.over);
              chosen.over = true;
            }
          } else {
            await advance(step.by);
            // A timer may be a millisecond late, for the wheel's sake.
            const fired = texts().slice(expected.length);
            const due = set.filter(({ over, deadline }) => !over && deadline <= now());
            for (const text of fired) expect(due.map((one) => one.text)).toContain(text);
            for (const one of due) if (one.deadline < now() - 1) expect(fired).toContain(one.text);
            for (const one of due) if (fired.includes(one.text)) one.over = true;
            const inOrder = due.filter(({ over }) => over).sort((a, b) => a.deadline - b.deadline);
            expect(fired).toEqual(inOrder.map(({ text }) => text));
            expected.push(...fired);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('tell how long a thread may sleep, also one that had none for long', async () => {
    const { core, self, advance } = await scene();
    await advance(1_000_017);
    self.after(50, 'hear', { text: 'soon' });
    expect(core.delay(now())).toBe(50);
    await advance(20);
    expect(core.delay(now())).toBe(30);
    await advance(30);
    expect(texts()).toEqual(['soon']);
  });

  it('do not come between a call and its handler, whose deadline makes the thread look at the clock', async () => {
    const { all, settle, advance } = makeCores(1);
    const [host, worker] = all;
    now = () => worker!.clock.now();
    const ref = host!.spawnNow(Listener, undefined, { place: 1 }) as RefOf<typeof Listener>;
    await settle();
    heard.length = 0;
    ref.hear({ text: 'first' });
    await settle();
    const ended = host!.stopped(ref);
    held!.killAfter(5);
    ref.hear({ text: 'second' });
    const asked = ref.ask({}, { timeoutMs: 100 });
    host!.flush();
    const clock = vi.spyOn(worker!.clock, 'now').mockReturnValue(worker!.clock.now() + 20);
    worker!.step();
    clock.mockRestore();
    await advance(20);
    expect(await asked).toBe(5);
    expect(await ended).toMatchObject({ reason: 'killed' });
    expect(texts()).toEqual(['first', 'second']);
  });

  it('that are cancelled do not fire, and say whether that is why', async () => {
    const { self, advance } = await scene();
    const timer = self.after(5, 'hear', { text: 'never' });
    expect(timer.cancel()).toBe(true);
    expect(timer.cancel()).toBe(false);
    const other = self.after(5, 'hear', { text: 'once' });
    const repeated = self.every(5, 'hear', { text: 'again' });
    await advance(6);
    expect(other.cancel()).toBe(false);
    expect(repeated.cancel()).toBe(true);
    await advance(60);
    expect(texts()).toEqual(['once', 'again']);
  });

  it('die with their actor, and it can set no more', async () => {
    const { core, self, ref, advance, settle } = await scene();
    const timers = [self.after(5, 'hear', { text: 'after' }), self.every(5, 'hear', { text: 'every' })];
    expect(core.delay(now())).toBeLessThanOrEqual(6);
    const ended = core.kill(ref);
    await settle();
    await ended;
    expect(core.delay(now())).toBe(Number.POSITIVE_INFINITY);
    await advance(50);
    expect(heard).toEqual([]);
    expect(timers.map((timer) => timer.cancel())).toEqual([false, false]);
    expect(() => self.after(5, 'hear', { text: 'dead' })).toThrow(/the actor has ended/);
    expect(() => self.killAfter(5)).toThrow(/the actor has ended/);
    // Nobody got a dead letter: a timer that is over has sent nothing.
    expect(core.mesh.books.floats[core.mesh.books.at('queued')]).toBe(0);
  });

  it('end their actor, with the reason that was given', async () => {
    for (const [verb, reason] of [
      ['stopAfter', 'stopped'],
      ['killAfter', 'killed'],
    ] as const) {
      const { core, self, ref, advance } = await scene();
      const ended = core.stopped(ref);
      self[verb](20, { reason: 'time is up' });
      self.after(20, 'hear', { text: 'too late' });
      await advance(19);
      expect(core.calls.count).toBe(1);
      await advance(2);
      expect(await ended).toMatchObject({ reason, detail: 'time is up' });
      expect(heard).toEqual([]);
    }
  });

  it('are dead letters where the mailbox is full, by its policy', async () => {
    const { core, self, advance } = await scene(Small as typeof Listener);
    const letters = vi.spyOn(core.reports, 'letter');
    for (let i = 0; i < 4; i++) self.after(5, 'hear', { text: String(i) });
    await advance(6);
    expect(texts()).toEqual(['0', '1']);
    expect(letters.mock.calls.map(([reason]) => reason)).toEqual(['mailbox-full', 'mailbox-full']);
    expect(core.mesh.books.floats[core.mesh.books.at('queued')]).toBe(4);
  });

  it('are limited in number', async () => {
    const { self, core, settle, ref } = await scene();
    const message = { count: 1 };
    for (let i = 0; i < TIMERS_MAX; i++) self.stopAfter(1 << 30);
    expect(() => self.after(1, 'tick', message)).toThrow(/too many timers are set/);
    void core.kill(ref);
    await settle();
    const next = core.spawnNow(Listener, undefined, {});
    await settle();
    expect(next).toBeDefined();
    expect(held!.after(1, 'tick', message).cancel()).toBe(true);
  });

  it('cost nothing while they wait, a hundred thousand of them', async () => {
    const { core, self, advance } = await scene();
    const soon = 3_600_000;
    for (let i = 0; i < 100_000; i++) self.after(soon, 'hear', { text: 'x' });
    const admitted = vi.spyOn(core, 'admit');
    const visits = vi.spyOn(TimerWheel.prototype, 'set');
    for (let i = 0; i < 200; i++) {
      await advance(1);
      expect(core.step()).toBe(0);
    }
    expect(admitted).not.toHaveBeenCalled();
    expect(visits).not.toHaveBeenCalled();
    visits.mockRestore();
    self.after(1, 'hear', { text: 'soon' });
    await advance(2);
    expect(texts()).toEqual(['soon']);
  });
});

describe('a timer that fires again and again', () => {
  const run = async (options: EveryOptions | undefined, pauseMs: number, periodMs = 10) => {
    const setting = await scene();
    const start = now();
    const timer = setting.self.every(periodMs, 'hear', { text: 'tick' }, options);
    const times = (): number[] => heard.splice(0).map(({ at }) => at - start);
    return { ...setting, timer, times, pause: () => setting.advance(pauseMs) };
  };

  it.each(['skip', 'catch-up', 'delay'] as const)(
    'comes after each period when nothing is late (%s)',
    async (missed) => {
      const cores = await run({ missed }, 0);
      await walk(cores, 35);
      expect(cores.times()).toEqual([10, 20, 30]);
    },
  );

  it('does not drift, at periods that are no whole milliseconds', async () => {
    const cores = await run(undefined, 0, 16.625);
    await walk(cores, 1663);
    const times = cores.times();
    expect(times).toHaveLength(100);
    for (const [i, at] of times.entries()) {
      expect(at - 16.625 * (i + 1)).toBeGreaterThanOrEqual(0);
      expect(at - 16.625 * (i + 1)).toBeLessThan(1);
    }
  });

  it('leaves out what it missed, and keeps its beat', async () => {
    const cores = await run(undefined, 57);
    await cores.pause();
    expect(cores.times()).toEqual([57]);
    expect(cores.timer.skipped).toBe(4);
    await walk(cores, 20);
    expect(cores.times()).toEqual([60, 70]);
  });

  it('catches up, and keeps its beat', async () => {
    const cores = await run({ missed: 'catch-up' }, 57);
    await cores.pause();
    expect(cores.times()).toEqual([57, 57, 57, 57, 57]);
    await walk(cores, 20);
    expect(cores.times()).toEqual([60, 70]);
    expect(cores.timer.skipped).toBe(0);
  });

  it('begins a new beat when it is late', async () => {
    const cores = await run({ missed: 'delay' }, 57);
    await cores.pause();
    expect(cores.times()).toEqual([57]);
    await walk(cores, 20);
    expect(cores.times()).toEqual([67, 77]);
  });

  it('catches up in the order of all deadlines', async () => {
    const cores = await run({ missed: 'catch-up' }, 57);
    cores.self.after(25, 'hear', { text: 'between' });
    cores.self.after(20, 'hear', { text: 'with the second' });
    await cores.pause();
    expect(texts()).toEqual(['tick', 'tick', 'with the second', 'between', 'tick', 'tick', 'tick']);
  });

  it('catches up with no more than the last thousand after a long pause', async () => {
    const hour = 3_600_000;
    const cores = await run({ missed: 'catch-up' }, hour, 1);
    await cores.pause();
    expect(cores.times()).toHaveLength(CATCH_UP_MAX);
    expect(cores.timer.skipped).toBe(hour - CATCH_UP_MAX);
    await walk(cores, 3);
    expect(cores.times()).toEqual([hour + 1, hour + 2, hour + 3]);
  });
});
