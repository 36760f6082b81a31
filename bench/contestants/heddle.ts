/** Systems of heddle. */
import { createSystem, type ShutdownReport, type System, type SystemOptions } from 'heddle';
import { check } from '../harness/check.js';
import type { Contestant, Sample } from '../harness/workload.js';

/** Worker threads of a system, unless a workload says otherwise: as many as the machine has cores that count. */
const THREADS = 2;

const running = (
  system: string,
  setUp: (system: System) => Promise<Sample>,
  options: SystemOptions,
  countWrong: (report: ShutdownReport) => number,
): Contestant => ({
  system,
  open: async () => {
    const running = await createSystem({ threads: THREADS, ...options });
    const sample = await setUp(running);
    const close = async (): Promise<void> => {
      check('messages that were lost, dead or unaccounted for', countWrong(await running.shutdown()), 0);
    };
    return { sample, close };
  },
});

/** A system of heddle with two workers; at its end its books must balance and nothing may be lost. */
export const heddle = (
  system: string,
  setUp: (system: System) => Promise<Sample>,
  options: SystemOptions = {},
): Contestant => running(system, setUp, options, ({ lost, dead, unaccounted }) => lost + dead + unaccounted);

/**
 * One that runs pipelines, which must account for their items themselves. What a stage tells its neighbours of room when
 * the job has ended meanwhile is dead, and no harm.
 */
export const heddlePipelines = (system: string, setUp: (system: System) => Promise<Sample>): Contestant =>
  running(system, setUp, {}, ({ lost, unaccounted }) => lost + unaccounted);
