/**
 * Systems for tests. Each is shut down in the end, with books that must balance: one that was started when its test ends, one
 * that was leased with the last test of its file.
 */
import { createSystem, type ShutdownReport, type System, type SystemOptions } from 'heddle';
import { afterAll, afterEach, expect } from 'vitest';
import { until } from './until.js';

const open = new Set<System>();

/** On a busy machine answers take their time. */
const CALL_TIMEOUT_MS = 50_000;

/** Starts a system that is shut down when the test ends. */
export const start = async (options: SystemOptions = {}): Promise<System> => {
  const system = await createSystem({ strict: true, callTimeoutMs: CALL_TIMEOUT_MS, ...options });
  open.add(system);
  return system;
};

/** Shuts a system down and checks that every request is accounted for. */
export const finish = async (system: System, deadlineMs?: number): Promise<ShutdownReport> => {
  open.delete(system);
  leased.delete(system);
  const report = await system.shutdown(deadlineMs === undefined ? {} : { deadlineMs });
  expect(report.unaccounted).toBe(0);
  expect(report.accepted).toBe(report.handled + report.lost + report.dead);
  expect(report.threads.map(({ error }) => error)).toEqual(Array.from({ length: system.threads }, () => undefined));
  return report;
};

/** Waits until every request that was accepted is handled, lost or dead. */
export const quiet = (system: System): Promise<void> =>
  until(() => {
    const { accepted, handled, lost, dead } = system.counters();
    return accepted === handled + lost + dead;
  });

/** By their options: systems that no test has now. */
const vacant = new Map<string, System[]>();
const leased = new Map<System, string>();

/**
 * A system that other tests of the file may have had, if they have left it as good as new. To start one takes longer than most
 * tests do.
 */
export const lease = async (options: SystemOptions = {}): Promise<System> => {
  const key = JSON.stringify(options);
  const system = vacant.get(key)?.pop() ?? (await start(options));
  open.delete(system);
  leased.set(system, key);
  return system;
};

const LOOKS_MAX = 100;

/** Whether it comes to rest, with no actor alive, and no thread of it has ever died. */
const isAsGoodAsNew = async (system: System): Promise<boolean> => {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { accepted, handled, lost, dead, threads } = system.counters();
    if (threads.some(({ epoch, state }) => epoch > 0 || state !== 'running')) return false;
    if (accepted === handled + lost + dead && threads.every(({ actors }) => actors === 0)) return true;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return false;
};

const takeBack = async (system: System, key: string, isPassed: boolean): Promise<void> => {
  if (!isPassed || !(await isAsGoodAsNew(system))) return void (await finish(system));
  vacant.set(key, [...(vacant.get(key) ?? []), system]);
};

afterEach(async ({ task }) => {
  const isPassed = task.result?.state !== 'fail';
  for (const [system, key] of leased) await takeBack(system, key, isPassed);
  leased.clear();
  for (const system of open) await finish(system);
});

afterAll(async () => {
  for (const systems of vacant.values()) for (const system of systems) await finish(system);
  vacant.clear();
});
