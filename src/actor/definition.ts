/**
 * What users write. A definition is an actor's protocol, how its state begins, what it does with each message, and its
 * hooks. All of these may be async: a promise that they return is awaited.
 *
 * | member          | given                  | when                                                                   |
 * | --------------- | ---------------------- | ---------------------------------------------------------------------- |
 * | `init`          | `self, args`           | first, and again at each restart                                       |
 * | `started`       | `state, self`          | when `spawn` has resolved, before any message                          |
 * | `on` a message  | `state, message, self` | when it is its turn                                                    |
 * | `onSupervision` | `state, event, self`   | a child, or an actor that it watches, has ended; before messages       |
 * | `stopped`       | `state, ended, self`   | it has ended, its children before; not after a kill or failed `init`   |
 * | `restarting`    | `state, ended, self`   | before `init` at a restart, in place of `stopped`, if there is a state |
 *
 * | member          | its result              | if it throws or rejects                                       |
 * | --------------- | ----------------------- | ------------------------------------------------------------- |
 * | `init`          | the state               | it is not born: `spawn` is rejected; a restart is tried again |
 * | `started`       | ignored                 | the actor fails                                               |
 * | `on` a cast     | ignored                 | the actor fails                                               |
 * | `on` a call     | the reply, or a `Reply` | the actor fails; the caller is rejected                       |
 * | `onSupervision` | ignored                 | the actor fails                                               |
 * | `stopped`       | ignored                 | a problem; a normal end becomes `failed`, others stay         |
 * | `restarting`    | ignored                 | a problem; the actor is restarted                             |
 *
 * An actor that fails ends: its state is not used again but by `stopped` or `restarting`, its queue becomes dead
 * letters unless a supervisor starts it again, and whoever called or spawned it is rejected with `ActorFailed`. At a
 * restart there is a state if the last life failed, or was stopped with its group; not if it was killed, or lost with
 * its thread. Without `onSupervision` a child's failure, kill or lost thread is the failure of its parent, and its
 * normal end is not.
 *
 * An actor handles one message at a time: while a promise of a handler is pending, its mailbox waits. `concurrency`
 * allows more.
 */
import { describe } from '../base/describe.js';
import { AlreadyRegistered, InvalidDefinition, TwoCopies } from '../base/errors.js';
import { hashText } from '../base/hash.js';
import { MAILBOX_MAX, NAME_MAX, TIMEOUT_MS_MAX } from '../base/limits.js';
import { wrongMembers } from '../base/members.js';
import type { Call } from '../messages/protocol.js';
import { type EntryPlan, hashPlan, type Protocol, planProtocol } from '../messages/protocol.js';
import type { Ended, SupervisionEvent } from './family.js';
import type { MessageOf, Ref, Sent } from './ref.js';
import type { Reply, Self } from './self.js';

/** Brand of definitions, the same in every copy of heddle. */
const DEFINITION: unique symbol = Symbol.for('heddle.definition') as never;

/** What tells this copy of heddle from another. */
const COPY = Symbol('heddle');

declare const described: unique symbol;

/** What `defineActor` returns: give it to `spawn`, and to `ref(...)` in protocols. */
export interface Definition<P extends Protocol, A> {
  /** The name that it was defined by. */
  readonly name: string;
  /** The module that defines it, as a `file:` URL. */
  readonly url: string;
  readonly [DEFINITION]: Details;
  /** Only for the type checker; no value has it. */
  readonly [described]?: { readonly protocol: P; readonly args: A };
}

// biome-ignore lint/suspicious/noExplicitAny: the type parameters are invariant for no reason of ours
export type AnyDefinition = Definition<any, any>;

/** The protocol of a definition. */
export type ProtocolOf<D> = D extends Definition<infer P, unknown> ? P : never;
/** What the `init` of a definition takes. */
export type ArgumentsOf<D> = D extends Definition<Protocol, infer A> ? A : never;
/** A ref to the actors of a definition. */
export type RefOf<D> = D extends Definition<infer P, unknown> ? Ref<P> : never;

/** What is done with a message that finds the mailbox full. */
export type MailboxPolicy =
  /** It becomes a dead letter `mailbox-full`, and senders are refused with `MailboxFull` until there is room. */
  | 'refuse'
  /** It becomes a dead letter `dropped`. */
  | 'drop-newest'
  /** It takes the place of the oldest, which becomes a dead letter `dropped`. */
  | 'drop-oldest';

export interface MailboxOptions {
  /** Messages that may wait, 1 to 2^30. Default: `mailboxLimit` of the system. */
  readonly limit?: number;
  /** Default: `refuse`. */
  readonly policy?: MailboxPolicy;
}

/** The handlers of a protocol. Declare `init` before `on`: TypeScript infers the state from it, in this order. */
export type Handlers<P extends Protocol, S> = {
  readonly [M in keyof P]: (
    this: void,
    state: S,
    message: MessageOf<P[M], P>,
    self: Self<P>,
  ) => P[M] extends Call<unknown, infer R> ? Answer<Sent<R, P>> : unknown;
};

/** What the handler of a call may return. */
export type Answer<R> = R | Promise<R> | Reply<R>;

/** What an actor is made of. Hooks may be async: nothing else runs in the actor until their promise is settled. */
export interface ActorSpec<P extends Protocol, S, A> {
  /** Its messages, up to 1,900: casts by their fields, calls by `call(request, reply)`. */
  readonly protocol: P;
  /** Makes its state, of what `spawn` was given; again at each restart. If it fails, the actor is never born. */
  readonly init: (this: void, self: Self<P>, args: A) => S | Promise<S>;
  /** What it does with each message. */
  readonly on: Handlers<P, S>;
  /** Runs when `spawn` has resolved, before the first message; its failure is the actor's. */
  readonly started?: (this: void, state: S, self: Self<P>) => unknown;
  /**
   * Runs when the actor has ended, also by a failure, after its children and before anybody is told; not after a kill
   * (as Erlang's `terminate`), nor where `restarting` is to run.
   */
  readonly stopped?: (this: void, state: S, ended: Ended, self: Self<P>) => unknown;
  /**
   * Runs before `init` at a restart, with the state of the life that failed, or was stopped with its group: to save
   * what is to be kept, to close what is open.
   */
  readonly restarting?: (this: void, state: S, ended: Ended, self: Self<P>) => unknown;
  /**
   * Is told of the end of each child, and of each actor that it watches, before the messages of others. With it no end
   * of a child is the actor's own; without it all are but `stopped` and `drained`.
   */
  readonly onSupervision?: (this: void, state: S, event: SupervisionEvent, self: Self<P>) => unknown;
  readonly mailbox?: MailboxOptions;
  /** How many messages an actor may work on at a time when its handlers are async. Default 1. */
  readonly concurrency?: number | 'unbounded';
  /**
   * How long a handler or hook may keep its thread, in ms, 1 to 2^30: until it returns, or awaits. A worker where one
   * takes longer is ended, with all its actors, and replaced; the host is not. It is looked at every 50 ms. Default:
   * any time.
   */
  readonly budgetMs?: number;
}

export type Handler = (state: unknown, message: unknown, self: unknown) => unknown;
export type Init = (self: unknown, args: unknown) => unknown;

/** What a definition does beside its messages. */
export interface Hooks {
  readonly started: ((state: unknown, self: unknown) => unknown) | undefined;
  readonly stopped: ((state: unknown, ended: Ended, self: unknown) => unknown) | undefined;
  readonly restarting: ((state: unknown, ended: Ended, self: unknown) => unknown) | undefined;
  readonly onSupervision: ((state: unknown, event: SupervisionEvent, self: unknown) => unknown) | undefined;
}

/** A definition as heddle sees it. */
export interface Details {
  readonly copy: symbol;
  readonly name: string;
  readonly url: string;
  /** Its number among the definitions of this thread. */
  readonly number: number;
  readonly plan: readonly EntryPlan[];
  readonly hash: number;
  /** Tells it from other definitions, the same on every thread. */
  readonly identity: number;
  readonly init: Init;
  readonly hooks: Hooks;
  /** By number of the message. */
  readonly handlers: readonly Handler[];
  readonly mailboxLimit: number | undefined;
  readonly mailboxPolicy: MailboxPolicy;
  readonly concurrency: number;
  readonly budgetMs: number | undefined;
}

const definitions: AnyDefinition[] = [];
const byKey = new Map<string, AnyDefinition>();
const keyOf = (url: string, name: string): string => `${url}\0${name}`;

/** The keys of what all copies of heddle on this thread have defined. */
const REGISTERED: unique symbol = Symbol.for('heddle.definitions') as never;
const everywhere = globalThis as { [REGISTERED]?: Set<string> };
everywhere[REGISTERED] ??= new Set();
const inAnyCopy = everywhere[REGISTERED];

/** The definition of this name that this module has made, if this thread has imported it. */
export const findDefinition = (url: string, name: string): AnyDefinition | undefined => byKey.get(keyOf(url, name));

/** What to say if it is not this copy of heddle by which this module has made the definition. */
export const findForeign = (url: string, name: string): TwoCopies | undefined => {
  const key = keyOf(url, name);
  return inAnyCopy.has(key) && !byKey.has(key) ? madeByAnother(name) : undefined;
};

const madeByAnother = (name: string): TwoCopies =>
  new TwoCopies(
    'the definition was made by another copy of heddle; have one copy installed, leave it out of bundles, and load it ' +
      'by import only or by require only',
    { definition: name },
  );

/** What is behind a definition. @throws InvalidDefinition, TwoCopies */
export const detailsOf = (definition: AnyDefinition): Details => {
  const details = (definition as { [DEFINITION]?: Details } | null | undefined)?.[DEFINITION];
  if (details === undefined) {
    throw new InvalidDefinition('expected what defineActor returned; do modules import each other in a circle?', {
      got: describe(definition),
    });
  }
  if (details.copy !== COPY) throw madeByAnother(details.name);
  return details;
};

/**
 * Defines an actor. Call it at the top level of a module that every thread can import; that module is imported by
 * each thread that is to run such an actor.
 *
 * @param url  `import.meta.url` of the module
 * @param name what it is called in messages and reports; unique in its module
 * @throws InvalidDefinition  a URL that is no `file:` URL, a message without a handler, a reserved name, ...
 * @throws AlreadyRegistered  the module defines two actors of this name
 *
 * @example
 * export const Account = defineActor(import.meta.url, 'Account', {
 *   protocol: { deposit: { amount: f64 }, balance: call({}, f64) },
 *   init: (self, owner: string) => ({ owner, balance: 0 }),
 *   on: {
 *     deposit(state, { amount }) { state.balance += amount; },
 *     balance: (state) => state.balance,
 *   },
 * });
 */
export const defineActor = <P extends Protocol, S, A = void>(
  url: string,
  name: string,
  spec: ActorSpec<P, S, A>,
): Definition<P, A> => {
  checkIdentity(url, name);
  checkParts(name, spec, SPEC_MEMBERS);
  if (typeof spec.protocol !== 'object' || spec.protocol === null) {
    throw new InvalidDefinition(`${name}: protocol is not an object of messages`, { got: describe(spec.protocol) });
  }
  if (typeof spec.init !== 'function') {
    throw new InvalidDefinition(`${name}: init is not a function`, { got: describe(spec.init) });
  }
  if (spec.mailbox !== undefined) checkParts(`${name}: mailbox`, spec.mailbox, MAILBOX_MEMBERS);
  const key = keyOf(url, name);
  if (byKey.has(key)) {
    throw new AlreadyRegistered('this module has defined an actor of this name already; give one another name', {
      name,
      url,
    });
  }
  let definition: Definition<P, A> | undefined;
  const plan = planProtocol(name, spec.protocol, () => definition);
  const details: Details = {
    copy: COPY,
    name,
    url,
    number: definitions.length,
    plan,
    hash: hashPlan(plan),
    identity: hashText(key),
    init: spec.init as Init,
    hooks: hooksOf(name, spec),
    handlers: handlersOf(name, plan, spec.on),
    mailboxLimit: checkLimit(name, spec.mailbox?.limit),
    mailboxPolicy: checkPolicy(name, spec.mailbox?.policy),
    concurrency: checkConcurrency(name, spec.concurrency),
    budgetMs: checkBudget(name, spec.budgetMs),
  };
  definition = Object.freeze({ name, url, [DEFINITION]: details });
  definitions.push(definition);
  byKey.set(key, definition);
  inAnyCopy.add(key);
  return definition;
};

const SPEC_MEMBERS: ReadonlySet<string> = new Set<keyof ActorSpec<Protocol, unknown, unknown>>([
  'protocol',
  'init',
  'on',
  'started',
  'stopped',
  'restarting',
  'onSupervision',
  'mailbox',
  'concurrency',
  'budgetMs',
]);
const MAILBOX_MEMBERS: ReadonlySet<string> = new Set<keyof MailboxOptions>(['limit', 'policy']);

const checkParts = (where: string, given: unknown, known: ReadonlySet<string>): void => {
  const wrong = wrongMembers(given, known);
  if (wrong !== undefined) throw new InvalidDefinition(`${where}: ${wrong}`);
};

const checkIdentity = (url: string, name: string): void => {
  if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
    throw new InvalidDefinition(`an actor needs a name of 1 to ${NAME_MAX} characters`, { got: describe(name) });
  }
  if (typeof url !== 'string' || !URL.canParse(url) || new URL(url).protocol !== 'file:') {
    throw new InvalidDefinition(
      `${name}: give import.meta.url of the module, so that other threads can import it; it must be a file: URL`,
      { got: describe(url) },
    );
  }
};

const handlersOf = (name: string, plan: readonly EntryPlan[], on: Readonly<Record<string, unknown>>): Handler[] => {
  if (typeof on !== 'object' || on === null) {
    throw new InvalidDefinition(`${name}: on is not an object of handlers`, { got: describe(on) });
  }
  const known = new Set(plan.map((entry) => entry.name));
  const extra = Object.keys(on).find((message) => !known.has(message));
  if (extra !== undefined) {
    throw new InvalidDefinition(`${name}: on.${extra} handles a message that the protocol does not declare`);
  }
  return plan.map((entry) => {
    const handler = Object.hasOwn(on, entry.name) ? on[entry.name] : undefined;
    if (typeof handler === 'function') return handler as Handler;
    throw new InvalidDefinition(`${name}: the message "${entry.name}" has no handler in on`);
  });
};

const HOOKS = ['started', 'stopped', 'restarting', 'onSupervision'] as const satisfies readonly (keyof Hooks)[];

const hooksOf = (name: string, spec: Readonly<Partial<Record<keyof Hooks, unknown>>>): Hooks => {
  const wrong = HOOKS.find((hook) => spec[hook] !== undefined && typeof spec[hook] !== 'function');
  if (wrong !== undefined) {
    throw new InvalidDefinition(`${name}: ${wrong} is not a function`, { got: describe(spec[wrong]) });
  }
  const { started, stopped, restarting, onSupervision } = spec;
  return { started, stopped, restarting, onSupervision } as Hooks;
};

const checkLimit = (name: string, limit: number | undefined): number | undefined => {
  if (limit === undefined || (Number.isInteger(limit) && limit >= 1 && limit <= MAILBOX_MAX)) return limit;
  throw new InvalidDefinition(`${name}: mailbox.limit is not an integer from 1 to ${MAILBOX_MAX}`, {
    got: describe(limit),
  });
};

const checkPolicy = (name: string, policy: MailboxPolicy = 'refuse'): MailboxPolicy => {
  if (['refuse', 'drop-newest', 'drop-oldest'].includes(policy)) return policy;
  throw new InvalidDefinition(`${name}: mailbox.policy is not refuse, drop-newest or drop-oldest`, {
    got: describe(policy),
  });
};

const checkConcurrency = (name: string, concurrency: number | 'unbounded' = 1): number => {
  if (concurrency === 'unbounded') return Number.POSITIVE_INFINITY;
  if (Number.isInteger(concurrency) && concurrency >= 1) return concurrency;
  throw new InvalidDefinition(`${name}: concurrency is neither a positive integer nor 'unbounded'`, {
    got: describe(concurrency),
  });
};

const checkBudget = (name: string, budgetMs: number | undefined): number | undefined => {
  if (budgetMs === undefined) return undefined;
  if (typeof budgetMs === 'number' && budgetMs >= 1 && budgetMs <= TIMEOUT_MS_MAX) return budgetMs;
  throw new InvalidDefinition(`${name}: budgetMs is not a number of milliseconds from 1 to ${TIMEOUT_MS_MAX}`, {
    got: describe(budgetMs),
  });
};
