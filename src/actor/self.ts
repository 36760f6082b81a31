/** What actors and hosts can do to actors, as they see it. */
import type { Call, Protocol } from '../messages/protocol.js';
import type { AnyDefinition, ArgumentsOf, RefOf } from './definition.js';
import type { Ended, Watch } from './family.js';
import type {
  AnyRef,
  CallNames,
  CallOptions,
  CastArguments,
  CastNames,
  CastOf,
  MessageOf,
  Ref,
  ReplyOf,
  RequestOf,
} from './ref.js';

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
   * What the actor can be found by, system-wide: 1 to 96 bytes of well-formed UTF-8, up to 16,384 names. It is taken at
   * once, which refuses the spawn with `AlreadyRegistered` if somebody has it; found once `init` has succeeded; and
   * free again when the actor has ended, before anybody is told of that.
   */
  readonly name?: string;
  /**
   * Whether the actor becomes a child of the one that spawns it, from its first moment on, wherever it lives: it ends
   * when its parent does, and its own end is told to the parent's `onSupervision`. Without that hook every end but
   * `stopped` and `drained` is the parent's failure. Default false. Not for the host, which is no actor. Erlang's
   * `spawn_link`, in one direction.
   */
  readonly link?: boolean;
  /**
   * How long the actor may take to end when its parent does, in ms, 0 to 2^30, its own children included; then it is
   * killed. Infinity: as long as it likes. Default 5,000.
   */
  readonly shutdownMs?: number;
}

export interface LinkOptions {
  /** As at `spawn`. */
  readonly shutdownMs?: number;
}

export interface StopOptions {
  /**
   * Why, for those who wait for the end: its `detail`, cut to 100 characters. Default `'stopped'`, `'killed'`,
   * `'drained'`.
   */
  readonly reason?: string;
  /**
   * How long it may take, in ms, 0 to 2^30; then the actor is killed, and its children are waited for no longer if they
   * were being ended already. Default: as long as it takes. No deadline ends a handler that does not return (see
   * `budgetMs`).
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
   * @throws ActorFailed  its `init` failed, with that as the cause
   * @throws CallTimeout  it was not born within `timeoutMs`, and will not be
   * @throws AlreadyRegistered  its `name` is taken
   * @throws InvalidDefinition, InvalidMessage, InvalidOptions, LimitReached, ThreadLost, SystemStopped
   *
   * @example
   * const account = await system.spawn(Account, 'ann', { name: 'accounts/ann', place: 'least-loaded' });
   */
  spawn<D extends AnyDefinition>(definition: D, ...args: SpawnArguments<ArgumentsOf<D>>): Promise<RefOf<D>>;
  /**
   * Makes an actor and returns its ref at once. Messages to it wait until its `init` has succeeded; if it fails, they
   * become dead letters, and calls are rejected. What is wrong with the arguments is thrown.
   *
   * @throws AlreadyRegistered, InvalidDefinition, InvalidMessage, InvalidOptions, LimitReached, SystemStopped
   */
  spawnNow<D extends AnyDefinition>(definition: D, ...args: SpawnArguments<ArgumentsOf<D>>): RefOf<D>;
  /**
   * Ends an actor after the handler that is running, pending promises included; what is queued becomes dead letters.
   * Its children end first, the last one to start first. Resolves when it has ended, for any number of callers; an
   * actor that stops itself is answered at once, and ends when its handler returns.
   *
   * Whoever stops, kills or drains a child of a supervisor is told of the end of its present life: one that is
   * `permanent` is started again. To end it, ask its supervisor (`terminate`).
   *
   * @throws InvalidMessage (no ref of this system), InvalidOptions, LimitReached, SystemStopped
   *
   * @example
   * const { reason, detail } = await system.stop(account, { reason: 'closed', deadlineMs: 1_000 });
   */
  stop(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /**
   * Ends an actor at once, also in the middle of an async handler, whose answer, timers and use of `self` are void;
   * what that sends by refs of its own cannot be told apart. No code on the stack is interrupted. Its children end
   * first, as by `stop`; its `stopped` hook does not run. A second kill does not wait for the children.
   *
   * @throws as `stop`
   */
  kill(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /**
   * Lets an actor finish what is queued, refuses what comes later, and ends it as `stop` does.
   *
   * @throws as `stop`
   */
  drain(ref: AnyRef, options?: StopOptions): Promise<Ended>;
  /**
   * Resolves when an actor has ended, with `no-such-actor` if it has already. A restart by a supervisor is no end; the
   * death of the actor's thread is one (`thread-lost`), also if a supervisor starts it again.
   *
   * @throws InvalidMessage, LimitReached, SystemStopped
   */
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
  /** The actor that has a name now, without its messages; see `typed`. Asks no thread: names are in shared memory. */
  whereIs(name: string): AnyRef | undefined;
  /** The actor that has a name now, if it is one of this definition. @throws InvalidDefinition */
  whereIs<D extends AnyDefinition>(definition: D, name: string): RefOf<D> | undefined;
  /** All names that can be found now, in no order. */
  names(): string[];
  /**
   * Gives a living actor one more name, under which it can be found when this resolves. It goes with the actor, and
   * with its thread; a restart on the same thread keeps it.
   *
   * @throws AlreadyRegistered, LimitReached, InvalidOptions, NoSuchActor, ThreadLost
   */
  alias(ref: AnyRef, name: string): Promise<void>;
  /**
   * Takes a name from an actor, an alias or the one that it was spawned with; false: it did not have it.
   *
   * @throws InvalidOptions, NoSuchActor, ThreadLost
   */
  unalias(ref: AnyRef, name: string): Promise<boolean>;
  /**
   * The same actor, by a ref with the messages of a definition. Nobody checks that it is one: a message that an actor
   * does not know becomes a dead letter.
   *
   * @throws InvalidDefinition, InvalidMessage
   */
  typed<D extends AnyDefinition>(definition: D, ref: AnyRef): RefOf<D>;
  /**
   * Resolves when there is room for messages to this actor, on the way to it and in its mailbox: back-pressure, to be
   * awaited now and then by who sends much.
   *
   * @example
   * for (let n = 0; n < 10_000_000; n++) {
   *   if (n % 1_000 === 0) await self.room(sink);
   *   sink.add({ n });
   * }
   */
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
  /**
   * Aborted when the actor begins to end, before its children and its `stopped` hook: for what is to be given up then.
   */
  readonly signal: AbortSignal;
  /**
   * Takes the answer to the running call into one's own hands: return it from the handler, and answer later. Erlang's
   * `noreply` and `gen_server:reply`.
   *
   * @throws InvalidMessage  no call is being handled, or it was awaited before
   *
   * @example
   * next(state, _, self) { const reply = self.reply<string>(); state.waiting.push(reply); return reply; }
   */
  reply<R>(): Reply<R>;
  /**
   * Hands the running call over to another actor, which answers in one's place: return what it gives from the handler.
   * The caller is answered also if this actor ends meanwhile, and gets the failure if the other one cannot answer. The
   * other call takes no longer than is left of the caller's deadline. As in Akka's and ractor's `forward`.
   *
   * @throws InvalidMessage, InvalidOptions
   *
   * @example
   * balance: (state, _, self) => self.forward(state.account, 'balance'),
   */
  forward<R extends AnyRef, M extends CallNames<R>>(
    ref: R,
    name: M,
    ...args: ForwardArguments<RequestOf<R, M>>
  ): Reply<ReplyOf<R, M>>;
  /**
   * Sends an actor, this one or another, a cast when a promise has settled: `map` makes the message of its value, which
   * is the message itself where `map` is left out, `onError` of what it was rejected with. Where that cannot be, or the
   * message is refused, the problem `pipe-failed` is reported. Nothing is sent, reported or counted once this actor has
   * ended. The idea is Akka's `pipeToSelf`.
   *
   * @throws InvalidMessage, InvalidOptions
   *
   * @example
   * self.pipe(fetch(url), self.ref, 'fetched', ({ status }) => ({ status }), { onError: () => ({ status: 0 }) });
   */
  pipe<T, R extends AnyRef, M extends CastNames<R>>(
    promise: PromiseLike<T>,
    ref: R,
    name: M,
    ...args: PipeArguments<T, CastOf<R, M>>
  ): void;
  /**
   * The same actor, by a ref that acts for this one: once this actor has ended its casts throw `ActorStopped` and its
   * calls are rejected with that, those under way too; and calls take no longer than is left of the deadline of the
   * call that is being handled. After an `await` that deadline is known only where no other handler is pending
   * (`concurrency`).
   *
   * @throws InvalidMessage  something that is no ref of this system
   */
  to<R extends AnyRef>(ref: R): R;
  /**
   * Sends this actor one of its casts when `delayMs` have passed, 0 to 2^30, never earlier. It comes through the
   * mailbox as any message does; one that is full treats it as its policy says. The message is checked now.
   *
   * @throws InvalidMessage, InvalidOptions
   * @throws LimitReached  1,048,576 timers are set on this thread
   *
   * @example
   * const timeout = self.after(1_000, 'expire', { key });
   * timeout.cancel();
   */
  after<M extends OwnCasts<P>>(delayMs: number, name: M, ...message: CastArguments<MessageOf<P[M], P>>): Timer;
  /**
   * The same every `periodMs`, 1 to 2^30, for the first time after one period. Each tick sends the same message.
   *
   * @throws InvalidMessage, InvalidOptions, LimitReached
   */
  every<M extends OwnCasts<P>>(periodMs: number, name: M, ...args: EveryArguments<MessageOf<P[M], P>>): Timer;
  /**
   * Stops this actor when `delayMs` have passed, 0 to 2^30, unless it is cancelled.
   *
   * @throws InvalidOptions, LimitReached
   */
  stopAfter(delayMs: number, options?: StopOptions): Timer;
  /**
   * The same, as `kill` does it; no timer interrupts a handler that does not return.
   *
   * @throws InvalidOptions, LimitReached
   */
  killAfter(delayMs: number, options?: StopOptions): Timer;
  /**
   * Publishes what was sent so far, which else happens when the handler returns; for one that goes on computing for
   * long.
   */
  flush(): void;
  /**
   * Resolves when an actor has handled all that was sent to it from this thread before, async handlers included.
   *
   * @throws ActorStopped, ActorFailed, NoSuchActor or ThreadLost  it has ended first
   */
  flush(ref: AnyRef): Promise<void>;
  /**
   * Watches an actor, wherever it is: one notice `down` to `onSupervision` when it has ended, also if it has already,
   * after all that it had sent to this actor. Each watch gives one notice. A restart by a supervisor is no end; the
   * death of the actor's thread is one, also if a supervisor starts it again. Erlang's `monitor`.
   *
   * @throws InvalidDefinition  this actor has no `onSupervision`
   * @throws InvalidMessage, LimitReached, SystemStopped
   */
  watch(ref: AnyRef): Watch;
  /** Gives up a watch: no notice of it comes any more, not even one that is on its way. */
  unwatch(watch: Watch): void;
  /**
   * Makes a living actor a child of this one. A former parent is told nothing, and no longer ends it. The caller sees
   * to it that nobody becomes a child of its own descendants.
   *
   * @throws NoSuchActor, ThreadLost
   * @throws InvalidOptions  it is this actor, or the child of a supervisor
   */
  link(ref: AnyRef, options?: LinkOptions): Promise<void>;
  /**
   * Gives up a child, which lives on without a parent.
   *
   * @throws InvalidOptions  it is no child, or one of a supervisor
   */
  unlink(ref: AnyRef): void;
  /** Stops all children, all at a time. Each end is told to `onSupervision` as ever. */
  stopChildren(options?: StopOptions): Promise<Ended[]>;
  /**
   * Kills all children, all at a time. Without `onSupervision` that is this actor's own failure: a kill is no normal
   * end.
   */
  killChildren(options?: StopOptions): Promise<Ended[]>;
  /** Drains all children, all at a time. */
  drainChildren(options?: StopOptions): Promise<Ended[]>;
}

/** The casts of an actor's own protocol. */
export type OwnCasts<P extends Protocol> = {
  [M in keyof P]: P[M] extends Call<unknown, unknown> ? never : M;
}[keyof P] &
  string;

type EveryArguments<T> = object extends T
  ? [message?: T, options?: EveryOptions]
  : [message: T, options?: EveryOptions];
type ForwardArguments<T> = undefined extends T
  ? [message?: T, options?: CallOptions]
  : [message: T, options?: CallOptions];
type PipeArguments<T, M> = [T] extends [M]
  ? [map?: ((value: T) => M) | undefined, options?: PipeOptions<M>]
  : [map: (value: T) => M, options?: PipeOptions<M>];

/** What becomes of the ticks of `every` that could not be sent in time. The names in brackets are those of tokio. */
export type MissedTicks =
  /** One is sent at once, the others are left out, and the next comes when it would have (`Skip`). */
  | 'skip'
  /** All are sent at once, up to 1,000; those before them are left out (`Burst`). */
  | 'catch-up'
  /** One is sent at once, and the next comes a whole period later (`Delay`). */
  | 'delay';

export interface EveryOptions {
  /** Default `skip`. */
  readonly missed?: MissedTicks;
}

export interface PipeOptions<M> {
  /** Makes the message if the promise is rejected. */
  readonly onError?: (error: unknown) => M;
}

/** A timer of an actor. It is over when it has fired, was cancelled, or its actor has ended. */
export interface Timer {
  /** Ticks of `every` that were left out so far, by `skip` or the limit of `catch-up`. */
  readonly skipped: number;
  /**
   * Whether this keeps it from firing. False if it is over; what it sent may wait in the mailbox, and is handled
   * all the same.
   */
  cancel(): boolean;
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
