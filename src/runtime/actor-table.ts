/**
 * The actors of a thread by slot, and the slots that it may give out on every thread.
 *
 * A slot belongs to the thread that spawns into it: the high 8 bits of a slot number are that thread, the low 24 a
 * place. So a spawner needs nobody's leave to give a new actor its address, and refs can travel before the actor is
 * born (the lease of a whole block to each spawner, at the start, is one that never has to be renewed).
 *
 * ```
 *   slot         31      24 23                                  0
 *               +----------+-------------------------------------+
 *               | spawner  | place                               |
 *               +----------+-------------------------------------+
 * ```
 *
 * A slot that is used again gets the next generation, which refs to its former actor do not have.
 */
import type { Cell } from '../actor/cell.js';
import { LimitReached } from '../base/errors.js';
import { ACTORS_MAX, SLOT_INDEX_BITS } from '../base/limits.js';

const PLACE_MASK = ACTORS_MAX - 1;
/** Generations of one life of a thread. */
const EPOCH_BITS = 20;

export const spawnerOf = (slot: number): number => slot >>> SLOT_INDEX_BITS;

/** The slots of one spawner on one thread, given out by the spawner. */
export class SlotLease {
  readonly #base: number;
  readonly #first: number;
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  /** Set by `take`. */
  generation = 0;

  /** @param epoch how often the spawner's thread has been replaced: its slots begin with other generations each time */
  constructor(spawner: number, epoch: number) {
    this.#base = spawner << SLOT_INDEX_BITS;
    this.#first = epoch << EPOCH_BITS;
  }

  /** A slot that no living actor has; its generation is in `generation`. @throws LimitReached */
  take(): number {
    const place = this.#free.pop() ?? this.#newPlace();
    const generation = (this.#generations[place]! + 1) | 0;
    this.#generations[place] = generation;
    this.generation = generation;
    return this.#base | place;
  }

  #newPlace(): number {
    const place = this.#generations.length;
    if (place >= ACTORS_MAX) {
      throw new LimitReached('too many actors are alive that this thread has spawned there', { actors: ACTORS_MAX });
    }
    this.#generations.push(this.#first);
    return place;
  }

  giveBack(slot: number): void {
    this.#free.push(slot & PLACE_MASK);
  }
}

export class ActorTable {
  readonly #cells: (Cell | undefined)[][];
  /** The latest generation that was born in each slot. */
  readonly #generations: (number | undefined)[][];
  count = 0;

  constructor(threads: number) {
    this.#cells = Array.from({ length: threads }, () => []);
    this.#generations = Array.from({ length: threads }, () => []);
  }

  /** The actor in a slot, of whatever generation. */
  find(slot: number): Cell | undefined {
    return this.#cells[slot >>> SLOT_INDEX_BITS]?.[slot & PLACE_MASK];
  }

  add(cell: Cell): void {
    const spawner = spawnerOf(cell.slot);
    const place = cell.slot & PLACE_MASK;
    const cells = this.#cells[spawner]!;
    // Births from one spawner come in order, nearly; an array without holes is worth filling the gaps.
    while (cells.length < place) cells.push(undefined);
    if (cells[place] === undefined) this.count++;
    cells[place] = cell;
    this.bury(cell.slot, cell.generation);
  }

  /** Notes that this generation of a slot is no longer to come, whether it was born or not. */
  bury(slot: number, generation: number): void {
    const generations = this.#generations[spawnerOf(slot)]!;
    const place = slot & PLACE_MASK;
    while (generations.length < place) generations.push(undefined);
    generations[place] = generation;
  }

  remove(cell: Cell): void {
    const cells = this.#cells[spawnerOf(cell.slot)]!;
    const place = cell.slot & PLACE_MASK;
    if (cells[place] !== cell) return;
    cells[place] = undefined;
    this.count--;
  }

  /** Whether an actor of this address may still be born: its spawn is on its way. */
  isUnborn(slot: number, generation: number): boolean {
    const generations = this.#generations[spawnerOf(slot)];
    if (generations === undefined) return false;
    const latest = generations[slot & PLACE_MASK];
    return latest === undefined || ((generation - latest) | 0) > 0;
  }

  *[Symbol.iterator](): IterableIterator<Cell> {
    for (const cells of this.#cells) {
      for (const cell of cells) if (cell !== undefined) yield cell;
    }
  }
}
