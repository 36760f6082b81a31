/** The items that come out of a pipeline, to be read with `for await`. */
import type { Taker } from './receivers.js';

/** Items that wait for whoever reads; then the pipeline does. */
const WAITING_MAX = 256;

export class Output<T> implements AsyncIterable<T>, Taker<T> {
  readonly #items: T[] = [];
  readonly #onLeave: () => void;
  #room: (() => void) | undefined;
  readonly #readers: (() => void)[] = [];
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param onLeave nobody reads any more */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  take(item: T): Promise<void> | undefined {
    if (this.#isEnded) return undefined;
    this.#items.push(item);
    this.#wakeReaders();
    if (this.#items.length < WAITING_MAX) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  end(): void {
    this.#isEnded = true;
    this.#wakeReaders();
  }

  /** Why that is, the job knows; it calls `fail` or `end`. */
  abandon(): void {}

  /** Whoever reads is told when all items are read. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        if (this.#items.length > 0) yield this.#read();
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

  #read(): T {
    const item = this.#items.shift() as T;
    if (this.#items.length < WAITING_MAX / 2) this.#makeRoom();
    return item;
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }

  #wakeReaders(): void {
    for (const wake of this.#readers.splice(0)) wake();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#readers.push(resolve);
    });
  }
}
