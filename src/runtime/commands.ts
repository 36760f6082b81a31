/**
 * What one can ask of an actor's life from anywhere: stop, kill, drain it, be told of its end, and what families ask of their
 * members. A command finds the actor on its own thread, on another, or not born yet; whoever waits for it waits as for a call.
 *
 * ```
 *   +8   slot
 *   +12  generation
 *   +16  call            of whoever waits, or -1
 *   +20  verb
 *   +24  key             slot of whoever is told, or -1
 *   +28  its generation
 *   +32  target          another call that is meant
 *   +36  milliseconds    -1: none
 *   +40  detail
 * ```
 */
import type { Cell } from '../actor/cell.js';
import type { Ended, Watcher } from '../actor/family.js';
import { type AnyRef, REF } from '../actor/ref.js';
import type { StopOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions, NoSuchActor, type ThreadLost, withoutStack } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import type { Link } from '../mesh/link.js';
import { CALL, COMMAND, GENERATION, SLOT } from '../mesh/records.js';
import type { Tools } from '../messages/tools.js';
import { isName, NAME_RULE } from '../registry/name-text.js';
import type { Core } from './core.js';
import { checkTimeout } from './options.js';
import {
  ALIAS,
  BARRIER,
  DISMISS,
  DRAIN,
  HALT_ACTOR,
  KILL,
  LINK,
  STOP,
  UNALIAS,
  UNLINK,
  UNWATCH,
  WATCH,
} from './verbs.js';

const NO_CALL = -1;
const NO_KEY = -1;
export const NO_MS = -1;
/** Instead of an end: the actor has another parent now, or keeps the one it has. */
export const UNLINKED = 'unlinked';
const VERB = 5;
const KEY = 6;
const KEY_GENERATION = 7;
const TARGET = 8;
const MILLISECONDS = 9;
const DETAIL_AT = 40;

/** How the actors of a thread have ended. */
export const endedWith = (error: ThreadLost): Ended => ({ reason: 'thread-lost', detail: error.message, error });

/** Reasons are cut to this. */
const DETAIL_MAX = 100;

const STOP_OPTIONS: ReadonlySet<string> = new Set<keyof StopOptions>(['reason', 'deadlineMs']);

/** Who waits for the answer to the command that lies at `at`. */
export const askerOf = (origin: number, words: Int32Array, at: number): Watcher => ({
  origin,
  call: words[(at >> 2) + CALL]!,
  key: words[(at >> 2) + KEY]!,
});

export interface Order {
  readonly verb: number;
  readonly detail?: string;
  /** Slot and generation of whoever is told. */
  readonly key?: number;
  readonly keyGeneration?: number;
  readonly target?: number;
  readonly ms?: number;
  /** Whether it must not overtake what was sent before; the others overtake messages. */
  readonly inOrder?: boolean;
}

interface Given extends Order {
  readonly call: number;
}

/** Why an actor is to end, as it is told. @throws InvalidOptions */
export const endingDetail = (options: StopOptions | undefined, otherwise: string): string => {
  if (options !== undefined) checkMembers('ending an actor', options, STOP_OPTIONS);
  return String(options?.reason ?? otherwise).slice(0, DETAIL_MAX);
};

export class Commands {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Ends an actor that nobody has a ref to but those who gave up waiting for it. */
  abandon(ref: AnyRef): void {
    this.send(ref, { verb: KILL, call: NO_CALL, detail: 'its spawn was given up' });
  }

  /** Ends an actor, wherever it is, and waits for that. */
  async end(
    ref: AnyRef,
    verb: typeof STOP | typeof KILL | typeof DRAIN,
    otherwise: string,
    options: StopOptions | undefined,
  ): Promise<Ended> {
    this.#core.checkRef(ref);
    this.#core.checkOpen();
    const detail = endingDetail(options, otherwise);
    const ms = options?.deadlineMs === undefined ? NO_MS : Math.ceil(checkTimeout('deadlineMs', options.deadlineMs, 0));
    // A drain lets those messages be handled that were sent before it.
    return (await this.ask(ref, { verb, detail, ms, inOrder: verb === DRAIN })) as Ended;
  }

  /** Waits for the end of an actor. One may do so while the system ends, but not later. */
  async stopped(ref: AnyRef): Promise<Ended> {
    this.#core.checkRef(ref);
    if (this.#core.halted) this.#core.checkOpen();
    return (await this.ask(ref, { verb: WATCH })) as Ended;
  }

  /** Gives an actor a name, or takes one from it. */
  async rename(ref: AnyRef, verb: typeof ALIAS | typeof UNALIAS, name: string): Promise<unknown> {
    this.#core.checkRef(ref);
    this.#core.checkOpen();
    if (!isName(name)) throw new InvalidOptions(NAME_RULE, { got: describe(name) });
    const answer = await this.ask(ref, { verb, detail: name });
    if (typeof answer !== 'object') return answer;
    throw (answer as Ended).error ?? new NoSuchActor('no living actor has this address; it has ended', { name });
  }

  /** Tells an actor, wherever it is, and waits for the answer. */
  ask(ref: AnyRef, order: Order): Promise<unknown> {
    const { calls } = this.#core;
    const promise = calls.open(ref[REF].thread, undefined, Number.POSITIVE_INFINITY, undefined);
    this.send(ref, { ...order, call: calls.openedCall });
    return promise;
  }

  /** Tells an actor, wherever it is. */
  send(ref: AnyRef, given: Given): void {
    const { thread, slot, generation } = ref[REF];
    const link = this.#core.mesh.links[thread];
    if (link === undefined) this.#here(slot, generation, given);
    else this.#send(link, slot, generation, given);
  }

  #here(slot: number, generation: number, given: Given): void {
    const core = this.#core;
    const cell = core.table.find(slot, generation);
    if (cell !== undefined) this.#obey(cell, core.thread, given);
    else if (core.table.isUnborn(slot, generation)) {
      core.births.whenBorn(slot, generation, () => this.#here(slot, generation, given));
    } else if (given.call !== NO_CALL) {
      core.sendEnded({ origin: core.thread, call: given.call, key: NO_KEY }, core.births.endOf(slot, generation));
    }
    core.wake();
  }

  #send(link: Link, slot: number, generation: number, given: Given): void {
    const { call, inOrder = false } = given;
    if (link.lost !== undefined) {
      // Whoever is told of ends has heard of this one, or does now.
      if (call !== NO_CALL) this.#core.calls.take(call)?.resolve(endedWith(link.lost));
      return;
    }
    const write = ({ memory: { i32 }, general }: Tools, at: number, end: number): number => {
      const word = at >> 2;
      i32[word + SLOT] = slot;
      i32[word + GENERATION] = generation;
      i32[word + CALL] = call;
      i32[word + VERB] = given.verb;
      i32[word + KEY] = given.key ?? NO_KEY;
      i32[word + KEY_GENERATION] = given.keyGeneration ?? 0;
      i32[word + TARGET] = given.target ?? NO_CALL;
      i32[word + MILLISECONDS] = given.ms ?? NO_MS;
      return general.write(given.detail, at + DETAIL_AT, end);
    };
    if (inOrder) link.transmit({ type: COMMAND, key: slot, reserved: true, message: undefined, write });
    else link.sendControl(COMMAND, write);
  }

  /** A command from another thread. False: its actor is not here. */
  obey(origin: number, { memory, general }: Tools, at: number, end: number): boolean {
    const words = memory.i32;
    const word = at >> 2;
    const cell = this.#core.table.find(words[word + SLOT]!, words[word + GENERATION]!);
    if (cell === undefined) return false;
    const given = {
      call: words[word + CALL]!,
      verb: words[word + VERB]!,
      key: words[word + KEY]!,
      keyGeneration: words[word + KEY_GENERATION]!,
      target: words[word + TARGET]!,
      ms: words[word + MILLISECONDS]!,
    };
    memory.at = at + DETAIL_AT;
    memory.end = end;
    this.#obey(cell, origin, { ...given, detail: String(general.read()) });
    return true;
  }

  #obey(cell: Cell, origin: number, given: Given): void {
    const { life, families, names } = this.#core;
    const { verb, call, detail = '', key = NO_KEY, keyGeneration = 0, target = NO_CALL, ms = NO_MS } = given;
    switch (verb) {
      case STOP:
      case KILL:
      case DRAIN:
        this.#watch(cell, origin, call, key, true);
        life.command(cell, verb, detail, ms === NO_MS ? Number.POSITIVE_INFINITY : ms);
        return;
      case WATCH:
        this.#watch(cell, origin, call, key);
        return;
      case UNWATCH:
        families.unwatched(cell, origin, target);
        return;
      case DISMISS:
        this.#watch(cell, origin, call, key);
        life.dismiss(cell, detail);
        return;
      case HALT_ACTOR:
        life.halt(cell, detail);
        return;
      case LINK: {
        const shutdownMs = ms === NO_MS ? Number.POSITIVE_INFINITY : ms;
        const parent = { origin, slot: key, generation: keyGeneration, call: target, shutdownMs };
        const linked = families.reparent(cell, { ...parent, supervises: false, isBorn: true });
        this.#core.settleRequest(origin, call, linked ? undefined : UNLINKED);
        return;
      }
      case UNLINK:
        families.unlinked(cell, origin, target);
        return;
      case BARRIER:
        families.barrier(cell, { origin, call, key: NO_KEY });
        return;
      case ALIAS:
        this.#answer(origin, call, () => names.alias(cell, detail));
        return;
      case UNALIAS:
        this.#answer(origin, call, () => names.unalias(cell, detail));
        return;
      default:
        throw withoutStack(() => new Error(`a command that there is not: ${verb}`));
    }
  }

  #answer(origin: number, call: number, act: () => unknown): void {
    try {
      this.#core.settleRequest(origin, call, act());
    } catch (error) {
      this.#core.failCall(origin, call, error as Error);
    }
  }

  #watch(cell: Cell, origin: number, call: number, key: number, ofLife = false): void {
    if (call === NO_CALL) return;
    const rare = cell.demandRare();
    rare.watchers ??= [];
    rare.watchers.push({ origin, call, key, ofLife });
  }
}
