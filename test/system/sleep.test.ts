import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Agent } from '../actors/agent.js';
import { Echo } from '../actors/echo.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

const asleep = (sleeps: readonly number[]) => (counters: { sleeps: number }, i: number) => counters.sleeps > sleeps[i]!;

describe.each(['event-loop', 'block'] as const)('threads that sleep (park: %s)', (park) => {
  it('sleep when there is nothing to do, wake for every message, and miss no wake', async () => {
    const system = await start({ threads: 2, park });
    const account = await system.spawn(Account, 'ann', { place: 1 });
    const agent = await system.spawn(Agent, undefined, { place: 2 });
    for (let round = 1; round <= 30; round++) {
      const before = system.counters().threads.map(({ sleeps }) => sleeps);
      account.deposit({ amount: 1 });
      await until(() =>
        system
          .counters()
          .threads.slice(1, 2)
          .every(asleep(before.slice(1))),
      );
      expect(await agent.balanceOf({ account })).toBe(round);
    }
    await finish(system);
    expect(system.counters().threads.map(({ missedWakes }) => missedWakes)).toEqual([0, 0, 0]);
  });

  it('pass messages without a spin', async () => {
    const system = await start({ threads: 2, park, spinMicros: 0 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    const agent = await system.spawn(Agent, undefined, { place: 2 });
    for (let round = 0; round < 200; round++) expect(await agent.call({ to: echo, value: round })).toBe(round);
    expect(system.counters().threads.map(({ missedWakes }) => missedWakes)).toEqual([0, 0, 0]);
  });

  it('sleep when no code is left to run, however often it waits for what is settled already', async () => {
    const system = await start({ threads: 1, park, spinMicros: 0 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    // If it slept before it has gone on each time, until its belt ended the sleep, this would take minutes.
    for (let round = 0; round < 200; round++) expect(await echo.afterHops({ hops: 1_000 })).toBe(1_000);
  });
});

describe('deadlines', () => {
  it('wake a thread that sleeps', async () => {
    const system = await start({ threads: 1 });
    const echo = await system.spawn(Echo, undefined, { place: 1 });
    await expect(echo.never({}, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'HEDDLE_CALL_TIMEOUT' });
    await system.kill(echo);
  });
});
