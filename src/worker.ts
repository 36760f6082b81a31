/**
 * What a worker thread runs: one task of the control thread's pool that lasts as long as the system. An entry of the
 * package, because threads start at files; it shares the runtime with everything else that the thread imports.
 */

import { receiveMessageOnPort } from 'node:worker_threads';
import { expose } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { Share } from './messages/shares.js';
import type { WorkerPlane, WorkerPorts, WorkerTask } from './scheduler/control-plane.js';

export default async ({ port, newsPort, ...task }: WorkerTask & WorkerPorts): Promise<void> => {
  // piscina requires this file. Loaders that hook `require`, as tsx does, then compile it and what it imports anew: a copy
  // of the runtime that is not the one which actors import. So the runtime is imported, as actors do it.
  const [{ runWorker }, { packError }] = await Promise.all([
    import('./scheduler/worker-thread.js'),
    import('./messages/envelope.js'),
  ]);
  const { ready, ended } = runWorker(task, {
    receiveShare: () => receiveMessageOnPort(newsPort)?.message as Share | undefined,
    tellLabels: (range) => newsPort.postMessage(range),
  });
  const answer = ready.then(() => undefined, packError);
  expose({ ready: () => answer } satisfies WorkerPlane, nodeEndpoint(port));
  await ended;
  port.close();
  newsPort.close();
};
