/**
 * One life of an actor. It is also what its handlers get as `self` (typed as `Self`): an actor costs one object and its
 * state.
 *
 * ```
 *              spawn                init ok                  message                 handler ends
 *   (nothing) -------> STARTING ---------------> open (0) ------------> RUNNING ------------------> open
 *                       ^ |                          ^                     | promise                   ^
 *            supervisor | | init fails               |                     v                           |
 *                       | v                          +---------------- SUSPENDED ----------------------+
 *                     FALLEN <--- CLOSING <------ stop, kill, failure, drained ----- (any)      promise settles
 *                                   |   children end, hooks run
 *                                   +------> ENDED      without a supervisor, or when that gives it up
 * ```
 *
 * `gate` holds all that can keep a message from being handled at once, as bits: 0 means go ahead.
 *
 * A supervised actor that has ended leaves an heir: another cell with its address, its mailbox and those who watch it.
 * So whatever the former life still does by its `self` is void, and what is sent to its address is not.
 */
import { ActorStopped } from '../base/errors.js';
import type { DeadReason } from '../mesh/books.js';
import type { Behavior } from './behavior.js';
import type { AnyDefinition } from './definition.js';
import type { Child, Ended, Parent, Watch, Watcher } from './family.js';
import type { Kernel } from './kernel.js';
import type { Lane } from './lane.js';
import { Mailbox, type Request, tagOf } from './mailbox.js';
import { type AnyRef, type CallOptions, isRef, sameRef } from './ref.js';
import type { EveryOptions, LinkOptions, PipeOptions, Reply, SpawnOptions, StopOptions, Timer } from './self.js';
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
/** This life of it is over. */
export const ENDED = 128;
/** Something waits in its lane. */
export const NOTICED = 256;
/** A promise of a hook is pending. */
export const HOOKED = 512;
/** It is ending, and takes no more messages: its children go first, then its hooks run. */
export const CLOSING = 1024;
/** It has ended, and waits until its supervisor starts it again. */
export const FALLEN = 2048;

/** What keeps its messages from being handled, however many there are. */
export const HELD = STARTING | SUSPENDED | STOPPING | ENDED | HOOKED | CLOSING | FALLEN;
/** Whether messages are kept out of its mailbox. One that falls for a failure keeps what comes. */
export const isRefusing = (gate: number): boolean =>
  (gate & (DRAINING | ENDED)) !== 0 || (gate & (CLOSING | FALLEN)) === CLOSING;

/** A handler whose promise is pending. */
export interface PendingHandler {
  readonly request: Request | undefined;
  /** Whether it is a handler; else a call that is to be answered later. */
  readonly isHandler: boolean;
  /** Set when the actor ended first: what comes later is void. */
  fenced: boolean;
}

/** An end that is under way. */
export interface Closing {
  ended: Ended;
  /** Whether its supervisor is asked whether to start it again. */
  readonly falls: boolean;
  /** Whether its state and mailbox are kept for that. */
  readonly keeps: boolean;
  readonly hasState: boolean;
  /** Why messages that come now are dead. */
  readonly reason: DeadReason | undefined;
  /** Children that are still to end, the next one last. */
  readonly order: Child[];
  /** The child whose end is waited for. */
  child: Child | undefined;
  /** Whether children are being ended right now. */
  busy: boolean;
}

/** What is kept of a life until the next one begins. */
export interface Fallen {
  readonly ended: Ended;
  /** Whether `state` is that of the former life. */
  readonly hasState: boolean;
  readonly state: unknown;
}

/** What few actors need. */
export class Rare {
  ref: AnyRef | undefined = undefined;
  abort: AbortController | undefined = undefined;
  /** Async handlers under way, and calls whose answer was taken over with `self.reply()`. */
  pending: Set<PendingHandler> | undefined = undefined;
  watchers: Watcher[] | undefined = undefined;
  /** Threads that were told that the mailbox fills. */
  toldFilling: Set<number> | undefined = undefined;
  /** How it is to end, once it stops. */
  ending: Ended | undefined = undefined;
  /** Whoever awaits the spawn. */
  spawner: Watcher | undefined = undefined;
  /** What it can be found by. */
  names: string[] | undefined = undefined;
  parent: Parent | undefined = undefined;
  /** In the order in which they were started. */
  children: Set<Child> | undefined = undefined;
  /** What it watches, and the calls that the notices are answers to. */
  watches: Map<Watch, number> | undefined = undefined;
  lane: Lane | undefined = undefined;
  /** A hook's promise that is pending; what comes of it is void once it is fenced. */
  hook: { fenced: boolean } | undefined = undefined;
  closing: Closing | undefined = undefined;
  fallen: Fallen | undefined = undefined;
  /** The alarm that kills it if it takes too long to end. */
  deadline: { readonly alarm: number; readonly at: number } | undefined = undefined;
  /** Its supervisor stops it, to start it again. */
  halting: true | undefined = undefined;
  /** The next life of the actor. */
  heir: Cell | undefined = undefined;
  /** The one that was set last; it leads to the others. */
  timers: OwnedTimer | undefined = undefined;

  /** Whether there is nothing rare about the actor any more. */
  get isEmpty(): boolean {
    return (
      (this.ref ??
        this.abort ??
        this.pending ??
        this.watchers ??
        this.toldFilling ??
        this.ending ??
        this.names ??
        this.parent ??
        this.children ??
        this.watches ??
        this.lane ??
        this.hook ??
        this.closing ??
        this.fallen ??
        this.deadline ??
        this.halting ??
        this.heir ??
        this.timers) === undefined
    );
  }
}

const NOTHING = -1;

export class Cell {
  readonly behavior: Behavior;
  readonly slot: number;
  readonly generation: number;
  /** Before `init`: its arguments. After the end: nothing. */
  state: unknown;
  gate = STARTING;
  /** A message that came when none waited: its number in the protocol, or -1. Most actors never need more room. */
  firstType = NOTHING;
  first: unknown = undefined;
  /** Those that came after it. */
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
    if (!this.hasMessage) {
      this.firstType = type;
      this.first = message;
    } else {
      this.rest ??= new Mailbox();
      this.rest.push(type, message);
    }
    this.gate |= QUEUED;
  }

  /** The number of the oldest message that waits; there must be one. */
  get oldestType(): number {
    return this.firstType === NOTHING ? this.rest!.firstType : this.firstType;
  }

  /** Takes the oldest message out; its number must be read before. */
  shift(): unknown {
    const { rest } = this;
    let message: unknown;
    if (this.firstType === NOTHING) message = rest!.shift();
    else {
      message = this.first;
      this.firstType = NOTHING;
      this.first = undefined;
    }
    if (rest === undefined || rest.length === 0) this.gate &= ~QUEUED;
    return message;
  }

  /** How many messages wait up to the last one from the thread of this tag. The first may be from anywhere. */
  countTo(tag: number): number {
    const hasFirst = this.firstType !== NOTHING;
    const behind = this.rest?.countTo(tag) ?? 0;
    return behind > 0 ? behind + Number(hasFirst) : Number(hasFirst && tagOf(this.firstType) === tag);
  }

  get hasMessage(): boolean {
    return (this.gate & QUEUED) !== 0;
  }

  /** It has ended, or is about to. */
  get isEnding(): boolean {
    return (this.gate & (ENDED | CLOSING)) !== 0;
  }

  /** What few actors need, made when first asked for. */
  demandRare(): Rare {
    this.rare ??= new Rare();
    return this.rare;
  }

  /** Whoever awaits the spawn, to be told now; most actors have nothing rare about them afterwards. */
  takeSpawner(): Watcher | undefined {
    const { rare } = this;
    const spawner = rare?.spawner;
    if (rare === undefined || spawner === undefined) return undefined;
    rare.spawner = undefined;
    if (rare.isEmpty) this.rare = undefined;
    return spawner;
  }

  /** The next life of this actor, which takes over its address, its mailbox and those who watch it. */
  leaveHeir(gate: number): Cell {
    const heir = new Cell(this.behavior, this.slot, this.generation, undefined);
    const { watchers, toldFilling, names, parent, lane } = this.demandRare();
    // Whoever waits at a barrier waits on.
    heir.gate = gate | (this.gate & QUEUED) | (lane?.isEmpty === false ? NOTICED : 0);
    heir.firstType = this.firstType;
    heir.first = this.first;
    heir.rest = this.rest;
    Object.assign(heir.demandRare(), { watchers, toldFilling, names, parent, lane });
    this.firstType = NOTHING;
    this.first = undefined;
    this.rest = undefined;
    this.rare = undefined;
    this.demandRare().heir = heir;
    return heir;
  }

  /** The present life of the actor, as far as it has one. */
  get present(): Cell {
    let cell: Cell = this;
    while (cell.rare?.heir !== undefined) cell = cell.rare.heir;
    // Whoever has a ref to a former life finds the present one at once from now on.
    if (cell !== this && this.rare !== undefined) this.rare.heir = cell;
    return cell;
  }

  // ---- self -------------------------------------------------------------------------------------------------------

  get parent(): AnyRef | undefined {
    return this.demandKernel().families.parentOf(this);
  }

  get children(): readonly AnyRef[] {
    return [...(this.rare?.children ?? [])].map(({ ref }) => ref);
  }

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

  /** What an actor acts by, as long as it lives; a dead one's `self` does nothing any more. @throws ActorStopped */
  demandKernel(): Kernel {
    const { kernel, details } = this.behavior;
    if ((this.gate & ENDED) === 0) return kernel;
    throw new ActorStopped('the actor has ended; its self can do nothing more', { actor: details.name });
  }

  spawn(definition: AnyDefinition, args?: unknown, options?: SpawnOptions): Promise<AnyRef> {
    return this.demandKernel().spawn(definition, args, options, this);
  }

  spawnNow(definition: AnyDefinition, args?: unknown, options?: SpawnOptions): AnyRef {
    return this.demandKernel().spawnNow(definition, args, options, this);
  }

  stop(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.demandKernel().stop(ref, options), 'stopped', options);
  }

  kill(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.demandKernel().kill(ref, options), 'killed', options);
  }

  drain(ref: AnyRef, options?: StopOptions): Promise<Ended> {
    return this.#end(ref, this.demandKernel().drain(ref, options), 'drained', options);
  }

  /** An actor that waited for its own end would wait for ever: it is told at once how it will be. */
  #end(ref: AnyRef, ended: Promise<Ended>, reason: Ended['reason'], options?: StopOptions): Promise<Ended> {
    if (this.rare?.children !== undefined) this.demandKernel().families.ask(this, ref);
    if (!isRef(ref) || !sameRef(ref, this.ref)) return ended;
    ended.catch(() => undefined);
    return Promise.resolve({ reason, detail: options?.reason ?? reason });
  }

  stopped(ref: AnyRef): Promise<Ended> {
    return this.demandKernel().stopped(ref);
  }

  whereIs(definition: AnyDefinition | string, name?: string): AnyRef | undefined {
    return this.demandKernel().whereIs(definition, name);
  }

  names(): string[] {
    return this.demandKernel().namesInUse();
  }

  alias(ref: AnyRef, name: string): Promise<void> {
    return this.demandKernel().alias(ref, name);
  }

  unalias(ref: AnyRef, name: string): Promise<boolean> {
    return this.demandKernel().unalias(ref, name);
  }

  typed(definition: AnyDefinition, ref: AnyRef): AnyRef {
    return this.demandKernel().typed(definition, ref);
  }

  callAll(
    refs: readonly AnyRef[],
    name: string,
    message: unknown,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<unknown>[]> {
    return this.demandKernel().callAll(refs, name, message, options);
  }

  room(ref: AnyRef): Promise<void> {
    return this.demandKernel().room(ref);
  }

  reply(): Reply<unknown> {
    return this.demandKernel().replyOf(this);
  }

  forward(ref: AnyRef, name: string, message?: unknown, options?: CallOptions): Reply<unknown> {
    return this.demandKernel().forwards.forward(this, ref, name, message, options);
  }

  pipe(
    promise: PromiseLike<unknown>,
    ref: AnyRef,
    name: string,
    map?: (value: unknown) => unknown,
    options?: PipeOptions<unknown>,
  ): void {
    this.demandKernel().pipes.pipe(this, promise, ref, name, map, options);
  }

  to(ref: AnyRef): AnyRef {
    return this.demandKernel().bind(this, ref);
  }

  flush(ref?: AnyRef): Promise<void> | undefined {
    const kernel = this.demandKernel();
    if (ref !== undefined) return kernel.flushTo(ref);
    kernel.mesh.flush();
    return undefined;
  }

  // ---- its timers -------------------------------------------------------------------------------------------------

  after(delayMs: number, name: string, message?: unknown): Timer {
    return this.demandKernel().timers.after(this, delayMs, name, message);
  }

  every(periodMs: number, name: string, message?: unknown, options?: EveryOptions): Timer {
    return this.demandKernel().timers.every(this, periodMs, name, message, options);
  }

  stopAfter(delayMs: number, options?: StopOptions): Timer {
    return this.demandKernel().timers.stopAfter(this, delayMs, options);
  }

  killAfter(delayMs: number, options?: StopOptions): Timer {
    return this.demandKernel().timers.killAfter(this, delayMs, options);
  }

  // ---- its family -------------------------------------------------------------------------------------------------

  watch(ref: AnyRef): Watch {
    return this.demandKernel().families.watch(ref, this);
  }

  unwatch(watch: Watch): void {
    this.demandKernel().families.unwatch(watch, this);
  }

  link(ref: AnyRef, options?: LinkOptions): Promise<void> {
    return this.demandKernel().families.link(this, ref, options);
  }

  unlink(ref: AnyRef): void {
    this.demandKernel().families.unlink(this, ref);
  }

  stopChildren(options?: StopOptions): Promise<Ended[]> {
    return Promise.all(this.children.map((ref) => this.stop(ref, options)));
  }

  killChildren(options?: StopOptions): Promise<Ended[]> {
    return Promise.all(this.children.map((ref) => this.kill(ref, options)));
  }

  drainChildren(options?: StopOptions): Promise<Ended[]> {
    return Promise.all(this.children.map((ref) => this.drain(ref, options)));
  }
}
