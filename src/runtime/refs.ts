/** Refs as they travel: three words, and what they become on the thread that reads them. */
import type { Behavior } from '../actor/behavior.js';
import { Cell, ENDED } from '../actor/cell.js';
import { type AnyDefinition, type Details, detailsOf } from '../actor/definition.js';
import { type AnyRef, isRef, REF } from '../actor/ref.js';
import { CELL, DETAILS, KERNEL, makeRefClasses, type RefClasses, wholeRef } from '../actor/ref-classes.js';
import { corrupt } from '../messages/memory.js';
import type { RefTarget } from '../messages/shape.js';
import type { RefCodec } from '../messages/tools.js';
import type { Core } from './core.js';

interface Behind {
  readonly [KERNEL]?: unknown;
  readonly [DETAILS]?: unknown;
}

export class Refs implements RefCodec {
  readonly #core: Core;
  /** Refs of which only the address is known. */
  readonly #nameless: RefClasses;

  constructor(core: Core) {
    this.#core = core;
    this.#nameless = makeRefClasses(core, undefined, 'any', {});
  }

  refuses(value: unknown, target: RefTarget): string | undefined {
    const name = typeof target === 'function' ? detailsOf(target() as AnyDefinition).name : 'an actor';
    if (!isRef(value)) return `a ref to ${name}`;
    const behind = value as Behind;
    if (behind[KERNEL] !== this.#core) return 'a ref of this system';
    if (typeof target !== 'function') return undefined;
    return behind[DETAILS] === detailsOf(target() as AnyDefinition) ? undefined : `a ref to ${name}`;
  }

  take(value: unknown): unknown {
    return wholeRef(value as AnyRef);
  }

  write(value: unknown, words: Int32Array, index: number): void {
    const { thread, slot, generation } = (value as AnyRef)[REF];
    words[index] = thread;
    words[index + 1] = slot;
    words[index + 2] = generation;
  }

  read(target: RefTarget, words: Int32Array, index: number): AnyRef {
    const thread = words[index]!;
    const slot = words[index + 1]!;
    const generation = words[index + 2]!;
    const behavior = typeof target === 'function' ? this.#core.births.behaviorOf(targetDetails(target)) : undefined;
    return this.#make(thread, slot, generation, behavior);
  }

  /** A ref of which only the address is known. */
  nameless(thread: number, slot: number, generation: number): AnyRef {
    return this.#make(thread, slot, generation, undefined);
  }

  /** A ref with the messages of a definition. */
  typed(behavior: Behavior, thread: number, slot: number, generation: number): AnyRef {
    return this.#make(thread, slot, generation, behavior);
  }

  #make(thread: number, slot: number, generation: number, behavior: Behavior | undefined): AnyRef {
    const core = this.#core;
    const classes = behavior?.refs ?? this.#nameless;
    if (thread !== core.thread) {
      const link = core.mesh.links[thread] ?? corrupt(`a ref to thread ${thread}`);
      return new classes.Remote(link, slot, generation);
    }
    return new classes.Local(this.#cell(slot, generation, behavior));
  }

  /** The actor of this address on this thread; where there is none, something that takes its place. */
  #cell(slot: number, generation: number, behavior: Behavior | undefined): Cell {
    const { table, births } = this.#core;
    const cell = table.find(slot, generation);
    if (cell !== undefined) return cell;
    const known = behavior ?? births.anonymous;
    const stand = new Cell(known, slot, generation, undefined);
    if (behavior !== undefined && table.isUnborn(slot, generation)) births.expect(stand);
    else if (!table.isUnborn(slot, generation)) stand.gate = ENDED;
    return stand;
  }

  /** The actor behind a ref of this thread. */
  cellOf(ref: AnyRef): Cell | undefined {
    return (ref as { [CELL]?: Cell })[CELL]?.present;
  }
}

/** What a field refers to; on this thread that may be nothing, if modules import each other in a circle. */
const targetDetails = (target: () => unknown): Details => {
  try {
    return detailsOf(target() as AnyDefinition);
  } catch {
    return corrupt('a ref to a definition that this thread does not have');
  }
};
