/** The items that a stage with a window has gathered. */
import type { Window } from './contract.js';

export class OpenWindow {
  /** What was known to be done when it was opened. */
  mark = 0;
  port = 0;
  items: unknown[] = [];
  /** When it is over; infinite while none is open, or it has no such time. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #count: number;
  readonly #ms: number;

  constructor({ count = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY }: Window) {
    this.#count = count;
    this.#ms = ms;
  }

  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  get isFull(): boolean {
    return this.items.length >= this.#count;
  }

  open(port: number, mark: number, nowMs: number): void {
    this.port = port;
    this.mark = mark;
    this.dueMs = nowMs + this.#ms;
  }

  take(): unknown[] {
    const { items } = this;
    this.clear();
    return items;
  }

  clear(): void {
    this.items = [];
    this.dueMs = Number.POSITIVE_INFINITY;
  }
}
