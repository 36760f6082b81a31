/** The items that come out of a pipeline, to be read with `for await`. */
import type { Taker } from './edges.js';

/** Items that wait for whoever reads; then the pipeline does. */
const WAITING_MAX = 256;

export class Output<T> implements AsyncIterable<T>, Taker<T> {
  readonly #items: T[] = [];
  readonly #onLeave: () => void;
  #room: (() => void) | undefined;
  #reader: (() => void) | undefined;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param onLeave nobody reads any more */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  take(item: T): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    this.#items.push(item);
    this.#reader?.();
    if (this.#items.length < WAITING_MAX) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  end(): void {
    this.#isEnded = true;
    this.#reader?.();
  }

  abandon(): void {
    this.end();
  }

  /** Whoever reads is told when all items are read. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (this.#items.length < WAITING_MAX / 2) this.#makeRoom();
        if (item !== undefined || this.#items.length > 0) yield item as T;
        else if (this.#failure !== undefined) throw this.#failure.error;
        else if (this.#isEnded) return;
        else await this.#news();
      }
    } finally {
      const wasEnded = this.#isEnded;
      this.end();
      this.#items.length = 0;
      this.#makeRoom();
      if (!wasEnded) this.#onLeave();
    }
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }
}
