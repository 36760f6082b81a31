/** What is seen of a running system: how long messages are on the way between its threads. */
import { createSystem, type Delay, type Observation } from 'heddle';
import { createSimulation } from 'heddle/testing';
import { describe, expect, it } from 'vitest';
import { Echo } from '../actors/echo.js';
import { Stuck } from '../actors/flood.js';
import { finish, start } from '../support/systems.js';
import { until } from '../support/until.js';

const MICROS_PER_MS = 1e3;
const OFTEN = { everyMs: 1 };

/** Reads until what is read `holds`. */
const readUntil = async (
  observation: Observation,
  holds: (delays: readonly Delay[]) => boolean,
): Promise<readonly Delay[]> => {
  for (;;) {
    const delays = await observation.read();
    if (holds(delays)) return delays;
  }
};

const pairsOf = (delays: readonly Delay[]): string[] => delays.map(({ from, to }) => `${from}>${to}`).sort();
const between = (delays: readonly Delay[], from: number, to: number): Delay | undefined =>
  delays.find((delay) => delay.from === from && delay.to === to);

/** All pairs of three threads. */
const ALL_PAIRS = [0, 1, 2].flatMap((from) => [0, 1, 2].map((to) => `${from}>${to}`));

describe('an observation', () => {
  it('tells how long messages are on the way from each thread to each, percentiles in order', async () => {
    const system = await start({ threads: 2 });
    const observation = await system.observe(OFTEN);
    const delays = await readUntil(
      observation,
      (all) => all.length === ALL_PAIRS.length && all.every(({ count }) => count >= 20),
    );
    expect(pairsOf(delays)).toEqual(ALL_PAIRS);
    for (const { p50, p90, p99, p999, max, refused } of delays) {
      expect(p50).toBeGreaterThan(0);
      const grown = [p50, p90, p99, p999, max];
      expect(grown).toEqual([...grown].sort((one, other) => one - other));
      expect(refused).toBe(0);
    }
  });

  it('forgets what it has seen when that is asked for', async () => {
    const system = await start({ threads: 1 });
    const observation = await system.observe(OFTEN);
    const before = await readUntil(observation, (all) => all.length === 4 && all.every(({ count }) => count >= 50));
    await observation.read({ reset: true });
    const after = await observation.read();
    for (const delay of after) expect(delay.count).toBeLessThan(between(before, delay.from, delay.to)!.count);
  });

  it('sees a thread that is busy in all that was to be sent from it, and to it, meanwhile', async () => {
    const system = await start({ threads: 2 });
    const observation = await system.observe(OFTEN);
    await readUntil(observation, (all) => all.length === ALL_PAIRS.length);
    await observation.read({ reset: true });
    const busy = await system.spawn(Echo, undefined, { place: 1 });
    const BUSY_MS = 200;
    await busy.spin({ ms: BUSY_MS });
    // One probe was due at its beginning or soon after, and was late by nearly all of it.
    const late = [
      [1, 2],
      [1, 0],
      [2, 1],
      [0, 1],
      [1, 1],
    ] as const;
    await readUntil(observation, (all) =>
      late.every(([from, to]) => (between(all, from, to)?.max ?? 0) > (BUSY_MS * MICROS_PER_MS) / 2),
    );
  });

  it('sees the replacement of a thread that has died', async () => {
    const system = await start({ threads: 2, strict: false });
    const observation = await system.observe(OFTEN);
    await readUntil(observation, (all) => all.length === ALL_PAIRS.length);
    await system.terminate(1);
    const delays = await readUntil(
      observation,
      (all) => pairsOf(all).length === ALL_PAIRS.length && all.every(({ to, count }) => to !== 1 || count > 0),
    );
    expect(pairsOf(delays)).toEqual(ALL_PAIRS);
  });

  it('tells of others where a thread does not answer', async () => {
    const system = await start({ threads: 2 });
    const observation = await system.observe(OFTEN);
    await readUntil(observation, (all) => all.length === ALL_PAIRS.length);
    const busy = await system.spawn(Echo, undefined, { place: 1 });
    const work = busy.spin({ ms: 1_000 });
    await until(() => system.counters().threads[1]!.underway > 0);
    const delays = await observation.read({ timeoutMs: 200 });
    expect(new Set(delays.map(({ to }) => to))).toEqual(new Set([0, 2]));
    await work;
  });

  it('ends with all its actors, and says so to whoever reads on', async () => {
    const system = await start({ threads: 2 });
    const actors = (): number => system.counters().threads.reduce((sum, thread) => sum + thread.actors, 0);
    const observation = await system.observe(OFTEN);
    expect(actors()).toBe(3);
    await Promise.all([observation.stop(), observation.stop()]);
    expect(actors()).toBe(0);
    expect(system.counters().dead).toBe(0);
    await expect(observation.read()).rejects.toMatchObject({ code: 'HEDDLE_SYSTEM_STOPPED' });
  });

  it('ends with its system', async () => {
    const system = await createSystem({ threads: 1 });
    const observation = await system.observe(OFTEN);
    await readUntil(observation, (all) => all.length === 4);
    expect(await finish(system)).toMatchObject({ unaccounted: 0, dead: 0, lost: 0 });
    await observation.stop();
    await expect(system.observe()).rejects.toMatchObject({ code: 'HEDDLE_SYSTEM_STOPPED' });
  });

  it('counts probes for which there is no room', async () => {
    const system = await start({ threads: 1, ringBytes: 4_096, outboxBytes: 65_536, strict: false });
    const observation = await system.observe(OFTEN);
    await readUntil(observation, (all) => all.length === 4);
    const stuck = await system.spawn(Stuck, undefined, { place: 1 });
    const busy = await system.spawn(Echo, undefined, { place: 1 });
    const work = busy.spin({ ms: 200 });
    // The way to the busy thread is full soon.
    await until(() => {
      try {
        for (;;) stuck.note({ number: 1 });
      } catch {
        return system.counters().threads[1]!.handled > 0;
      }
    });
    await work;
    await readUntil(observation, (all) => (between(all, 0, 1)?.refused ?? 0) > 0);
    await system.kill(stuck);
  });

  it.each([
    [{ everyMs: 0 }, /everyMs is an integer from 1 to 60000/],
    [{ everyMs: 1.5 }, /everyMs/],
    [{ every: 1 }, /there is no option "every"/],
  ])('refuses what makes no sense: %j', async (options, message) => {
    const system = await start({ threads: 0 });
    await expect(system.observe(options as object)).rejects.toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS', message });
  });

  it('takes no time in a simulation but what is simulated', async () => {
    const sim = createSimulation({ seed: 1, threads: 1 });
    const observation = await sim.until(() => sim.system.observe({ everyMs: 10 }));
    await sim.advance(1_000);
    const delays = await sim.until(() => observation.read());
    expect(pairsOf(delays)).toEqual(['0>0', '0>1', '1>0', '1>1']);
    for (const { count, max } of delays) {
      expect(count).toBe(100);
      expect(max).toBeLessThanOrEqual(0.001);
    }
    await sim.until(() => observation.stop());
    await sim.until(() => sim.system.shutdown());
  });
});
