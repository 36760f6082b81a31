/** What actors and hosts can do to actors, as they see it. */
import type { Protocol } from '../messages/protocol.js';
import type { AnyDefinition, ArgumentsOf, RefOf } from './definition.js';
import type { Ended, Watch } from './family.js';
import type { AnyRef, CallNames, CallOptions, Ref, ReplyOf, RequestOf } from './ref.js';

/** Where an actor is to live. */
export type Place =
  /** The worker with the fewest actors, by its counters. */
  | 'least-loaded'
  /** The workers in turn; the default. */
  | 'round-robin'
  /** The thread that created the system. */
  | 'host'
  /** A thread by its number: 0 is the host, workers count from 1. */
  | number
  /** The thread of another actor. */
  | { readonly near: AnyRef };

export interface SpawnOptions {
  readonly place?: Place;
  /**
   * How long the actor's module and its `init` may take, in ms, 0 to 2^30, before `spawn` is rejected and the actor
   * ended. Default: `importTimeoutMs` and `callTimeoutMs` of the system together. A module that loops at its top level
   * keeps its thread from everything else until the system ends.
   */
  readonly timeoutMs?: number;
  /**
   * Whether the actor becomes a child of the one that spawns it: it ends when its parent does, and its own end is told to the
   * parent's `onSupervision`. From the first moment on, wherever it lives. Default false. Not for the host, which is no actor.
   */
  readonly link?: boolean;
  /**
   * How long the actor may take to end when its parent, or the system, does, in ms, 0 to 2^30; then it is killed. Infinity: as
   * long as it likes. Default 5,000.
   */
  readonly shutdownMs?: number;
}

export interface LinkOptions {
  /** As at `spawn`. */
  readonly shutdownMs?: number;
}

export interface StopOptions {
  /** Why, for those who wait for the end, up to 100 characters. Default `'stopped'`. */
  readonly reason?: string;
  /**
   * How long it may take, in ms, 0 to 2^30; then the actor is killed. Default: as long as it takes. No deadline ends a handler
   * that does not return (see `budgetMs`).
   */
  readonly deadlineMs?: number;
}

/** `init` without arguments needs none at `spawn`. */
export type SpawnArguments<A> = undefined extends A
  ? [args?: A, options?: SpawnOptions]
  : [args: A, options?: SpawnOptions];

/** What both a system and an actor's `self` can do. */
export interface Verbs {
  /**
   * Makes an actor and waits until its `init` has succeeded.
   *
   * @throws ActorFailed (with the cause), InvalidDefinition, ThreadLost, CallTimeout
   */
  spawn<D extends AnyDefinition>(definition: D, ...args: SpawnArguments<ArgumentsOf<D>>): Promise<RefOf<D>>;
  /**
   * Makes an actor and returns its ref at once. Messages to it wait until its `init` has succeeded; if it fails, they
   * become dead letters, and calls are rejected.
   */
  spawnNow<D extends AnyDefinition>(definition: D, ...args: SpawnArguments<ArgumentsOf<D>>): RefOf<D>;
  /**
   * Ends an actor after the handler that is running; what is queued becomes dead letters. Resolves when it has ended;
   * an actor that stops itself is answered at once, and ends when its handler returns.
   */
  stop(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /** Ends an actor at once, also in the middle of an async handler, whose late effects are void. */
  kill(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /** Lets an actor finish what is queued, refuses what comes later, and ends it. */
  drain(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /** Resolves when an actor has ended, at once if it has already. */
  stopped(ref: AnyRef): Promise<Ended>;
  /**
   * Makes the same call to many actors; resolves when all are settled, with the outcomes in the order of the refs.
   *
   * @example
   * const balances = await system.callAll(accounts, 'balance', {});
   */
  callAll<R extends AnyRef, M extends CallNames<R>>(
    refs: readonly R[],
    name: M,
    message: RequestOf<R, M>,
    options?: CallOptions,
  ): Promise<PromiseSettledResult<ReplyOf<R, M>>[]>;
  /** Resolves when there is room for messages to this actor, on the way to it and in its mailbox. */
  room(ref: AnyRef): Promise<void>;
}

/** What a handler and `init` are given to act with. After the actor's end every method throws `ActorStopped`. */
export interface Self<P extends Protocol> extends Verbs {
  readonly ref: Ref<P>;
  /** The number of the thread that the actor lives on. */
  readonly thread: number;
  /** The actor that ends this one with itself; undefined: none. */
  readonly parent: AnyRef | undefined;
  /** The actors that end with this one, in the order in which they were started. */
  readonly children: readonly AnyRef[];
  /** Aborted when the actor ends. */
  readonly signal: AbortSignal;
  /**
   * Takes the answer to the running call into one's own hands: return it from the handler, and answer later.
   *
   * @example
   * next(state, _, self) { const reply = self.reply<string>(); state.waiting.push(reply); return reply; }
   */
  reply<R>(): Reply<R>;
  /** Makes everything visible that was sent so far; a handler that goes on computing for long calls it. */
  flush(): void;
  /** Resolves when an actor has handled all that was sent to it from this thread before. @throws ActorStopped, ThreadLost */
  flush(ref: AnyRef): Promise<void>;
  /**
   * Watches an actor, wherever it is: one notice `down` to `onSupervision` when it has ended, also if it has already. Each
   * watch gives one notice. A restart by a supervisor is no end.
   *
   * @throws InvalidDefinition the actor has no `onSupervision`
   */
  watch(ref: AnyRef): Watch;
  /** Gives up a watch: no notice of it comes any more, not even one that is on its way. */
  unwatch(watch: Watch): void;
  /**
   * Makes a living actor a child of this one. A former parent is told nothing, and no longer ends it. The caller sees to it
   * that nobody becomes a child of its own descendants.
   *
   * @throws NoSuchActor, InvalidOptions (its parent is a supervisor), ThreadLost
   */
  link(ref: AnyRef, options?: LinkOptions): Promise<void>;
  /** Gives up a child, which lives on without a parent. */
  unlink(ref: AnyRef): void;
  /** Stops all children, all at a time. */
  stopChildren(options?: StopOptions): Promise<Ended[]>;
  killChildren(options?: StopOptions): Promise<Ended[]>;
  drainChildren(options?: StopOptions): Promise<Ended[]>;
}

declare const answered: unique symbol;

/** The answer to one call, to be given later, once. */
export interface Reply<R> {
  /** Answers. Nothing happens if the call is settled already. @throws InvalidMessage */
  send(value: R): void;
  /** Rejects the call, with a copy of the error. */
  fail(error: Error): void;
  /** Only for the type checker; no value has it. */
  readonly [answered]?: R;
}
