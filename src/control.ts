/**
 * The control thread: it owns the workers, runs no actors, and sleeps. An entry of the package, because threads
 * start at files.
 */

import {
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  setEnvironmentData,
  workerData,
} from 'node:worker_threads';
import { expose, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { LabelRange } from './actor/labels.js';
import { type ControlSetup, WORKER_MARK, type WorkerPlane } from './scheduler/control-plane.js';
import { ControlThread } from './scheduler/control-thread.js';

// Inherited by the workers that this thread starts, and by no others.
setEnvironmentData(WORKER_MARK, true);

const { labelsPort, ...setup } = workerData as ControlSetup & { readonly labelsPort: MessagePort };

const labelsFrom = (port: MessagePort) => (): LabelRange | undefined =>
  receiveMessageOnPort(port)?.message as LabelRange | undefined;

const control = new ControlThread(setup, {
  workerUrl: new URL('./worker.js', import.meta.url).href,
  receiveHostLabels: labelsFrom(labelsPort),
  connect: () => {
    const { port1, port2 } = new MessageChannel();
    const news = new MessageChannel();
    const plane = wrap<WorkerPlane>(nodeEndpoint(port1));
    const closed = new Promise<void>((resolve) => {
      port1.once('close', resolve);
    });
    return {
      plane,
      ports: { port: port2, newsPort: news.port2 },
      closed,
      share: (share) => news.port1.postMessage(share),
      receiveLabels: labelsFrom(news.port1),
      close: () => {
        port1.close();
        news.port1.close();
      },
    };
  },
});

expose(control, nodeEndpoint(parentPort!));
