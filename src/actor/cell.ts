/**
 * One living actor. It is also what its handlers get as `self` (typed as `Self`): an actor costs one object and its
 * state.
 *
 * ```
 *              spawn                init ok                  message                 handler ends
 *   (nothing) -------> STARTING ---------------> open (0) ------------> RUNNING ------------------> open
 *                         |                          ^                     | promise                   ^
 *                         | init fails               |                     v                           |
 *                         v                          +---------------- SUSPENDED ----------------------+
 *                       ENDED <------ stop, kill, failure, drained ----- (any)           promise settles
 * ```
 *
 * `gate` holds all that can keep a message from being handled at once, as bits: 0 means go ahead.
 */
import { ActorStopped } from '../base/errors.js';
import type { Behavior } from './behavior.js';
import type { AnyDefinition } from './definition.js';
import type { Kernel } from './kernel.js';
import { Mailbox, type Request } from './mailbox.js';
import { type AnyRef, type CallOptions, isRef, sameRef } from './ref.js';
import type { Ended, EveryOptions, PipeOptions, Reply, SpawnOptions, StopOptions, Timer } from './self.js';
import type { OwnedTimer } from './timer.js';

/** `init` has not succeeded yet. */
export const STARTING = 1;
/** A message waits. */
export const QUEUED = 2;
/** A handler is on the stack. */
export const RUNNING = 4;
/** As many async handlers are pending as may be. */
export const SUSPENDED = 8;
/** The actor is in the queue of those that have something to do. */
export const SCHEDULED = 16;
/** It takes no more messages, and ends when it has handled those that wait. */
export const DRAINING = 32;
/** It ends when the running handler returns. */
export const STOPPING = 64;
export const ENDED = 128;

/** A handler whose promise is pending. */
export interface PendingHandler {
  readonly request: Request | undefined;
  /** Set when the actor ended first: what comes later is void. */
  fenced: boolean;
}

/** Somebody who wants to know when the actor has ended. */
export interface Watcher {
  /** This thread, or one life of another. */
  readonly origin: number;
  readonly call: number;
}

/** What few actors need. */
export interface Rare {
  ref: AnyRef | undefined;
  abort: AbortController | undefined;
  /** Async handlers under way, and calls whose answer was taken over with `self.reply()`. */
  pending: Set<PendingHandler> | undefined;
  watchers: Watcher[] | undefined;
  /** Threads that were told that the mailbox fills. */
  toldFilling: Set<number> | undefined;
  /** How it is to end, once it stops. */
  ending: Ended | undefined;
  /** Whoever awaits the spawn. */
  spawner: Watcher | undefined;
  /** The one that was set last; it leads to the others. */
  timers: OwnedTimer | undefined;
}

const NOTHING = -1;

/** What an actor acts by, as long as it lives. @throws ActorStopped */
export const livingKernel = ({ gate, behavior: { kernel, details } }: Cell): Kernel => {
  if ((gate & ENDED) === 0) return kernel;
  throw new ActorStopped('the actor has ended; its self can do nothing more', { actor: details.name });
};

export class Cell {
  readonly behavior: Behavior;
  readonly slot: number;
  readonly generation: number;
  /** Before `init`: its arguments. After the end: nothing. */
  state: unknown;
  gate = STARTING;
  /** The oldest message that waits: its number in the protocol, or -1. */
  firstType = NOTHING;
  first: unknown = undefined;
  /** Those behind it. */
  rest: Mailbox | undefined = undefined;
  /** Async handlers that are pending. */
  pendingCount = 0;
  rare: Rare | undefined = undefined;

  constructor(behavior: Behavior, slot: number, generation: number, args: unknown) {
    this.behavior = behavior;
    this.slot = slot;
    this.generation = generation;
    this.state = args;
  }

  // ---- the mailbox ------------------------------------------------------------------------------------------------

  /** Messages that wait. */
  get waiting(): number {
    return (this.firstType === NOTHING ? 0 : 1) + (this.rest?.length ?? 0);
  }

  push(type: number, message: unknown): void {
    if (this.firstType === NOTHING) {
      this.firstType = type;
      this.first = message;
    } else {
      this.rest ??= new Mailbox();
      this.rest.push(type, message);
    }
    this.gate |= QUEUED;
  }

  /** Takes the oldest message out; its type must be read before, from `firstType`. */
  shift(): unknown {
    const message = this.first;
    const { rest } = this;
    if (rest !== undefined && rest.length > 0) {
      this.firstType = rest.firstType;
      this.first = rest.shift();
    } else {
      this.firstType = NOTHING;
      this.first = undefined;
      this.gate &= ~QUEUED;
    }
    return message;
  }

  get hasMessage(): boolean {
    return this.firstType !== NOTHING;
  }

  /** What few actors need, made when first asked for. */
  demandRare(): Rare {
    this.rare ??= {
      ref: undefined,
      abort: undefined,
      pending: undefined,
      watchers: undefined,
      toldFilling: undefined,
      ending: undefined,
      spawner: undefined,
      timers: undefined,
    };
    return this.rare;
  }

  /** Whoever awaits the spawn, to be told now; most actors have nothing rare about them afterwards. */
  takeSpawner(): Watcher | undefined {
    const { rare } = this;
    const spawner = rare?.spawner;
    if (rare === undefined || spawner === undefined) return undefined;
    rare.spawner = undefined;
    const { ref, abort, pending, watchers, toldFilling, ending, timers } = rare;
    if ((ref ?? abort ?? pending ?? watchers ?? toldFilling ?? ending ?? timers) === undefined) this.rare = undefined;
    return spawner;
  }

  // ---- self -------------------------------------------------------------------------------------------------------

  get ref(): AnyRef {
    const rare = this.demandRare();
    rare.ref ??= this.behavior.kernel.refOf(this);
    return rare.ref;
  }

  get thread(): number {
    return this.behavior.kernel.thread;
  }

  get signal(): AbortSignal {
    return this.behavior.kernel.signalOf(this);
  }

  /** A dead actor's `self` does nothing any more. */
  #kernel(): Kernel {
    return livingKernel(this);
  }

  spawn(definition: AnyDefinition, args?: unknown, options?: SpawnOptions): Promise<AnyRef> {
    return this.#kernel().spawn(definition, args, options);
  }

  spawnNow(definition: AnyDefinition, args?: unknown, options?: SpawnOptions): AnyRef {
    return this.#kernel().spawnNow(definition, args, options);
  }

  stop(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.#kernel().stop(ref, options), 'stopped', options);
  }

  kill(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.#kernel().kill(ref, options), 'killed', options);
  }

  drain(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.#kernel().drain(ref, options), 'drained', options);
  }

  /** An actor that waited for its own end would wait for ever: it is told at once how it will be. */
  #end(ref: AnyRef, ended: Promise<Ended>, reason: Ended['reason'], options?: StopOptions): Promise<Ended> {
    if (!isRef(ref) || !sameRef(ref, this.ref)) return ended;
    ended.catch(() => undefined);
    return Promise.resolve({ reason, detail: options?.reason ?? reason });
  }

  stopped(ref: AnyRef): Promise<Ended> {
    return this.#kernel().stopped(ref);
  }

  callAll(
    refs: readonly AnyRef[],
    name: string,
    message: unknown,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<unknown>[]> {
    return this.#kernel().callAll(refs, name, message, options);
  }

  room(ref: AnyRef): Promise<void> {
    return this.#kernel().room(ref);
  }

  reply(): Reply<unknown> {
    return this.#kernel().replyOf(this);
  }

  forward(ref: AnyRef, name: string, message?: unknown, options?: CallOptions): Reply<unknown> {
    return this.#kernel().forwards.forward(this, ref, name, message, options);
  }

  pipe(
    promise: PromiseLike<unknown>,
    ref: AnyRef,
    name: string,
    map?: (value: unknown) => unknown,
    options?: PipeOptions<unknown>,
  ): void {
    this.#kernel().pipes.pipe(this, promise, ref, name, map, options);
  }

  to(ref: AnyRef): AnyRef {
    return this.#kernel().bind(this, ref);
  }

  after(delayMs: number, name: string, message?: unknown): Timer {
    return this.#kernel().timers.after(this, delayMs, name, message);
  }

  every(periodMs: number, name: string, message?: unknown, options?: EveryOptions): Timer {
    return this.#kernel().timers.every(this, periodMs, name, message, options);
  }

  stopAfter(delayMs: number, options?: StopOptions): Timer {
    return this.#kernel().timers.stopAfter(this, delayMs, options);
  }

  killAfter(delayMs: number, options?: StopOptions): Timer {
    return this.#kernel().timers.killAfter(this, delayMs, options);
  }

  flush(): void {
    this.#kernel().mesh.flush();
  }
}
