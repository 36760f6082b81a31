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
 * A slot that is used again gets the next generation, which refs to its former actor do not have. The high bits of a
 * generation count the deaths of the two threads, spawner and target, before the actor was spawned: so the replacement of
 * either begins with addresses that were never given out, and an address tells whether its actor died with its thread.
 *
 * ```
 *   generation   31          20 19                              0
 *               +--------------+---------------------------------+
 *               | deaths       | uses of the slot since then     |
 *               +--------------+---------------------------------+
 * ```
 */
import type { Cell } from '../actor/cell.js';
import { LimitReached } from '../base/errors.js';
import { ACTORS_MAX, SLOT_INDEX_BITS } from '../base/limits.js';

const PLACE_MASK = ACTORS_MAX - 1;
const USES_BITS = 20;
const USES_MASK = (1 << USES_BITS) - 1;
const DEATHS_MASK = (1 << (32 - USES_BITS)) - 1;

export const spawnerOf = (slot: number): number => slot >>> SLOT_INDEX_BITS;

/** Deaths of spawner and target since an address was given out, or the other way round: modulo 2^12, half of that is the past. */
const deathsSince = (generation: number, deaths: number): number => (deaths - (generation >>> USES_BITS)) & DEATHS_MASK;

/** Whether an address was given out before so many deaths of spawner and target. */
const isBefore = (generation: number, deaths: number): boolean => {
  const since = deathsSince(generation, deaths);
  return since > 0 && since <= DEATHS_MASK >> 1;
};

/** The slots of one spawner on one thread, given out by the spawner. */
export class SlotLease {
  readonly #base: number;
  readonly #first: number;
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  /** Set by `take`. */
  generation = 0;

  /** @param deaths how often the spawner's thread and the other one have been replaced, added up */
  constructor(spawner: number, deaths: number) {
    this.#base = spawner << SLOT_INDEX_BITS;
    this.#first = deaths << USES_BITS;
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
    const place = slot & PLACE_MASK;
    // One that has been used a million times is not used again: its generations are spent.
    if ((this.#generations[place]! & USES_MASK) !== USES_MASK) this.#free.push(place);
  }
}

const keyOf = (slot: number, generation: number): string => `${slot}:${generation}`;

export class ActorTable {
  readonly #cells: (Cell | undefined)[][];
  /** The latest generation that was born in each slot. */
  readonly #generations: (number | undefined)[][];
  /**
   * Actors of other lives of their spawner's thread than the one that is known here, who share their slots: those that have
   * outlived it, and those of its replacement of which a ref has come before the news of the death.
   */
  readonly #strays = new Map<string, Cell>();
  /** By spawner: addresses of fewer deaths are of actors that are not to come any more. */
  readonly #floors: number[];
  /** The same when this thread began: those were on the thread that was here before. */
  readonly #firstFloors: readonly number[];
  count = 0;

  /** @param epochs how often each thread has been replaced so far, this one too */
  constructor(thread: number, epochs: readonly number[]) {
    this.#cells = epochs.map(() => []);
    this.#generations = epochs.map(() => []);
    this.#floors = epochs.map((epoch) => epoch + epochs[thread]!);
    this.#firstFloors = [...this.#floors];
  }

  /** The actor of an address. */
  find(slot: number, generation: number): Cell | undefined {
    const cell = this.#cells[slot >>> SLOT_INDEX_BITS]?.[slot & PLACE_MASK];
    if (cell?.generation === generation) return cell;
    return this.#strays.size === 0 ? undefined : this.#strays.get(keyOf(slot, generation));
  }

  add(cell: Cell): void {
    const { slot, generation } = cell;
    if (this.find(slot, generation) === undefined) this.count++;
    if (deathsSince(generation, this.#floors[spawnerOf(slot)]!) !== 0) {
      this.#strays.set(keyOf(slot, generation), cell);
      return;
    }
    this.#place(cell);
  }

  #place(cell: Cell): void {
    const { slot, generation } = cell;
    const cells = this.#cells[spawnerOf(slot)]!;
    const place = slot & PLACE_MASK;
    // Births from one spawner come in order, nearly; an array without holes is worth filling the gaps.
    while (cells.length < place) cells.push(undefined);
    cells[place] = cell;
    this.bury(slot, generation);
  }

  /** Notes that this generation of a slot is no longer to come, whether it was born or not. */
  bury(slot: number, generation: number): void {
    const generations = this.#generations[spawnerOf(slot)]!;
    const place = slot & PLACE_MASK;
    while (generations.length < place) generations.push(undefined);
    generations[place] = generation;
  }

  remove(cell: Cell): void {
    const { slot, generation } = cell;
    const cells = this.#cells[spawnerOf(slot)]!;
    const place = slot & PLACE_MASK;
    if (cells[place] === cell) cells[place] = undefined;
    else if (!this.#strays.delete(keyOf(slot, generation))) return;
    this.count--;
  }

  /** The next life of an actor takes the place of the former one. */
  replace(cell: Cell, heir: Cell): void {
    const { slot, generation } = cell;
    const cells = this.#cells[spawnerOf(slot)]!;
    const place = slot & PLACE_MASK;
    if (cells[place] === cell) cells[place] = heir;
    else this.#strays.set(keyOf(slot, generation), heir);
  }

  /** Whether an actor's slot is no longer its spawner's to be given back to. */
  isOrphan({ slot, generation }: { readonly slot: number; readonly generation: number }): boolean {
    return isBefore(generation, this.#floors[spawnerOf(slot)]!);
  }

  /** Whether an actor of this address may still be born: its spawn is on its way. */
  isUnborn(slot: number, generation: number): boolean {
    const spawner = spawnerOf(slot);
    const generations = this.#generations[spawner];
    if (generations === undefined || isBefore(generation, this.#floors[spawner]!)) return false;
    const latest = generations[slot & PLACE_MASK];
    return latest === undefined || ((generation - latest) | 0) > 0;
  }

  /** Whether the actor of an address that is not here died with a thread: with the one before, or its spawner's. */
  isLost(slot: number, generation: number): boolean {
    const spawner = spawnerOf(slot);
    const generations = this.#generations[spawner];
    if (generations === undefined || !isBefore(generation, this.#floors[spawner]!)) return false;
    if (isBefore(generation, this.#firstFloors[spawner]!)) return true;
    const latest = generations[slot & PLACE_MASK];
    return latest === undefined || ((generation - latest) | 0) > 0;
  }

  /** A spawner's thread has died: its actors here live on, but those that it was about to send are not to come. */
  loseSpawner(spawner: number, deaths: number): void {
    for (const cell of this.#cells[spawner]!) {
      if (cell !== undefined) this.#strays.set(keyOf(cell.slot, cell.generation), cell);
    }
    this.#cells[spawner] = [];
    this.#floors[spawner] = deaths;
    for (const [key, cell] of this.#strays) {
      if (spawnerOf(cell.slot) !== spawner || deathsSince(cell.generation, deaths) !== 0) continue;
      this.#strays.delete(key);
      this.#place(cell);
    }
  }

  *[Symbol.iterator](): IterableIterator<Cell> {
    for (const cells of this.#cells) {
      for (const cell of cells) if (cell !== undefined) yield cell;
    }
    yield* this.#strays.values();
  }
}
