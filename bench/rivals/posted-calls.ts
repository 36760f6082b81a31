/** Calls over a port, by hand: a number for each, and a table of those that wait. */
import type { MessagePort } from 'node:worker_threads';

/** The caller's side. */
export class PostedCalls {
  readonly #port: MessagePort;
  readonly #pending = new Map<number, (value: number) => void>();
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', ([id, value]: [number, number]) => {
      const resolve = this.#pending.get(id)!;
      this.#pending.delete(id);
      resolve(value);
    });
  }

  call(a: number, b: number): Promise<number> {
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#pending.set(id, resolve);
      this.#port.postMessage([id, a, b]);
    });
  }

  close(): void {
    this.#port.close();
  }
}

/** Answers calls with the sum of their two arguments. */
export const answerCalls = (port: MessagePort): void => {
  port.on('message', ([id, a, b]: readonly [number, number, number]) => port.postMessage([id, a + b]));
};
