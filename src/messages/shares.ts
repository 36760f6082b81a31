/**
 * Memory that the threads of a system share. A message carries the number of a buffer; which buffer that is, each thread
 * is told once, on a way of its own that it can look at whenever it meets a number that it does not know.
 */
import { types } from 'node:util';
import { DESCRIPTION } from '../base/describe.js';
import { corrupt } from './memory.js';

declare const handle: unique symbol;

/** A buffer that was shared with a system: `buffer` is the same memory on every thread. Made by `system.share`. */
export interface Shared {
  readonly buffer: SharedArrayBuffer;
  /** Only for the type checker; no value has it. */
  readonly [handle]: true;
}

/** A buffer and the number by which messages speak of it. */
export interface Share {
  readonly number: number;
  readonly buffer: SharedArrayBuffer;
}

/** Of any realm. */
export const isSharedBuffer = (value: unknown): value is SharedArrayBuffer => types.isSharedArrayBuffer(value);

/** What a field that carries such a buffer expects, for people. */
export const SHARED_EXPECTED = 'a shared buffer of this system';

class Handle implements Shared {
  readonly buffer: SharedArrayBuffer;
  declare readonly [handle]: true;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    Object.freeze(this);
  }

  get [DESCRIPTION](): string {
    return 'a shared buffer';
  }

  get [Symbol.toStringTag](): string {
    return 'Shared';
  }
}

/** The shared buffers that one thread knows. */
export class SharedTable {
  readonly #handles = new Map<number, Shared>();
  readonly #numbers = new Map<unknown, number>();
  readonly #receive: () => Share | undefined;

  /** @param receive the next buffer that this thread has been told of and has not looked at; called at any time */
  constructor(known: readonly Share[] = [], receive: () => Share | undefined = () => undefined) {
    this.#receive = receive;
    for (const share of known) this.add(share);
  }

  add({ number, buffer }: Share): Shared {
    const made = new Handle(buffer);
    this.#handles.set(number, made);
    this.#numbers.set(made, number);
    return made;
  }

  /** Whether a value may be sent as a shared buffer. */
  has(value: unknown): boolean {
    return this.#numbers.has(value);
  }

  /** The number of a handle that the table has. */
  numberOf(value: unknown): number {
    return this.#numbers.get(value)!;
  }

  /** @throws CorruptRecord a number that no buffer has */
  read(number: number): Shared {
    return this.#handles.get(number) ?? this.#lookUp(number);
  }

  /** Whoever sent the number had the handle, and a handle is given out only after every thread was told of it. */
  #lookUp(number: number): Shared {
    for (let share = this.#receive(); share !== undefined; share = this.#receive()) this.add(share);
    return this.#handles.get(number) ?? corrupt(`the number ${number} of a shared buffer`);
  }
}
