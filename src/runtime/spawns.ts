/**
 * Spawning actors here and on other threads, and starting those again that have ended under a supervisor.
 *
 * The spawner chooses the address, so the ref is there at once. A child belongs to its parent from the moment on at which
 * its spawn is sent: the record says who the parent is.
 *
 * ```
 *   +8   slot               +24  parent's slot, or 0
 *   +12  generation         +28  its generation
 *   +16  call, or -1        +32  its call for the end, or -1: no parent
 *   +20  definition         +36  how long the actor may take to end, in ms, or -1: as long as it likes
 *                           +40  whether the parent is a supervisor (1), the actor is started again (2), has a name (4)
 *   +48  arguments; if it has a name, a list of that and the arguments
 * ```
 */
import type { Behavior } from '../actor/behavior.js';
import { Cell } from '../actor/cell.js';
import { type AnyDefinition, type Details, detailsOf } from '../actor/definition.js';
import type { Child, Parent } from '../actor/family.js';
import { type AnyRef, isRef, REF } from '../actor/ref.js';
import { DETAILS } from '../actor/ref-classes.js';
import type { SpawnOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { CallTimeout, InvalidOptions } from '../base/errors.js';
import { TIMEOUT_MS_MAX } from '../base/limits.js';
import { checkMembers } from '../base/members.js';
import { CALL, GENERATION, SLOT, SPAWN } from '../mesh/records.js';
import { refuseGeneral, takeGeneral } from '../messages/tools.js';
import type { NamedActor } from '../registry/name-table.js';
import { isName, NAME_RULE } from '../registry/name-text.js';
import type { SlotLease } from './actor-table.js';
import type { Core } from './core.js';
import { checkShutdown, checkTimeout } from './options.js';

const NO_CALL = -1;
const NO_MS = -1;

export const DEFINITION = 5;
const PARENT_SLOT = 6;
const PARENT_GENERATION = 7;
const PARENT_CALL = 8;
const SHUTDOWN = 9;
const FLAGS = 10;
export const ARGUMENTS_AT = 48;

const SUPERVISED = 1;
const AGAIN = 2;
/** The arguments stand in a list behind the name. */
const NAMED = 4;

const SPAWN_OPTIONS: ReadonlySet<string> = new Set<keyof SpawnOptions>([
  'place',
  'timeoutMs',
  'link',
  'shutdownMs',
  'name',
]);

/** What a new actor is to whoever spawns it. */
type Bond = 'none' | 'child' | 'supervised';

const bondOf = (options: SpawnOptions | undefined): Bond => (options?.link === true ? 'child' : 'none');

/** A spawn that is asked for. */
interface Wanted {
  readonly details: Details;
  readonly args: unknown;
  readonly options: SpawnOptions | undefined;
  readonly thread: number;
  readonly parent: Cell | undefined;
  readonly bond: Bond;
}

/** What a spawn comes to. */
interface Spawned {
  readonly ref: AnyRef;
  /** For its parent, if it has one. */
  readonly child: Child | undefined;
}

/** A start that is under way. */
export interface Started {
  readonly child: Child | undefined;
  readonly started: Promise<AnyRef>;
}

/** What is to be started, and who wants it. */
interface Start {
  readonly behavior: Behavior;
  readonly slot: number;
  readonly generation: number;
  readonly args: unknown;
  readonly call: number;
  readonly parent: Cell | undefined;
  readonly child: Child | undefined;
  readonly isAgain: boolean;
  readonly name: string | undefined;
}

/** What stands in a spawn besides its arguments. */
export interface SpawnHead {
  readonly slot: number;
  readonly generation: number;
  readonly call: number;
  readonly parent: Parent | undefined;
  readonly isAgain: boolean;
  readonly isNamed: boolean;
}

/** @param at where the record begins, in words */
export const readSpawn = (words: Int32Array, at: number, origin: number): SpawnHead => {
  const call = words[at + PARENT_CALL]!;
  const flags = words[at + FLAGS]!;
  const shutdownMs = words[at + SHUTDOWN] === NO_MS ? Number.POSITIVE_INFINITY : words[at + SHUTDOWN]!;
  const isAgain = (flags & AGAIN) !== 0;
  const parent: Parent = {
    origin,
    slot: words[at + PARENT_SLOT]!,
    generation: words[at + PARENT_GENERATION]!,
    call,
    supervises: (flags & SUPERVISED) !== 0,
    isBorn: isAgain,
    shutdownMs,
  };
  return {
    slot: words[at + SLOT]!,
    generation: words[at + GENERATION]!,
    call: words[at + CALL]!,
    parent: call === NO_CALL ? undefined : parent,
    isAgain,
    isNamed: (flags & NAMED) !== 0,
  };
};

export class Spawns {
  readonly #core: Core;
  readonly #place: (place: SpawnOptions['place']) => number;

  /** @param place the thread for a new actor; throws InvalidOptions */
  constructor(core: Core, place: (place: SpawnOptions['place']) => number) {
    this.#core = core;
    this.#place = place;
  }

  spawnNow(
    definition: AnyDefinition,
    args: unknown,
    options: SpawnOptions | undefined,
    parent: Cell | undefined,
  ): AnyRef {
    return this.#spawn(this.#want(definition, args, options, parent, bondOf(options)), NO_CALL).ref;
  }

  spawn(
    definition: AnyDefinition,
    args: unknown,
    options: SpawnOptions | undefined,
    parent: Cell | undefined,
  ): Promise<AnyRef> {
    const wanted = this.#want(definition, args, options, parent, bondOf(options));
    const { child, started } = this.#start(options, wanted.thread, (call) => this.#spawn(wanted, call));
    return child === undefined ? started : this.#settleChild(parent!, child, started);
  }

  /** A child that was not born is none. */
  async #settleChild(parent: Cell, child: Child, started: Promise<AnyRef>): Promise<AnyRef> {
    try {
      const ref = await started;
      child.starting = false;
      return ref;
    } catch (error) {
      this.#core.families.forget(parent, child);
      throw error;
    }
  }

  /** Makes a child that can be started again when it has ended. The supervisor tells its family how the start came out. */
  spawnSupervised(supervisor: Cell, definition: AnyDefinition, args: unknown, options: SpawnOptions): Started {
    const wanted = this.#want(definition, args, options, supervisor, 'supervised');
    return this.#start(options, wanted.thread, (call) => this.#spawn(wanted, call));
  }

  /** Starts a child again that has ended, under the address that it had; if its thread has died, on the one in its place. */
  startAgain(supervisor: Cell, definition: AnyDefinition, args: unknown, child: Child, options: SpawnOptions): Started {
    const core = this.#core;
    const behavior = core.births.behaviorOf(detailsOf(definition));
    const { thread, slot, generation } = child.ref[REF];
    return this.#start(options, thread, (call) => {
      core.families.awaitEnd(supervisor, child);
      child.starting = true;
      const { name } = options;
      const start = { behavior, slot, generation, args, call, parent: supervisor, child, isAgain: true, name };
      if (thread === core.thread) {
        const parent = this.#parentHere(start);
        const taken = this.#takeArguments(behavior, args);
        core.births.beginAgain(behavior, { slot, generation, call, parent }, thread, taken, name);
      } else this.#send(start, thread);
      return { ref: child.ref, child };
    });
  }

  /** @throws InvalidDefinition, InvalidOptions, SystemStopped */
  #want(
    definition: AnyDefinition,
    args: unknown,
    options: SpawnOptions | undefined,
    parent: Cell | undefined,
    bond: Bond,
  ): Wanted {
    const details = this.#check(definition, options, parent);
    return { details, args, options, thread: this.#choose(options), parent, bond };
  }

  #check(definition: AnyDefinition, options: SpawnOptions | undefined, parent: Cell | undefined): Details {
    this.#core.checkOpen();
    const details = detailsOf(definition);
    if (options === undefined) return details;
    checkMembers('spawn of ', options, SPAWN_OPTIONS, details.name);
    const { link = false, name } = options;
    if (name !== undefined && !isName(name)) throw new InvalidOptions(NAME_RULE, { got: describe(name) });
    if (typeof link !== 'boolean') throw new InvalidOptions('link is true or false', { got: describe(link) });
    if (link && parent === undefined) {
      throw new InvalidOptions('link: the host is no actor and has no children; spawn from an actor, or watch', {
        definition: details.name,
      });
    }
    return details;
  }

  #choose(options: SpawnOptions | undefined): number {
    const place = options?.place;
    if (typeof place === 'object' && isRef(place?.near)) this.#core.checkRef(place.near);
    return this.#place(place);
  }

  /** Sends a start, and waits for its outcome. */
  #start(options: SpawnOptions | undefined, thread: number, send: (call: number) => Spawned): Started {
    const { calls, options: defaults } = this.#core;
    // The module may be imported first; the import has a deadline of its own, whose error says more.
    const otherwise = Math.min(TIMEOUT_MS_MAX, defaults.importTimeoutMs + defaults.callTimeoutMs);
    const timeoutMs = checkTimeout('timeoutMs', options?.timeoutMs, otherwise);
    const started = calls.open(thread, undefined, timeoutMs, undefined) as Promise<AnyRef>;
    const call = calls.openedCall;
    calls.date(call);
    try {
      const { ref, child } = send(call);
      calls.setRef(call, ref);
      return { child, started };
    } catch (error) {
      calls.take(call)?.reject(error);
      return { child: undefined, started };
    }
  }

  #spawn({ details, args, options, thread, parent, bond }: Wanted, call: number): Spawned {
    const core = this.#core;
    const shutdownMs = checkShutdown(options?.shutdownMs);
    const behavior = core.births.behaviorOf(details);
    const { name } = options ?? {};
    const lease = core.births.slots.leaseOn(thread);
    const adopt = (ref: AnyRef): Child | undefined =>
      bond === 'none' ? undefined : core.families.adopt(parent!, ref, call, shutdownMs, bond === 'supervised');
    if (thread === core.thread) {
      const taken = this.#takeArguments(behavior, args);
      const slot = lease.take();
      const { generation } = lease;
      const cell = new Cell(behavior, slot, generation, taken);
      if (name !== undefined) this.#reserve(name, core.names.actorOf(cell), lease);
      const ref = new behavior.refs.Local(cell);
      const child = adopt(ref);
      const start = { behavior, slot, generation, args, call, parent, child, isAgain: false, name };
      core.births.begin(cell, thread, call, this.#parentHere(start), name);
      return { ref, child };
    }
    const link = core.mesh.links[thread]!;
    core.births.modules.announce(link, details);
    const slot = lease.take();
    const { generation } = lease;
    const actor = core.names.remoteActorOf(link.origin, slot, generation, details, bond !== 'none');
    if (name !== undefined) this.#reserve(name, actor, lease);
    const ref = new behavior.refs.Remote(link, slot, generation);
    const child = adopt(ref);
    try {
      this.#send({ behavior, slot, generation, args, call, parent, child, isAgain: false, name }, thread);
    } catch (error) {
      if (name !== undefined) core.names.free(name, actor);
      lease.giveBack(slot);
      if (child !== undefined) core.families.forget(parent!, child);
      throw error;
    }
    return { ref, child };
  }

  #reserve(name: string, actor: NamedActor, lease: SlotLease): void {
    try {
      this.#core.names.reserve(name, actor);
    } catch (error) {
      lease.giveBack(actor.slot);
      throw error;
    }
  }

  #parentHere({ parent, child, isAgain }: Start): Parent | undefined {
    if (parent === undefined || child === undefined) return undefined;
    const { slot, generation } = parent;
    const { call, shutdownMs, isSupervised } = child;
    return { origin: this.#core.thread, slot, generation, call, supervises: isSupervised, isBorn: isAgain, shutdownMs };
  }

  #send({ behavior, slot, generation, args, call, parent, child, isAgain, name }: Start, thread: number): void {
    const { details } = behavior;
    const link = this.#core.mesh.links[thread]!;
    this.#core.births.modules.announce(link, details);
    const shutdownMs = child?.shutdownMs ?? Number.POSITIVE_INFINITY;
    link.transmit({
      type: SPAWN,
      key: slot,
      reserved: false,
      message: args,
      write: ({ memory: { i32 }, general }, at, end) => {
        const word = at >> 2;
        i32[word + SLOT] = slot;
        i32[word + GENERATION] = generation;
        i32[word + CALL] = call;
        i32[word + DEFINITION] = details.number;
        i32[word + PARENT_SLOT] = child === undefined ? 0 : parent!.slot;
        i32[word + PARENT_GENERATION] = child === undefined ? 0 : parent!.generation;
        i32[word + PARENT_CALL] = child?.call ?? NO_CALL;
        i32[word + SHUTDOWN] = shutdownMs === Number.POSITIVE_INFINITY ? NO_MS : Math.ceil(shutdownMs);
        i32[word + FLAGS] =
          (isAgain ? AGAIN : 0) | (child?.isSupervised === true ? SUPERVISED : 0) | (name === undefined ? 0 : NAMED);
        i32[word + FLAGS + 1] = 0;
        try {
          return general.write(name === undefined ? args : [name, args], at + ARGUMENTS_AT, end);
        } catch (error) {
          return refuseGeneral(initOf(behavior), args, 'args', error);
        }
      },
    });
  }

  #takeArguments(behavior: Behavior, args: unknown): unknown {
    try {
      return args === undefined ? undefined : takeGeneral(args);
    } catch (error) {
      return refuseGeneral(initOf(behavior), args, 'args', error);
    }
  }

  /** The error of a spawn whose deadline has passed. The actor, if it is born after all, is ended. */
  late(ref: AnyRef, timeoutMs: number): CallTimeout {
    const core = this.#core;
    core.commands.abandon(ref);
    const { thread } = ref[REF];
    const { name, url } = (ref as { [DETAILS]?: Details })[DETAILS]!;
    const { layout, tools } = core.mesh;
    const importing = Atomics.load(tools.memory.i32, layout.importingWord(thread)) > 0;
    const why = importing
      ? 'the thread is still importing a module, which may loop or wait at its top level'
      : 'its init has not ended, or the thread is busy';
    return new CallTimeout(`${name} was not born in time: ${why}`, { timeoutMs, thread, url });
  }
}

/** Where arguments go, for people. */
const initOf = ({ details }: Behavior): string => `${details.name}.init`;
