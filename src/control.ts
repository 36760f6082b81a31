/**
 * The control thread: it owns the workers, runs no actors, and sleeps. An entry of the package, because threads
 * start at files.
 */

import { MessageChannel, parentPort, setEnvironmentData, workerData } from 'node:worker_threads';
import { expose, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type ControlSetup, WORKER_MARK, type WorkerPlane } from './scheduler/control-plane.js';
import { ControlThread } from './scheduler/control-thread.js';

// Inherited by the workers that this thread starts, and by no others.
setEnvironmentData(WORKER_MARK, true);

const control = new ControlThread(workerData as ControlSetup, {
  workerUrl: new URL('./worker.js', import.meta.url).href,
  connect: () => {
    const { port1, port2 } = new MessageChannel();
    const shares = new MessageChannel();
    const plane = wrap<WorkerPlane>(nodeEndpoint(port1));
    const closed = new Promise<void>((resolve) => {
      port1.once('close', resolve);
    });
    return {
      plane,
      ports: { port: port2, sharesPort: shares.port2 },
      closed,
      share: (share) => shares.port1.postMessage(share),
      close: () => {
        port1.close();
        shares.port1.close();
      },
    };
  },
});

expose(control, nodeEndpoint(parentPort!));
