/** A bounded stream of reports: readers that are too slow miss some, and are told how many. */

/** What a stream adds to each item. */
export interface Missable {
  /** How many items were dropped before this one because the stream was full. */
  readonly missed: number;
}

interface Reader<T> {
  readonly queue: (T & Missable)[];
  missed: number;
  /** Those who wait for an item. */
  waiting: (() => void)[];
}

const wake = (reader: { waiting: (() => void)[] }): void => {
  for (const go of reader.waiting.splice(0)) go();
};

export class BoundedStream<T extends object> implements AsyncIterable<T & Missable> {
  readonly #limit: number;
  readonly #readers = new Set<Reader<T>>();
  readonly #onReaders: (count: number) => void;
  #ended = false;

  /** @param onReaders is told how many readers there are whenever that changes */
  constructor(limit: number, onReaders: (count: number) => void = () => undefined) {
    this.#limit = limit;
    this.#onReaders = onReaders;
  }

  push(item: T, missedBefore = 0): void {
    for (const reader of this.#readers) {
      reader.missed += missedBefore;
      if (reader.queue.length >= this.#limit) reader.missed++;
      else {
        reader.queue.push({ ...item, missed: reader.missed });
        reader.missed = 0;
      }
      wake(reader);
    }
  }

  /** The stream for those who come later: the first one reads what there was from now on. */
  fromStart(): AsyncIterable<T & Missable> {
    let early: AsyncIterator<T & Missable> | undefined = this[Symbol.asyncIterator]();
    return {
      [Symbol.asyncIterator]: () => {
        const reader = early ?? this[Symbol.asyncIterator]();
        early = undefined;
        return reader;
      },
    };
  }

  /** No more items; readers get what is left. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) wake(reader);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T & Missable> {
    const reader: Reader<T> = { queue: [], missed: 0, waiting: [] };
    this.#readers.add(reader);
    this.#onReaders(this.#readers.size);
    const leave = (): void => {
      if (!this.#readers.delete(reader)) return;
      this.#onReaders(this.#readers.size);
      wake(reader);
    };
    const next = async (): Promise<IteratorResult<T & Missable, undefined>> => {
      for (;;) {
        const value = reader.queue.shift();
        if (value !== undefined) return { done: false, value };
        if (this.#ended || !this.#readers.has(reader)) {
          leave();
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => {
          reader.waiting.push(resolve);
        });
      }
    };
    return {
      next,
      return: async () => {
        leave();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
