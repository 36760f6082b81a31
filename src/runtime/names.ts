/**
 * The names of actors, as one thread deals with them: reserved by whoever spawns, live from the actor's birth to its end, and
 * free before anybody hears of that.
 */
import { type Cell, CLOSING, FALLEN, STARTING } from '../actor/cell.js';
import { type AnyDefinition, type Details, detailsOf } from '../actor/definition.js';
import type { Parent } from '../actor/family.js';
import type { AnyRef } from '../actor/ref.js';
import { lifeEnded, originOf, threadOf } from '../mesh/link.js';
import { type NamedActor, NameTable } from '../registry/name-table.js';
import type { Core } from './core.js';

/** The host's one life, which ends with the system. */
const HOST = 0;

export class Names {
  readonly #core: Core;
  readonly #table: NameTable;
  readonly #origin: number;

  /** @param epoch how often this thread has been replaced */
  constructor(core: Core, epoch: number) {
    const { layout, tools } = core.mesh;
    const words = tools.memory.i32;
    this.#core = core;
    this.#origin = originOf(core.thread, epoch);
    this.#table = new NameTable(words, layout.namesAt, this.#origin, lifeEnded(layout, words));
  }

  // ---- lookups ----------------------------------------------------------------------------------------------------

  whereIs(definition: AnyDefinition | undefined, name: string): AnyRef | undefined {
    const found = this.#table.find(name);
    if (found === undefined) return undefined;
    const { refs, births, mesh } = this.#core;
    const thread = threadOf(found.origin);
    const link = mesh.links[thread];
    // It lives on the replacement of a thread that has died, and this one may not have heard of that.
    if (link !== undefined && link.origin !== found.origin) {
      mesh.hearOfDeaths();
      this.#core.wake();
    }
    if (definition === undefined) return refs.nameless(thread, found.slot, found.generation);
    const details = detailsOf(definition);
    if (details.identity !== found.definition) return undefined;
    return refs.typed(births.behaviorOf(details), thread, found.slot, found.generation);
  }

  list(): string[] {
    return this.#table.list();
  }

  // ---- from birth to end ------------------------------------------------------------------------------------------

  /** Takes a name for an actor that is about to be spawned. @throws AlreadyRegistered, LimitReached, InvalidOptions */
  reserve(name: string, actor: NamedActor): void {
    this.#table.reserve(name, actor);
  }

  free(name: string, actor: NamedActor): void {
    this.#table.free(name, actor);
  }

  /** An actor of this thread, as it stands behind its names. */
  actorOf({ slot, generation, behavior, rare }: Cell, parent: Parent | undefined = rare?.parent): NamedActor {
    const { identity } = behavior.details;
    const isElsewhere = parent !== undefined && threadOf(parent.origin) !== this.#core.thread;
    return { origin: this.#origin, slot, generation, definition: identity, parent: isElsewhere ? parent.origin : HOST };
  }

  /** The same of an actor on another thread that this one is about to spawn. */
  remoteActorOf(origin: number, slot: number, generation: number, details: Details, isChild: boolean): NamedActor {
    return { origin, slot, generation, definition: details.identity, parent: isChild ? this.#origin : HOST };
  }

  /** One more name for a living actor. @throws AlreadyRegistered, LimitReached, InvalidOptions */
  alias(cell: Cell, name: string): void {
    const actor = this.actorOf(cell);
    this.#table.reserve(name, actor);
    this.#table.publish(name, actor);
    const rare = cell.demandRare();
    rare.names ??= [];
    rare.names.push(name);
    this.#core.reports.life('named', cell, name);
  }

  /** Takes a name from an actor. Returns whether it had it. */
  unalias(cell: Cell, name: string): boolean {
    const names = cell.rare?.names;
    const index = names?.indexOf(name) ?? -1;
    if (index < 0) return false;
    names!.splice(index, 1);
    this.#table.free(name, this.actorOf(cell));
    this.#core.reports.life('unnamed', cell, name);
    return true;
  }

  /** An actor has been born: its names can be found. */
  publish(cell: Cell): void {
    for (const name of cell.rare?.names ?? []) {
      this.#table.publish(name, this.actorOf(cell));
      this.#core.reports.life('named', cell, name);
    }
  }

  /** An actor has another parent, or none any more. Its names may have been freed since the former one ended with its thread. */
  entrust(cell: Cell): void {
    const actor = this.actorOf(cell);
    const isLive = (cell.gate & (STARTING | FALLEN | CLOSING)) === 0;
    const names = cell.rare?.names ?? [];
    for (const name of [...names]) {
      if (this.#table.entrust(name, actor)) continue;
      try {
        this.#table.reserve(name, actor);
        if (isLive) this.#table.publish(name, actor);
      } catch {
        // Somebody else has it now.
        names.splice(names.indexOf(name), 1);
        this.#core.reports.life('unnamed', cell, name);
      }
    }
  }

  /** An actor has ended, and may begin again: its names are kept for it, but not found. */
  conceal(cell: Cell): void {
    for (const name of cell.rare?.names ?? []) {
      this.#table.conceal(name, this.actorOf(cell));
      this.#core.reports.life('unnamed', cell, name);
    }
  }

  /** An actor has ended, or is about to and has none to answer to. */
  freeAll(cell: Cell): void {
    const { rare } = cell;
    if (rare?.names === undefined) return;
    for (const name of rare.names) {
      this.#table.free(name, this.actorOf(cell));
      this.#core.reports.life('unnamed', cell, name);
    }
    rare.names = undefined;
  }

  /** An actor that was to be born here will not be. */
  freeUnborn(name: string, slot: number, generation: number): void {
    const actors = this.#table.reservedOf(this.#origin).filter(([reserved]) => reserved === name);
    for (const [, actor] of actors) {
      if (actor.slot === slot && actor.generation === generation) this.#table.free(name, actor);
    }
  }

  /** A life of a thread is over: names that were reserved for actors on it since the control thread has freed the others. */
  loseTarget(origin: number): void {
    this.#table.freeAllOf(origin);
  }

  /** A thread has died: names that it has reserved here for actors whose spawn never came are free again. */
  loseSpawner(isMissed: (slot: number, generation: number) => boolean): void {
    for (const [name, actor] of this.#table.reservedOf(this.#origin)) {
      const { slot, generation } = actor;
      if (!isMissed(slot, generation)) continue;
      if (this.#core.table.find(slot, generation) === undefined) this.#table.free(name, actor);
    }
  }
}
