// comlink types its CommonJS build only; heddle loads the ES modules, which are the same.
declare module 'comlink/dist/esm/comlink.mjs' {
  export { type Endpoint, expose, type Remote, releaseProxy, wrap } from 'comlink';
}

declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { MessagePort, Worker } from 'node:worker_threads';
  import type { Endpoint } from 'comlink';

  const nodeEndpoint: (port: MessagePort | Worker) => Endpoint;
  export default nodeEndpoint;
}
