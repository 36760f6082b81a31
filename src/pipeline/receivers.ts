/** Where items go outside: streams and functions of the host, and how these say that they are full. */
import { finished, type Writable } from 'node:stream';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';

/** Where items may go. */
export type Receiver<T> = Writable | WritableStream<T> | ((item: T) => unknown);

/** Takes items one at a time; what it returns is awaited. */
export interface Taker<T> {
  take(item: T): unknown;
  /** There are no more. */
  end(): unknown;
  /** There will be no more, because the job has ended otherwise. */
  abandon(reason: unknown): void;
}

const ignore = (): void => undefined;

const isWebStream = <T>(receiver: object): receiver is WritableStream<T> => 'getWriter' in receiver;
const isNodeStream = (receiver: object): receiver is Writable => 'write' in receiver && 'on' in receiver;

/** @throws InvalidOptions */
export const checkReceiver = (receiver: unknown): void => {
  if (typeof receiver === 'function') return;
  const given = Object(receiver) as object;
  // It may fail before anything is written to it; whoever does so is told then.
  if (isNodeStream(given)) given.on('error', ignore);
  else if (!isWebStream(given)) {
    throw new InvalidOptions('into: items go to a Writable, a WritableStream or a function', {
      got: describe(receiver),
    });
  }
};

/** @param onFailure it will take nothing more; `take` and `end` tell why */
export const takerOf = <T>(receiver: Receiver<T>, onFailure: () => void): Taker<T> => {
  if (typeof receiver === 'function') return { take: (item) => receiver(item), end: ignore, abandon: ignore };
  return isWebStream<T>(receiver) ? new WebTaker(receiver, onFailure) : new NodeTaker(receiver, onFailure);
};

class WebTaker<T> implements Taker<T> {
  readonly #writer: WritableStreamDefaultWriter<T>;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: WritableStream<T>, onFailure: () => void) {
    this.#writer = stream.getWriter();
    this.#writer.closed.catch((error: unknown) => {
      this.#failure = { error };
      onFailure();
    });
  }

  /** Waits for room, not for the item to be written: how many may be under way the stream says. */
  async take(item: T): Promise<void> {
    await this.#writer.ready;
    this.#writer.write(item).catch(ignore);
  }

  async end(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#writer.close();
  }

  abandon(reason: unknown): void {
    this.#writer.abort(reason).catch(ignore);
  }
}

/** Streams of the process, which others write to as well, and which stay open. */
const isShared = (stream: Writable): boolean => stream === process.stdout || stream === process.stderr;

class NodeTaker<T> implements Taker<T> {
  readonly #stream: Writable;
  readonly #isShared: boolean;
  /** It has finished, or failed. */
  #outcome: { readonly error: Error | undefined } | undefined;
  #wake: () => void = ignore;
  /** Listens to it no longer. */
  readonly #leave: () => void;

  constructor(stream: Writable, onFailure: () => void) {
    this.#stream = stream;
    this.#isShared = isShared(stream);
    const drained = (): void => this.#wake();
    stream.on('drain', drained);
    // Also told of a stream that is closed before all is written, and of one that was before.
    const forget = finished(stream, { readable: false }, (error) => {
      this.#outcome = { error: error ?? undefined };
      this.#wake();
      onFailure();
    });
    this.#leave = () => {
      forget();
      stream.off('drain', drained);
    };
  }

  take(item: T): Promise<void> | undefined {
    this.#checkOpen();
    return this.#stream.write(item) ? undefined : this.#drained();
  }

  async end(): Promise<void> {
    if (this.#isShared) {
      if (this.#stream.writableNeedDrain) await this.#drained();
      this.#leave();
      return;
    }
    this.#checkOpen();
    this.#stream.end();
    await this.#news();
    if (this.#outcome?.error !== undefined) throw this.#outcome.error;
  }

  abandon(): void {
    if (this.#isShared) this.#leave();
    else this.#stream.destroy();
  }

  #checkOpen(): void {
    if (this.#outcome !== undefined) throw this.#outcome.error ?? new Error('somebody else has ended the stream');
  }

  async #drained(): Promise<void> {
    await this.#news();
    this.#checkOpen();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
