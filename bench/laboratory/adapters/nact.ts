/** nact, whose actors all live on the thread that started their system. They take their turns on its event loop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RivalThread } from '../../rivals/thread.js';
import type { Adapter, Tasks } from '../adapter.js';
import { checkRecorded, SATURATION_TIMED_EVERY, timedOf } from '../arrivals.js';
import type { tasks as nactTasks } from '../rivals/nact.js';
import { messagesOf } from '../schedule.js';
import { NANOSECONDS_PER_SECOND } from '../units.js';
import { probePackage } from '../versions.js';

const THREAD = new URL('../rivals/nact.js', import.meta.url);

const tasksOf = (thread: RivalThread<typeof nactTasks>): Tasks => ({
  'round trip': async (order) => timedOf(await thread.ask('rally', order), order.count),
  'at a fixed rate': async (rate) => timedOf(await thread.ask('pace', rate), messagesOf(rate)),
  async 'at saturation'({ count }) {
    const { recorded } = await thread.ask('saturate', { count, timedEvery: SATURATION_TIMED_EVERY });
    return timedOf(recorded, count);
  },
  'after idling': async (order) => timedOf(await thread.ask('lone', order), order.count),
  calls: async (load) => timedOf(await thread.ask('ask', load), load.count),
  async stream({ count }) {
    const { beganNs, recorded } = await thread.ask('saturate', { count, timedEvery: 0 });
    checkRecorded(recorded, count);
    return (recorded.endedNs - beganNs) / NANOSECONDS_PER_SECOND;
  },
  idling: ({ forMs }) => sleep(forMs),
});

export const nact: Adapter = {
  name: 'nact',
  probe: () => probePackage('nact'),
  async open({ wait, placement, payload }) {
    if (wait !== 'parked' || placement !== 'same-thread') return undefined;
    const thread = await RivalThread.start<typeof nactTasks>(THREAD);
    await thread.ask('use', { payload });
    return { tasks: tasksOf(thread), close: async () => void (await thread.end()) };
  },
};
