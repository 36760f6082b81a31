/** The test kit itself: what it promises to tests that use it. */
import { anyRef, call, type Definition, defineActor, f64, text } from 'heddle';
import { createSimulation, type Simulation } from 'heddle/testing';
import { describe, expect, it } from 'vitest';

const Account = defineActor(import.meta.url, 'Account', {
  protocol: {
    deposit: { amount: f64 },
    balance: call({}, f64),
    hang: call({}, f64),
    fail: {},
    tellLater: { to: anyRef, ms: f64 },
    tell: { to: anyRef },
  },
  init: () => ({ balance: 0 }),
  on: {
    deposit(state, { amount }) {
      state.balance += amount;
    },
    balance: ({ balance }) => balance,
    hang: () => new Promise<number>(() => undefined),
    fail: () => {
      throw new Error('broken');
    },
    tellLater: (_, { to, ms }, self) => void self.after(ms, 'tell', { to }),
    tell: (_, { to }, self) => {
      self.typed(Listener, to).heard({ text: 'hello' });
    },
  },
});

const listening = { heard: { text }, ask: call({ text }, text) };
const Listener = defineActor(import.meta.url, 'Listener', {
  protocol: listening,
  init: () => ({}),
  on: { heard: () => undefined, ask: () => 'nothing' },
});

const simulate = (seed = 1, threads = 2): Simulation => createSimulation({ seed, threads });

let wake: () => void = () => undefined;
const outcomes: (string | undefined)[] = [];
const attempt = (act: () => unknown): void => {
  try {
    act();
    outcomes.push('done');
  } catch (error) {
    outcomes.push((error as { code?: string }).code);
  }
};

/** Waits for something that is none of heddle's. */
const Sleeper = defineActor(import.meta.url, 'Sleeper', {
  protocol: { sleepThenTell: { to: anyRef } },
  init: () => ({}),
  on: {
    sleepThenTell: async (_, { to }, self) => {
      const listener = self.typed(Listener, to);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      attempt(() => self.after(0, 'sleepThenTell', { to }));
      attempt(() => listener.heard({ text: 'from the dead' }));
    },
  },
});

const Looper: Definition<{ readonly go: Record<never, never> }, void> = defineActor(import.meta.url, 'Looper', {
  protocol: { go: {} },
  init: () => ({}),
  on: { go: (_, __, self) => self.typed(Looper, self.ref).go() },
});

describe('a simulated system', () => {
  it('runs actors on several threads, and no time passes', async () => {
    const sim = simulate();
    const { system } = sim;
    const spawned = [0, 1, 2].map((place) => system.spawn(Account, undefined, { place }));
    const accounts = await sim.until(Promise.all(spawned));
    for (const account of accounts) account.deposit({ amount: 10 });
    const balances = await sim.until(Promise.all(accounts.map((account) => account.balance())));
    expect(balances).toEqual([10, 10, 10]);
    expect(sim.now).toBe(0);
    expect(await sim.until(system.shutdown())).toMatchObject({ quiet: true, unaccounted: 0, undelivered: 0 });
  });

  it('does nothing by itself', async () => {
    const sim = simulate();
    let isBorn = false;
    void sim.system.spawn(Account).then(() => {
      isBorn = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isBorn).toBe(false);
    await sim.settle();
    expect(isBorn).toBe(true);
  });

  it('lets time pass as it is told, and by itself where somebody waits', async () => {
    const sim = simulate();
    const probe = await sim.probe(listening);
    const account = await sim.until(sim.system.spawn(Account, undefined, { place: 1 }));
    account.tellLater({ to: probe.ref, ms: 100 });
    await sim.advance(99);
    expect([sim.now, probe.waiting.length]).toEqual([99, 0]);
    await sim.advance(1);
    expect([sim.now, probe.waiting.length]).toEqual([100, 1]);
    await expect(sim.until(account.hang({}, { timeoutMs: 250 }))).rejects.toMatchObject({
      code: 'HEDDLE_CALL_TIMEOUT',
    });
    expect(sim.now).toBe(350);
  });

  it('goes on by itself in a function that is given to until', async () => {
    const sim = simulate();
    const { system } = sim;
    const balance = await sim.until(async () => {
      const account = await system.spawn(Account, undefined, { place: 2 });
      account.deposit({ amount: 1 });
      return await account.balance();
    });
    expect(balance).toBe(1);
  });

  it('has the same log for the same seed, and others for others', async () => {
    const story = async (seed: number): Promise<string> => {
      const sim = simulate(seed);
      const accounts = await sim.until(
        Promise.all([1, 2, 1].map((place) => sim.system.spawn(Account, undefined, { place }))),
      );
      for (const account of accounts) for (let n = 0; n < 20; n++) account.deposit({ amount: n });
      await sim.steps(5);
      sim.kill(1);
      await sim.run();
      expect(sim.log.length).toBeGreaterThan(30);
      return sim.digest();
    };
    expect(await story(7)).toBe(await story(7));
    expect(new Set([await story(1), await story(2), await story(3)]).size).toBe(3);
  });

  it('fails where it cannot go on, and says what is under way and how to have it again', async () => {
    const sim = simulate(42);
    const account = await sim.until(sim.system.spawn(Account, undefined, { place: 1 }));
    const stuck = account.hang({}, { timeoutMs: 100 }).catch(() => undefined);
    await sim.until(stuck);
    account.deposit({ amount: 1 });
    const drained = sim.system.drain(account);
    await expect(sim.until(drained)).rejects.toMatchObject({
      code: 'HEDDLE_SIMULATION_FAILED',
      message: expect.stringMatching(
        /nothing is left to do.*Account .* on thread 1: 1 messages wait, 1 handlers have not returned.*seed: 42/s,
      ),
    });
  });

  it('fails where it does not come to rest', async () => {
    const sim = createSimulation({ seed: 1, threads: 1, stepsMax: 50 });
    const looper = await sim.until(sim.system.spawn(Looper, undefined, { place: 1 }));
    looper.go();
    await expect(sim.settle()).rejects.toThrow(/it has taken 50 steps/);
  });

  it.each([
    { seed: -1 },
    { seed: 1.5 },
    { seed: 1, threads: 1000 },
    { seed: 1, driftMs: -1 },
    { seed: 1, stepsMax: 0 },
    { seed: 1, park: 'block' },
  ])('refuses options that it does not understand: %o', (options) => {
    expect(() => createSimulation(options as never)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_OPTIONS' }),
    );
  });
});

describe('a thread that is killed', () => {
  it('is replaced, and its callers are told', async () => {
    const sim = simulate();
    const { system } = sim;
    const account = await sim.until(system.spawn(Account, undefined, { place: 1 }));
    const pending = account.hang();
    await sim.settle();
    sim.kill(1, { reason: 'out-of-memory' });
    await expect(sim.until(pending)).rejects.toMatchObject({
      code: 'HEDDLE_THREAD_LOST',
      message: expect.stringContaining('reason=out-of-memory'),
    });
    const other = await sim.until(system.spawn(Account, undefined, { place: 1 }));
    other.deposit({ amount: 1 });
    expect(await sim.until(other.balance())).toBe(1);
    await sim.settle();
    expect(system.counters()).toMatchObject({ accepted: 3, handled: 2, lost: 0, dead: 1 });
    expect(system.counters().threads[1]).toMatchObject({ epoch: 1, state: 'running' });
    expect(await sim.until(system.shutdown())).toMatchObject({ quiet: true, unaccounted: 0 });
  });

  it('in a handler loses what that has not published, and names it', async () => {
    const sim = simulate();
    const { system } = sim;
    const probe = await sim.probe(listening);
    const account = await sim.until(system.spawn(Account, undefined, { place: 1 }));
    const watched = system.stopped(account);
    sim.killIn(Account, 'tell');
    account.tell({ to: probe.ref });
    expect(await sim.until(watched)).toMatchObject({
      reason: 'thread-lost',
      detail: expect.stringContaining('handler=Account.tell'),
    });
    await probe.expectNone(100);
    expect(system.counters()).toMatchObject({ accepted: 1, handled: 0, lost: 1 });
  });

  it('can do nothing more, though its code goes on', async () => {
    const sim = simulate();
    const { system } = sim;
    const probe = await sim.probe(listening);
    const sleeper = await sim.until(system.spawn(Sleeper, undefined, { place: 1 }));
    sleeper.sleepThenTell({ to: probe.ref });
    await sim.settle();
    sim.kill(1);
    await sim.settle();
    wake();
    await probe.expectNone(100);
    expect(outcomes).toEqual(['HEDDLE_ACTOR_STOPPED', 'HEDDLE_SYSTEM_STOPPED']);
  });

  it('is no host, and exists', () => {
    const sim = simulate();
    for (const thread of [0, 3, 1.5]) expect(() => sim.kill(thread)).toThrow(/a worker is 1 to 2/);
  });
});

describe('a probe', () => {
  it('takes messages in order, and gives back what they hold', async () => {
    const sim = simulate();
    const probe = await sim.probe(listening);
    probe.ref.heard({ text: 'a' });
    probe.ref.heard({ text: 'b' });
    expect(await probe.expect('heard', { text: 'a' })).toEqual({ text: 'a' });
    expect(await probe.expect('heard')).toEqual({ text: 'b' });
    await probe.expectNone(1000);
    expect(sim.now).toBe(1000);
  });

  it('says what came instead', async () => {
    const sim = simulate(9);
    const probe = await sim.probe(listening);
    probe.ref.heard({ text: 'a' });
    await expect(probe.expect('heard', { text: 'b' })).rejects.toThrow(
      /expected heard { text: 'b' }, but the next message was heard { text: 'a' }(.|\n)*seed: 9/,
    );
    await expect(probe.expectNone()).rejects.toThrow(/expected no message, but there was heard/);
    await probe.expect('heard');
    await expect(probe.expect('heard', undefined, 50)).rejects.toThrow(/nothing came within 50 ms/);
  });

  it('answers calls, or fails them', async () => {
    const sim = simulate();
    const probe = await sim.probe(listening);
    await expect(sim.until(probe.ref.ask({ text: 'who?' }))).rejects.toThrow(/no answer to ask/);
    probe.answer('ask', ({ text: asked }) => `${asked} me`);
    expect(await sim.until(probe.ref.ask({ text: 'who?' }))).toBe('who? me');
  });

  it('is told of ends', async () => {
    const sim = simulate();
    const probe = await sim.probe(listening);
    const account = await sim.until(sim.system.spawn(Account, undefined, { place: 1 }));
    await expect(probe.expectDown(account)).rejects.toThrow(/call probe.watch first/);
    probe.watch(account);
    await expect(probe.expectDown(account, 10)).rejects.toThrow(/none came within 10 ms/);
    account.fail();
    expect(await probe.expectDown(account)).toMatchObject({ reason: 'failed', detail: 'broken' });
  });
});
