/** Systems for tests: shut down at the end of each test, with books that must balance. */
import { createSystem, type ShutdownReport, type System, type SystemOptions } from 'heddle';
import { afterEach, expect } from 'vitest';
import { until } from './until.js';

const open = new Set<System>();

/** Starts a system that is shut down when the test ends. */
export const start = async (options: SystemOptions = {}): Promise<System> => {
  const system = await createSystem({ strict: true, ...options });
  open.add(system);
  return system;
};

/** Shuts a system down and checks that every request is accounted for. */
export const finish = async (system: System, deadlineMs?: number): Promise<ShutdownReport> => {
  open.delete(system);
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

afterEach(async () => {
  for (const system of open) await finish(system);
});
