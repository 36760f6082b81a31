/** The items that a stage with a window has gathered. */
import type { Window } from './contract.js';

export class OpenWindow {
  /** What was known to be done when it was opened. */
  mark = 0;
  port = 0;
  items: unknown[] = [];
  readonly #count: number;
  readonly #ms: number | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor({ count = Number.POSITIVE_INFINITY, ms }: Window) {
    this.#count = count;
    this.#ms = ms;
  }

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  get isFull(): boolean {
    return this.items.length >= this.#count;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** Opens it. Returns when it will be over; undefined: at no time. */
  open(port: number, mark: number, nowMs: number): number | undefined {
    this.port = port;
    this.mark = mark;
    if (this.#ms === undefined) return undefined;
    this.#dueMs = nowMs + this.#ms;
    return this.#dueMs;
  }

  take(): unknown[] {
    const { items } = this;
    this.clear();
    return items;
  }

  clear(): void {
    this.items = [];
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
