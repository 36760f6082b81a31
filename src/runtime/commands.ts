/**
 * What one can ask of an actor's life from anywhere: stop, kill, drain it, or be told of its end. A command finds the actor
 * on its own thread, on another, or not born yet; whoever gave it waits as for a call.
 */
import { type AnyRef, REF } from '../actor/ref.js';
import type { Ended, StopOptions } from '../actor/self.js';
import type { ThreadLost } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import type { Link } from '../mesh/link.js';
import { CALL, COMMAND, GENERATION, SLOT } from '../mesh/records.js';
import type { Tools } from '../messages/tools.js';
import type { Core } from './core.js';
import { DRAIN, KILL, type Verb, WATCH } from './life.js';

const NO_CALL = -1;
/** A command: slot, generation, call, verb; then the detail. */
const VERB = 5;
const DETAIL_AT = 24;
/** How the actors of a thread have ended. */
export const endedWith = (error: ThreadLost): Ended => ({ reason: 'thread-lost', detail: error.message, error });

/** Reasons are cut to this. */
const DETAIL_MAX = 100;

const STOP_OPTIONS: ReadonlySet<string> = new Set<keyof StopOptions>(['reason']);

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
    const { thread, slot, generation } = ref[REF];
    const link = this.#core.mesh.links[thread];
    const detail = 'its spawn was given up';
    if (link === undefined) this.#here(slot, generation, KILL, detail, NO_CALL);
    else if (link.lost === undefined) this.#send(link, slot, generation, KILL, detail, NO_CALL);
  }

  /** Tells an actor, wherever it is, and waits for its end. */
  command(ref: AnyRef, verb: Verb, otherwise: string, options: StopOptions | undefined): Promise<Ended> {
    try {
      this.#core.checkRef(ref);
      // One may still wait for the end of an actor while the system ends, but not later.
      if (verb !== WATCH || this.#core.halted) this.#core.checkOpen();
      const detail = endingDetail(options, otherwise);
      const { thread, slot, generation } = ref[REF];
      const promise = this.#core.calls.open(thread, undefined, Number.POSITIVE_INFINITY, undefined);
      const call = this.#core.calls.openedCall;
      if (thread === this.#core.thread) this.#here(slot, generation, verb, detail, call);
      else this.#send(this.#core.mesh.links[thread]!, slot, generation, verb, detail, call);
      return promise as Promise<Ended>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #here(slot: number, generation: number, verb: Verb, detail: string, call: number): void {
    const cell = this.#core.table.find(slot, generation);
    const { thread: origin } = this.#core;
    const watcher = call === NO_CALL ? undefined : { origin, call };
    if (cell !== undefined) this.#core.life.command(cell, verb, detail, watcher);
    else if (this.#core.table.isUnborn(slot, generation)) {
      this.#core.births.whenBorn(slot, generation, () => this.#here(slot, generation, verb, detail, call));
    } else if (call !== NO_CALL) this.#core.sendEnded(origin, call, this.#core.births.endOf(slot, generation));
    this.#core.wake();
  }

  /** Commands overtake messages; but for a drain, which lets those be handled that were sent before it. */
  #send(link: Link, slot: number, generation: number, verb: Verb, detail: string, call: number): void {
    if (link.lost !== undefined) {
      this.#core.calls.take(call)?.resolve(endedWith(link.lost));
      return;
    }
    const write = ({ memory: { i32 }, general }: Tools, at: number, end: number): number => {
      const word = at >> 2;
      i32[word + SLOT] = slot;
      i32[word + GENERATION] = generation;
      i32[word + CALL] = call;
      i32[word + VERB] = verb;
      return general.write(detail, at + DETAIL_AT, end);
    };
    if (verb === DRAIN) link.transmit({ type: COMMAND, key: slot, reserved: true, message: undefined, write });
    else link.sendControl(COMMAND, write);
  }

  /** A command from another thread. False: its actor is not here. */
  obey(origin: number, { memory, general }: Tools, at: number, end: number): boolean {
    const words = memory.i32;
    const word = at >> 2;
    const cell = this.#core.table.find(words[word + SLOT]!, words[word + GENERATION]!);
    if (cell === undefined) return false;
    const call = words[word + CALL]!;
    const verb = words[word + VERB] as Verb;
    memory.at = at + DETAIL_AT;
    memory.end = end;
    const detail = String(general.read());
    this.#core.life.command(cell, verb, detail, call === NO_CALL ? undefined : { origin, call });
    return true;
  }
}
