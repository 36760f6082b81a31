/** The test kit itself: what it promises to tests that use it. */
import { anyRef, call, defineActor, f64, text } from 'heddle';
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

describe('a simulated system', () => {
  it('runs actors on several threads', async () => {
    const sim = simulate();
    const { system } = sim;
    const accounts = await sim.until(
      Promise.all([0, 1, 2].map((place) => system.spawn(Account, undefined, { place }))),
    );
    for (const account of accounts) account.deposit({ amount: 10 });
    const balances = await sim.until(Promise.all(accounts.map((account) => account.balance())));
    expect(balances).toEqual([10, 10, 10]);
    expect(sim.now).toBe(0);
    expect(await sim.until(system.shutdown())).toMatchObject({ quiet: true, unaccounted: 0, undelivered: 0 });
  });

  it('replaces a thread that is killed', async () => {
    const sim = simulate();
    const { system } = sim;
    const account = await sim.until(system.spawn(Account, undefined, { place: 1 }));
    const call = account.hang();
    await sim.settle();
    sim.kill(1);
    await expect(sim.until(call)).rejects.toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
    const other = await sim.until(system.spawn(Account, undefined, { place: 1 }));
    other.deposit({ amount: 1 });
    expect(await sim.until(other.balance())).toBe(1);
    await sim.settle();
    expect(system.counters()).toMatchObject({ accepted: 3, handled: 2, lost: 0, dead: 1 });
    expect(await sim.until(system.shutdown())).toMatchObject({ quiet: true, unaccounted: 0 });
  });
});
