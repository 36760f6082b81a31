/**
 * The server, in a process of its own, for as long as the one that has started it is there: serves one of the ways, and
 * tells its parent on which port.
 *
 *     server.js <way> <threads>
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { openActors } from './actors.js';
import { openEventLoop } from './event-loop.js';
import { limited } from './limited.js';
import { openPool } from './pool.js';
import { createService } from './service.js';
import type { Way, WayName } from './way.js';

/** What it tells its parent. */
export interface Listening {
  readonly port: number;
}

/** Half a second of work. */
const UNDER_WAY_PER_THREAD = 100;

const OPEN: Readonly<Record<WayName, (threads: number) => Promise<Way> | Way>> = {
  heddle: openActors,
  piscina: openPool,
  none: openEventLoop,
};

const [name, threadsGiven] = process.argv.slice(2);
const threads = Number(threadsGiven);
const way = limited(await OPEN[name as WayName](threads), threads * UNDER_WAY_PER_THREAD);
const service = createService(way).listen(0, '127.0.0.1');
await once(service, 'listening');
process.once('disconnect', async () => {
  // First those who ask, then those who answer.
  service.close();
  service.closeAllConnections();
  await way.close();
});
process.send!({ port: (service.address() as AddressInfo).port } satisfies Listening);
