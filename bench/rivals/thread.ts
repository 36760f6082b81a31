/** A worker thread of a rival, as the benchmark holds it: it is told which task to do, one at a time. */
import { once } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import type { Order, Outcome } from './serve.js';

type OrderOf<F> = F extends (order: infer O) => unknown ? O : never;
type ValueOf<F> = F extends (order: never) => infer R ? Awaited<R> : never;

/** `T` is the type of the tasks that the module serves. */
export class RivalThread<T extends object> {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start<T extends object>(module: URL): Promise<RivalThread<T>> {
    const worker = new Worker(module);
    await once(worker, 'online');
    return new RivalThread<T>(worker);
  }

  async ask<K extends keyof T & string>(
    task: K,
    order: OrderOf<T[K]>,
    transfer: readonly Transferable[] = [],
  ): Promise<ValueOf<T[K]>> {
    const told: Order = { task, order };
    this.#worker.postMessage(told, transfer);
    const [outcome] = (await once(this.#worker, 'message')) as [Outcome];
    if ('error' in outcome) throw outcome.error;
    return outcome.value as ValueOf<T[K]>;
  }

  end(): Promise<number> {
    return this.#worker.terminate();
  }
}
