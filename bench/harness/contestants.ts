/** How contestants are opened and closed: systems of heddle, threads made by hand, and whatever else. */
import { createSystem, type System, type SystemOptions } from 'heddle';
import { RivalThread } from '../rivals/thread.js';
import { check } from './check.js';
import type { Contestant, Sample } from './workload.js';

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

/** Two worker threads that a rival uses by itself; each has the tasks of one module. */
export const onThreads = <T extends object>(
  system: string,
  module: URL,
  setUp: (one: RivalThread<T>, other: RivalThread<T>) => Promise<Sample>,
): Contestant => ({
  system,
  open: async () => {
    const [one, other] = await Promise.all([RivalThread.start<T>(module), RivalThread.start<T>(module)]);
    const sample = await setUp(one, other);
    return { sample, close: () => Promise.all([one.end(), other.end()]) };
  },
});

/** One worker thread that a rival has to itself. */
export const onThread = <T extends object>(
  system: string,
  module: URL,
  setUp: (thread: RivalThread<T>) => Promise<Sample>,
): Contestant => ({
  system,
  open: async () => {
    const thread = await RivalThread.start<T>(module);
    const sample = await setUp(thread);
    return { sample, close: () => thread.end() };
  },
});
