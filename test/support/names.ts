/** Tables of names for tests, on memory of their own. */
import { namesBytes } from '../../src/mesh/layout.js';
import { type NamedActor, NameTable } from '../../src/registry/name-table.js';

const nobodyIsOver = (): boolean => false;

export const nameMemory = (namesMax: number): Int32Array => new Int32Array(new SharedArrayBuffer(namesBytes(namesMax)));

/** A table as the thread of life `origin` sees it. */
export const openNames = (
  words: Int32Array,
  namesMax: number,
  origin = 1,
  isOver: (origin: number) => boolean = nobodyIsOver,
): NameTable => new NameTable(words, 0, origin, isOver, namesMax);

export const newNames = (namesMax: number): NameTable => openNames(nameMemory(namesMax), namesMax);

export const actorOf = (slot: number, origin = 1, generation = 0, parent = origin): NamedActor => ({
  origin,
  slot,
  generation,
  definition: slot ^ 0x55,
  parent,
});
