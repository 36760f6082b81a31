/**
 * Messages that wait for one actor beyond the first, oldest first: a ring of pairs that grows.
 *
 * A message's number stands there together with the thread that it came from; a message of the actor's own thread is its
 * number alone.
 */
import { MESSAGE_BITS } from '../messages/protocol.js';

const MESSAGE_MASK = (1 << MESSAGE_BITS) - 1;

/** What a message from another thread is kept under. */
export const tagMessage = (index: number, thread: number): number => index | ((thread + 1) << MESSAGE_BITS);
/** The number of a message by what it is kept under. */
export const untag = (tagged: number): number => tagged & MESSAGE_MASK;
/** What the messages of a thread have in common. */
export const tagOf = (tagged: number): number => tagged >> MESSAGE_BITS;

/** What waits for an answer, together with its message. */
export class Request {
  readonly message: unknown;
  /** Who called: this thread, or one life of another. */
  readonly origin: number;
  /** The number of the call there. */
  readonly call: number;
  /** When nobody waits any more, in ms of the system's clock, as int32. */
  readonly deadline: number;

  constructor(message: unknown, origin: number, call: number, deadline: number) {
    this.message = message;
    this.origin = origin;
    this.call = call;
    this.deadline = deadline;
  }
}

const CAPACITY_MIN = 8;

export class Mailbox {
  /** Type and message of each, in turn: a pair lies on one cache line. */
  #slots: unknown[] = new Array(CAPACITY_MIN * 2).fill(undefined);
  /** Of an index into the slots; both ends count two for each message. */
  #mask = CAPACITY_MIN * 2 - 1;
  #head = 0;
  #tail = 0;

  get length(): number {
    return (this.#tail - this.#head) >> 1;
  }

  push(type: number, message: unknown): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    const index = this.#tail & this.#mask;
    this.#slots[index] = type;
    this.#slots[index + 1] = message;
    this.#tail += 2;
  }

  /** How many messages there are up to the last one with this tag. */
  countTo(tag: number): number {
    for (let index = this.#tail - 2; index >= this.#head; index -= 2) {
      if (tagOf(this.#slots[index & this.#mask] as number) === tag) return ((index - this.#head) >> 1) + 1;
    }
    return 0;
  }

  /** The type of the oldest message. */
  get firstType(): number {
    return this.#slots[this.#head & this.#mask] as number;
  }

  /** Takes the oldest message out. */
  shift(): unknown {
    const index = (this.#head & this.#mask) + 1;
    const message = this.#slots[index];
    this.#slots[index] = undefined;
    this.#head += 2;
    if (this.#head === this.#tail) {
      // Small numbers for ever, and the beginning of the array for mailboxes that are mostly empty.
      this.#head = 0;
      this.#tail = 0;
    }
    return message;
  }

  #grow(): void {
    const used = this.#tail - this.#head;
    const slots: unknown[] = new Array((this.#mask + 1) * 2).fill(undefined);
    for (let i = 0; i < used; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
    this.#tail = used;
  }
}
