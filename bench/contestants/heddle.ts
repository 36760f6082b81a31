/** Systems of heddle. */
import { createSystem, type System, type SystemOptions } from 'heddle';
import { check } from '../harness/check.js';
import type { Contestant, Sample } from '../harness/workload.js';

/** Worker threads of a system, unless a workload says otherwise: as many as the machine has cores that count. */
const THREADS = 2;

/** A system of heddle with two workers; at its end its books must balance and nothing may be lost. */
export const heddle = (
  system: string,
  setUp: (system: System) => Promise<Sample>,
  options: SystemOptions = {},
): Contestant => ({
  system,
  open: async () => {
    const running = await createSystem({ threads: THREADS, ...options });
    const sample = await setUp(running);
    const close = async (): Promise<void> => {
      const { lost, dead, unaccounted } = await running.shutdown();
      check('messages that were lost, dead or unaccounted for', lost + dead + unaccounted, 0);
    };
    return { sample, close };
  },
});
