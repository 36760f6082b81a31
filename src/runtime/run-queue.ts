/** The actors of a thread that have something to do, in the order in which they came to have it. */
import type { Cell } from '../actor/cell.js';

const CAPACITY_MIN = 256;

export class RunQueue {
  #cells: (Cell | undefined)[] = new Array(CAPACITY_MIN).fill(undefined);
  #mask = CAPACITY_MIN - 1;
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(cell: Cell): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    this.#cells[this.#tail++ & this.#mask] = cell;
  }

  shift(): Cell {
    const index = this.#head++ & this.#mask;
    const cell = this.#cells[index]!;
    this.#cells[index] = undefined;
    return cell;
  }

  #grow(): void {
    const { length } = this;
    const cells: (Cell | undefined)[] = new Array((this.#mask + 1) * 2).fill(undefined);
    for (let i = 0; i < length; i++) cells[i] = this.#cells[(this.#head + i) & this.#mask];
    this.#cells = cells;
    this.#mask = cells.length - 1;
    this.#head = 0;
    this.#tail = length;
  }
}
