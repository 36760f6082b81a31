/** A pool of piscina with one worker, called from the host, as it is made for. */
import { Piscina } from 'piscina';
import type { Adapter } from '../adapter.js';
import { shapeOf } from '../messages.js';
import { requestTasks } from '../request-tasks.js';
import { timeLoneRequests, timeRequests } from '../requests.js';
import type { PoolTask } from '../rivals/piscina-task.js';
import { probePackage } from '../versions.js';

const FILE = new URL('../rivals/piscina-task.js', import.meta.url);

/** Tasks that the worker is given at a time: as many as there are calls in flight. */
const CONCURRENCY = 64;

export const piscina: Adapter = {
  name: 'piscina',
  probe: () => probePackage('piscina'),
  async open({ wait, placement, payload }) {
    if (wait !== 'parked' || placement !== 'host-worker') return undefined;
    const pool = new Piscina({
      filename: FILE.href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: CONCURRENCY,
    });
    const { kind } = payload;
    const shape = shapeOf(payload);
    const run = (name: 'increment' | 'delay', index: number, at: number): Promise<number> => {
      const task: PoolTask = { message: shape.make(index, at), kind };
      return pool.run(task, { name }) as Promise<number>;
    };
    await run('increment', 0, 0);
    const tasks = requestTasks(
      (load) => timeRequests((index) => run('increment', index, 0), load),
      (load) => timeLoneRequests((index, atNs) => run('delay', index, atNs), load),
    );
    return { tasks, close: () => pool.close() };
  },
};
