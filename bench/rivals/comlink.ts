/** A worker that calls another by comlink, over a channel of their own. */
import type { MessagePort } from 'node:worker_threads';
import { type Endpoint, expose, type Remote, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type CallFigures, type CallLoad, measureCalls } from '../harness/calls.js';
import { serve } from './serve.js';

const service = { increment: (value: number): number => value + 1 };

let endpoint: Endpoint;
let remote: Remote<typeof service>;

export const tasks = {
  connect({ port }: { readonly port: MessagePort }): void {
    // comlink adds a listener for each call that is under way.
    port.setMaxListeners(0);
    port.start();
    endpoint = nodeEndpoint(port);
  },

  offer(): void {
    expose(service, endpoint);
  },

  use(): void {
    remote = wrap<typeof service>(endpoint);
  },

  call(load: CallLoad): Promise<CallFigures> {
    return measureCalls((value) => remote.increment(value), load);
  },
};

serve(tasks);
