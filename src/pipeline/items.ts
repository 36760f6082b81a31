/** Where items come from outside: what can be pulled, and how it is told that nobody pulls any more. */
import type { Readable } from 'node:stream';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';

/** What an item source is made of: arrays, generators, `Readable`, `ReadableStream`, events.on(...) and the like. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

type Pulled = IteratorResult<unknown, unknown>;

/** Who is asked for items one by one. */
interface Giver {
  next(): Pulled | Promise<Pulled>;
  /** No more are wanted, although there may be some. */
  leave(reason: unknown): void;
}

const ignore = (): void => undefined;

const isReadable = (items: object): items is Readable => 'destroy' in items && 'on' in items;

/** @throws InvalidOptions */
export const checkItems = (items: unknown): void => {
  const given = Object(items) as object;
  if (!(Symbol.asyncIterator in given) && !(Symbol.iterator in given)) {
    throw new InvalidOptions('from: items are an iterable, an async iterable, or a stream', { got: describe(items) });
  }
  // It may fail before anybody pulls; whoever does is told then.
  if (isReadable(given)) given.on('error', ignore);
};

/** An iterator that has ended, by itself or by throwing, is not told to. */
const iteratorGiver = (iterator: Iterator<unknown> | AsyncIterator<unknown>): Giver => ({
  next: () => iterator.next(),
  leave() {
    // An async one that waits is told when it has what it waits for, which may be never.
    Promise.resolve(iterator.return?.()).catch(ignore);
  },
});

const nodeGiver = (stream: Readable): Giver => {
  const iterator = stream[Symbol.asyncIterator]();
  return { next: () => iterator.next(), leave: () => void stream.destroy() };
};

const webGiver = (stream: ReadableStream<unknown>): Giver => {
  const reader = stream.getReader();
  return { next: () => reader.read() as Promise<Pulled>, leave: (reason) => void reader.cancel(reason).catch(ignore) };
};

const giverOf = (items: Items<unknown>): Giver => {
  if (typeof items === 'object' && isReadable(items)) return nodeGiver(items);
  if ('getReader' in Object(items)) return webGiver(items as unknown as ReadableStream<unknown>);
  if (Symbol.asyncIterator in Object(items)) {
    return iteratorGiver((items as AsyncIterable<unknown>)[Symbol.asyncIterator]());
  }
  return iteratorGiver((items as Iterable<unknown>)[Symbol.iterator]());
};

/** Microtasks after which an item that was asked for is not there at once: more than nested generators take. */
const LOOKS_MAX = 16;

/**
 * Pulls items, one at a time. What was asked for in vain, because nobody waited for it any more, is there for whoever
 * asks next.
 */
export class Feed {
  /** Its items are there as soon as they are asked for. */
  readonly isSync: boolean;
  readonly #giver: Giver;
  #got: Pulled | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isPulling = false;
  #isOver = false;
  #wake: () => void = ignore;

  constructor(items: Items<unknown>) {
    this.#giver = giverOf(items);
    this.isSync = !(Symbol.asyncIterator in Object(items));
  }

  /** The next item of a feed that is sync. */
  pull(): Pulled {
    this.#pull();
    return this.#take()!;
  }

  /** The next item, whenever that is; undefined: `release` was called before. @throws what the items throw */
  async next(signal: AbortSignal): Promise<Pulled | undefined> {
    this.#pull();
    if (this.#isPulling) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return signal.aborted ? undefined : this.#take();
  }

  /** The next item, if it is there at once. */
  async soon(signal: AbortSignal): Promise<Pulled | undefined> {
    this.#pull();
    for (let looks = 0; looks < LOOKS_MAX && this.#isPulling; looks++) await undefined;
    return signal.aborted || this.#failure !== undefined ? undefined : this.#take();
  }

  /** Whoever waits for an item does so no longer. */
  release(): void {
    this.#wake();
  }

  /** @param reason why no more are wanted */
  leave(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.#giver.leave(reason);
    } catch {
      // Nobody is left who could do anything about it.
    }
  }

  #pull(): void {
    if (this.#isPulling || this.#got !== undefined || this.#failure !== undefined) return;
    try {
      const pulled = this.#giver.next();
      if (this.isSync) {
        this.#got = pulled as Pulled;
        return;
      }
      this.#isPulling = true;
      Promise.resolve(pulled).then(
        (got) => this.#arrived(got),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  #arrived(got: Pulled): void {
    this.#got = got;
    this.#isPulling = false;
    this.#wake();
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    this.#isPulling = false;
    this.#wake();
  }

  #take(): Pulled | undefined {
    if (this.#failure !== undefined) {
      this.#isOver = true;
      throw this.#failure.error;
    }
    const got = this.#got;
    if (got?.done === true) this.#isOver = true;
    else this.#got = undefined;
    return got;
  }
}
