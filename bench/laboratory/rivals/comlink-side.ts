/** One of two sides that call each other by comlink, over a channel of their own. */
import type { MessagePort } from 'node:worker_threads';
import { type Endpoint, expose, type Remote, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { Payload } from '../adapter.js';
import type { Recorded } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { type Shape, shapeOf } from '../messages.js';
import { type LoneLoad, type RequestLoad, timeLoneRequests, timeRequests } from '../requests.js';

export interface ComlinkTasks {
  connect(connection: { readonly payload: Payload; readonly port: MessagePort }): void;
  offer(order: Record<string, never>): void;
  ask(load: RequestLoad): Promise<Recorded>;
  lone(load: LoneLoad): Promise<Recorded>;
  disconnect(order: Record<string, never>): void;
}

export const makeComlinkSide = (): ComlinkTasks => {
  let port: MessagePort;
  let endpoint: Endpoint;
  let shape: Shape<unknown>;
  const service = {
    increment: (message: unknown): number => shape.index(message) + 1,
    /** How long it was under way. */
    delay: (message: unknown): number => nowNs() - shape.at(message),
  };
  let remote: Remote<typeof service>;
  return {
    connect(connection) {
      port = connection.port;
      shape = shapeOf(connection.payload);
      // comlink adds a listener for each call that is under way.
      port.setMaxListeners(0);
      port.start();
      endpoint = nodeEndpoint(port);
      remote = wrap<typeof service>(endpoint);
    },
    offer: () => expose(service, endpoint),
    ask: (load) => timeRequests((index) => remote.increment(shape.make(index, 0)), load),
    lone: (load) => timeLoneRequests((index, atNs) => remote.delay(shape.make(index, atNs)), load),
    disconnect: () => port.close(),
  };
};
