/** What `name-keeper.ts` is to do, and the memory by which it and its test talk. */

/** All of it is shared. */
export interface NameKeeperTask {
  readonly thread: number;
  readonly epoch: number;
  readonly seed: number;
  readonly table: Int32Array;
  /** For each thread, how often it has been replaced. */
  readonly epochs: Int32Array;
  /** For each name, who has it: the life of its thread and one more, or 0. */
  readonly owners: Int32Array;
  /** For each thread, what it has done. */
  readonly done: Int32Array;
  /** Faults, and whether to stop. */
  readonly control: Int32Array;
}

/** Fewer than there are names, so that the table is full at times. */
export const KEEPERS_NAMES_MAX = 32;
export const KEEPERS_NAMES = 40;

export const ControlWord = { faults: 0, stop: 1 } as const;
export const CONTROL_WORDS = 2;

/** A number that an actor of that name must have, so that a mixture of two is seen. */
export const definitionOf = (origin: number, name: number, generation: number): number =>
  Math.imul(origin ^ Math.imul(name, 0x9e3779b1) ^ generation, 0x85ebca6b);
