/** The tasks of systems that know nothing but requests with answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tasks } from './adapter.js';
import { type Recorded, timedOf } from './arrivals.js';
import type { LoneLoad, RequestLoad } from './requests.js';

type RequestTasks = Pick<Tasks, 'round trip' | 'after idling' | 'calls' | 'idling'>;

export const requestTasks = (
  ask: (load: RequestLoad) => Promise<Recorded>,
  lone: (load: LoneLoad) => Promise<Recorded>,
): RequestTasks => ({
  'round trip': async ({ count }) => timedOf(await ask({ count, inFlight: 1 }), count),
  'after idling': async (load) => timedOf(await lone(load), load.count),
  calls: async (load) => timedOf(await ask(load), load.count),
  idling: ({ forMs }) => sleep(forMs),
});
