/** The slow backend of the service: it answers with prices, when it is told to. */
import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it says that an item costs. */
export const priceOf = (item: string): number => item.length;

export class Backend {
  readonly #held: (() => ServerResponse)[] = [];
  readonly #arrivals = new EventEmitter();
  #isOpen = false;
  readonly #server = createServer(({ url = '/' }, response) => {
    this.#held.push(() => response.end(`${priceOf(url.slice(1))}`));
    if (this.#isOpen) this.release();
    this.#arrivals.emit('arrival');
  });

  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until so many requests wait for an answer. */
  async holds(count: number): Promise<void> {
    while (this.#held.length < count) await once(this.#arrivals, 'arrival');
  }

  /** Answers what waits, and from now on at once. */
  release(): void {
    this.#isOpen = true;
    for (const answer of this.#held.splice(0)) answer();
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
