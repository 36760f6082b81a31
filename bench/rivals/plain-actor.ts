/**
 * Actors as one would write them for a single thread: an object with a handler and an array for a mailbox, and a queue
 * of those that have something to do. No addresses, no errors, no limits: what the language itself costs.
 */
class Queue<T> {
  #items: (T | undefined)[] = new Array(1024);
  #mask = 1023;
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(item: T): void {
    if (this.length > this.#mask) this.#grow();
    this.#items[this.#tail++ & this.#mask] = item;
  }

  shift(): T {
    const place = this.#head++ & this.#mask;
    const item = this.#items[place] as T;
    this.#items[place] = undefined;
    return item;
  }

  #grow(): void {
    const { length } = this;
    const larger = new Array<T | undefined>(2 * (this.#mask + 1));
    for (let index = 0; index < length; index++) larger[index] = this.#items[(this.#head + index) & this.#mask];
    this.#items = larger;
    this.#mask = larger.length - 1;
    this.#head = 0;
    this.#tail = length;
  }
}

const runnable = new Queue<Runnable>();

interface Runnable {
  run(): void;
}

export class PlainActor<M> implements Runnable {
  readonly #handle: (message: M) => void;
  #first: M | undefined;
  #others: M[] | undefined;
  #queued = false;

  constructor(handle: (message: M) => void) {
    this.#handle = handle;
  }

  send(message: M): void {
    if (!this.#queued) {
      this.#queued = true;
      this.#first = message;
      runnable.push(this);
    } else if (this.#others === undefined) this.#others = [message];
    else this.#others.push(message);
  }

  run(): void {
    const first = this.#first as M;
    const others = this.#others;
    this.#first = undefined;
    this.#others = undefined;
    this.#queued = false;
    this.#handle(first);
    if (others !== undefined) for (const message of others) this.#handle(message);
  }
}

/** Runs actors until none has anything to do. */
export const drain = (): void => {
  while (runnable.length > 0) runnable.shift().run();
};
