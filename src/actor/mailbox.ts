/** Messages that wait for one actor beyond the first, oldest first: a ring of pairs that grows. */

/** What waits for an answer, together with its message. */
export class Request {
  readonly message: unknown;
  /** Who called. */
  readonly thread: number;
  /** The number of the call there. */
  readonly call: number;
  /** When nobody waits any more, in ms of the system's clock, as int32. */
  readonly deadline: number;

  constructor(message: unknown, thread: number, call: number, deadline: number) {
    this.message = message;
    this.thread = thread;
    this.call = call;
    this.deadline = deadline;
  }
}

const CAPACITY_MIN = 8;

export class Mailbox {
  #types: number[] = new Array(CAPACITY_MIN).fill(0);
  #messages: unknown[] = new Array(CAPACITY_MIN).fill(undefined);
  #mask = CAPACITY_MIN - 1;
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(type: number, message: unknown): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    const index = this.#tail++ & this.#mask;
    this.#types[index] = type;
    this.#messages[index] = message;
  }

  /** The type of the oldest message. */
  get firstType(): number {
    return this.#types[this.#head & this.#mask]!;
  }

  /** Takes the oldest message out. */
  shift(): unknown {
    const index = this.#head & this.#mask;
    const message = this.#messages[index];
    this.#messages[index] = undefined;
    this.#head++;
    if (this.#head === this.#tail) {
      // Small numbers for ever, and the beginning of the arrays for mailboxes that are mostly empty.
      this.#head = 0;
      this.#tail = 0;
    }
    return message;
  }

  #grow(): void {
    const length = this.length;
    const capacity = (this.#mask + 1) * 2;
    const types: number[] = new Array(capacity).fill(0);
    const messages: unknown[] = new Array(capacity).fill(undefined);
    for (let i = 0; i < length; i++) {
      types[i] = this.#types[(this.#head + i) & this.#mask]!;
      messages[i] = this.#messages[(this.#head + i) & this.#mask];
    }
    this.#types = types;
    this.#messages = messages;
    this.#mask = capacity - 1;
    this.#head = 0;
    this.#tail = length;
  }
}
