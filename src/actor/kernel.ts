/** What refs and actors need from the runtime of their thread. The runtime implements it; nothing here knows how. */
import type { Link } from '../mesh/link.js';
import type { Mesh } from '../mesh/mesh.js';
import type { BoundMessage } from './behavior.js';
import type { Cell } from './cell.js';
import type { AnyDefinition } from './definition.js';
import type { Ended, Watch } from './family.js';
import type { Labels } from './labels.js';
import type { AnyRef, CallOptions } from './ref.js';
import type { EveryOptions, LinkOptions, PipeOptions, Reply, SpawnOptions, StopOptions, Timer } from './self.js';
import type { OwnedTimer } from './timer.js';

/** The verbs of `self` and `system`, without the types that users see. */
export interface KernelVerbs {
  /** @param parent the actor that spawns; none: the host */
  spawn(definition: AnyDefinition, args?: unknown, options?: SpawnOptions, parent?: Cell): Promise<AnyRef>;
  spawnNow(definition: AnyDefinition, args?: unknown, options?: SpawnOptions, parent?: Cell): AnyRef;
  stop(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  kill(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  drain(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  stopped(ref: AnyRef): Promise<Ended>;
  callAll(
    refs: readonly AnyRef[],
    name: string,
    message: unknown,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<unknown>[]>;
  room(ref: AnyRef): Promise<void>;
  whereIs(definition: AnyDefinition | string, name?: string): AnyRef | undefined;
  namesInUse(): string[];
  alias(ref: AnyRef, name: string): Promise<void>;
  unalias(ref: AnyRef, name: string): Promise<boolean>;
  typed(definition: AnyDefinition, ref: AnyRef): AnyRef;
  /** Resolves when all that was sent to an actor before has been handled. */
  flushTo(ref: AnyRef): Promise<void>;
}

/** Who belongs to whom. */
export interface KernelFamilies {
  parentOf(cell: Cell): AnyRef | undefined;
  /** @throws InvalidDefinition, InvalidMessage, SystemStopped */
  watch(ref: AnyRef, cell: Cell): Watch;
  unwatch(watch: Watch, cell: Cell): void;
  link(parent: Cell, ref: AnyRef, options: LinkOptions | undefined): Promise<void>;
  /** An actor ends another one itself, which may be a child. */
  ask(parent: Cell, ref: AnyRef): void;
  /** @throws InvalidOptions */
  unlink(parent: Cell, ref: AnyRef): void;
}

/** The timers of actors. @throws InvalidOptions, InvalidMessage, LimitReached */
export interface KernelTimers {
  after(cell: Cell, delayMs: number, name: string, message: unknown): Timer;
  every(cell: Cell, periodMs: number, name: string, message: unknown, options: EveryOptions | undefined): Timer;
  stopAfter(cell: Cell, delayMs: number, options: StopOptions | undefined): Timer;
  killAfter(cell: Cell, delayMs: number, options: StopOptions | undefined): Timer;
  cancel(timer: OwnedTimer): boolean;
}

/** @throws InvalidOptions, InvalidMessage */
export interface KernelForwards {
  forward(cell: Cell, ref: AnyRef, name: string, message: unknown, options: CallOptions | undefined): Reply<unknown>;
}

/** @throws InvalidOptions, InvalidMessage */
export interface KernelPipes {
  pipe(
    cell: Cell,
    promise: PromiseLike<unknown>,
    ref: AnyRef,
    name: string,
    map: ((value: unknown) => unknown) | undefined,
    options: PipeOptions<unknown> | undefined,
  ): void;
}

export interface Kernel extends KernelVerbs {
  readonly thread: number;
  readonly mesh: Mesh;
  readonly strict: boolean;
  readonly mailboxLimit: number;
  readonly labels: Labels;

  /** A cast from this thread to one of its actors, checked and normalised. @throws MailboxFull, SystemStopped */
  enqueue(cell: Cell, type: number, message: unknown): void;
  /** A call from this thread to one of its actors, opened before. */
  enqueueCall(cell: Cell, type: number, message: unknown, call: number): void;
  /** A cast that did not go the fast way. @throws MailboxFull, MessageTooLarge, ThreadLost, SystemStopped */
  transmitCast(ref: AnyRef, message: BoundMessage, value: unknown): void;
  /** A call, opened before, that did not go the fast way. */
  transmitCall(ref: AnyRef, message: BoundMessage, value: unknown, call: number): void;
  /** A reply that did not go the fast way. */
  transmitReply(link: Link, message: BoundMessage, call: number, value: unknown): void;

  /**
   * Opens a call to `thread`. Its number is in the field below until the next one is opened.
   *
   * @throws LimitReached, InvalidOptions
   */
  openCall(thread: number, message: BoundMessage, options: CallOptions | undefined): Promise<unknown>;
  readonly openedCall: number;
  /** Its deadline, if it is sent now. */
  dateCall(call: number): number;
  /** The deadline of a call is to be written to a word of its record before that is published. */
  dateCallLater(call: number, word: number): void;
  /** Rejects a call that was not sent; the second and third arguments if it had been opened. */
  refuseCall(error: unknown, promise: Promise<unknown> | undefined, call: number | undefined): Promise<unknown>;

  readonly families: KernelFamilies;
  readonly timers: KernelTimers;
  readonly forwards: KernelForwards;
  readonly pipes: KernelPipes;

  /** A ref that acts for an actor. @throws InvalidMessage */
  bind(cell: Cell, ref: AnyRef): AnyRef;
  /**
   * Options for a call that lasts no longer than its actor, and not beyond `deadline`.
   *
   * @throws InvalidOptions, CallTimeout
   */
  limitCall(cell: Cell, where: string, options: CallOptions | undefined, deadline: number): CallOptions;

  refOf(cell: Cell): AnyRef;
  replyOf(cell: Cell): Reply<unknown>;
  signalOf(cell: Cell): AbortSignal;
}
