/** Systems of heddle. */
import { createSystem, type ShutdownReport, type System, type SystemOptions } from 'heddle';
import { check } from '../harness/check.js';
import type { Contestant, Sample } from '../harness/workload.js';

/** Worker threads of a system, unless a workload says otherwise: as many as the machine has cores that count. */
const THREADS = 2;

type CountWrong = (report: ShutdownReport) => number;

const allThatIsWrong: CountWrong = ({ lost, dead, unaccounted }) => lost + dead + unaccounted;

/** Ends a system, whose books must balance. */
export const shutDown = async (system: System, countWrong = allThatIsWrong): Promise<void> => {
  check('messages that were lost, dead or unaccounted for', countWrong(await system.shutdown()), 0);
};

const running = (
  system: string,
  setUp: (system: System) => Promise<Sample>,
  options: SystemOptions,
  countWrong: CountWrong,
): Contestant => ({
  system,
  open: async () => {
    const running = await createSystem({ threads: THREADS, ...options });
    const sample = await setUp(running);
    return { sample, close: () => shutDown(running, countWrong) };
  },
});

/** A system of heddle with two workers; at its end its books must balance and nothing may be lost. */
export const heddle = (
  system: string,
  setUp: (system: System) => Promise<Sample>,
  options: SystemOptions = {},
): Contestant => running(system, setUp, options, allThatIsWrong);

/**
 * One that runs pipelines, which must account for their items themselves. What a stage tells its neighbours of room when
 * the job has ended meanwhile is dead, and no harm.
 */
export const heddlePipelines = (system: string, setUp: (system: System) => Promise<Sample>): Contestant =>
  running(system, setUp, {}, ({ lost, unaccounted }) => lost + unaccounted);
