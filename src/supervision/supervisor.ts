/**
 * Supervisors: actors that start their children, in order, and start them again when they end, as Erlang's do. A child
 * that is started again keeps its ref, and what waits in its mailbox if its thread lives.
 */
import { type AnyDefinition, type ArgumentsOf, type Definition, defineActor, type RefOf } from '../actor/definition.js';
import type { SupervisionEvent } from '../actor/family.js';
import type { AnyRef } from '../actor/ref.js';
import { anyRef, ref } from '../actor/ref-fields.js';
import type { Reply } from '../actor/self.js';
import { InvalidOptions } from '../base/errors.js';
import { any, type Field, list, oneOf, optional, record, text } from '../messages/fields.js';
import { type Call, call } from '../messages/protocol.js';
import { type ChildSpec, type ChildSpecOptions, child } from './child-spec.js';
import { Keeper } from './keeper.js';
import { knowSupervisor } from './known.js';
import { checkPlan, type SupervisorOptions } from './plan.js';

const byId = { id: text };

const status = list(
  record({
    id: text,
    restart: oneOf('permanent', 'transient', 'temporary'),
    phase: oneOf('starting', 'running', 'halting', 'ending', 'waiting', 'terminated'),
    ref: optional(anyRef),
  }),
);

const protocol = {
  /** The children, in the order in which they are started. */
  children: call({}, status),
  /** Ends a child, and does not start it again; answers with its id when it has ended. */
  terminate: call(byId, text),
  /** Starts a child that was terminated; answers when it has started. */
  restart: call(byId, anyRef),
  /** Forgets a child that was terminated; answers with its id. */
  remove: call(byId, text),
};

export type SupervisorProtocol = typeof protocol;

/** What a supervisor is made of. */
export interface SupervisorSpec<A> extends Omit<SupervisorOptions, 'strategy' | 'maxChildren'> {
  /**
   * Who is started again with a child that ended: nobody else, all others, or those that were started after it. Default
   * `one-for-one`.
   */
  readonly strategy?: 'one-for-one' | 'one-for-all' | 'rest-for-one';
  /**
   * The children, in the order in which they are started. Called once for each life of the supervisor, on its thread.
   */
  readonly children: (args: A) => readonly ChildSpec[];
}

interface State {
  readonly keeper: Keeper;
}

/** The answer to a call that may fail, which is no failure of the supervisor. */
const answer = <R>(reply: Reply<R>, outcome: () => Promise<R> | R): Reply<R> => {
  const settle = async (): Promise<void> => {
    try {
      reply.send(await outcome());
    } catch (error) {
      reply.fail(error as Error);
    }
  };
  void settle();
  return reply;
};

/** What all supervisors do with their messages. */
const on = {
  children: ({ keeper }: State) => keeper.list().map((child) => ({ ...child })),
  terminate: ({ keeper }: State, { id }: { id: string }, self: { reply<R>(): Reply<R> }) =>
    answer(self.reply<string>(), async () => {
      await keeper.terminate(id);
      return id;
    }),
  restart: ({ keeper }: State, { id }: { id: string }, self: { reply<R>(): Reply<R> }) =>
    answer(self.reply<AnyRef>(), () => keeper.restart(id)),
  remove: ({ keeper }: State, { id }: { id: string }, self: { reply<R>(): Reply<R> }) =>
    answer(self.reply<string>(), () => {
      keeper.remove(id);
      return id;
    }),
};

const hooks = {
  onSupervision: ({ keeper }: State, event: SupervisionEvent) => keeper.told(event),
};

/**
 * Defines a supervisor, as `defineActor` defines an actor. Spawning it starts its children, in order, and is rejected
 * if one of them cannot start; when it ends they end, in reverse order, each within its `shutdownMs`. It may live on
 * another thread than its children: then it starts them again also when their thread has died. It answers the calls
 * `children`, `terminate`, `restart` and `remove`.
 *
 * A child that ends is started again under its ref, by its kind: `permanent` always, `transient` unless it ended
 * normally, `temporary` never. After more than `intensity.restarts` (3) within `intensity.withinMs` (5,000) the
 * supervisor fails.
 *
 * Semantics are those of Erlang's `supervisor` (Ericsson, OTP); `docs/semantics.md` says where they are not.
 *
 * @param url  `import.meta.url` of the module
 * @param name unique in its module
 * @throws InvalidDefinition, InvalidOptions, AlreadyRegistered
 *
 * @example
 * export const Bank = defineSupervisor(import.meta.url, 'Bank', {
 *   strategy: 'rest-for-one',
 *   children: (file: string) => [child('ledger', Ledger, file), child('audit', Audit, file, { restart: 'transient' })],
 * });
 * const bank = await system.spawn(Bank, 'books.txt', { place: 'host' });
 */
export const defineSupervisor = <A = void>(
  url: string,
  name: string,
  { children, ...options }: SupervisorSpec<A>,
): Definition<SupervisorProtocol, A> => {
  const plan = checkPlan(name, options);
  if (typeof children !== 'function') throw new InvalidOptions(`${name}: children is a function that lists them`);
  const definition = defineActor(url, name, {
    protocol,
    init: async (self, args: A): Promise<State> => {
      const keeper = new Keeper(self, name, plan, children(args));
      await keeper.begin();
      return { keeper };
    },
    on,
    ...hooks,
  });
  return knowSupervisor(definition);
};

/** What a dynamic supervisor is made of: all its children are alike but for their arguments. */
export interface DynamicSupervisorSpec<D extends AnyDefinition>
  extends Omit<SupervisorOptions, 'strategy'>,
    Omit<ChildSpecOptions, 'name'> {
  readonly child: D;
}

export type DynamicSupervisorProtocol<D extends AnyDefinition> = SupervisorProtocol & {
  /**
   * Starts a child, and answers with its ref when it has started. Without an id it gets one: `child-1`, `child-2`, ...
   * It is rejected with why it cannot start, `AlreadyRegistered` for an id that a child has, `LimitReached` beyond
   * `maxChildren`.
   */
  readonly add: Call<{ readonly id: Field<string | undefined>; readonly args: Field<ArgumentsOf<D>> }, Field<RefOf<D>>>;
};

/**
 * Defines a supervisor whose children are alike and are started by whoever asks for one; Erlang's `simple_one_for_one`,
 * Elixir's `DynamicSupervisor`. Strategy is one for one; a child that has ended for good is forgotten.
 *
 * @param url  `import.meta.url` of the module
 * @param name unique in its module
 * @throws InvalidDefinition, InvalidOptions, AlreadyRegistered
 *
 * @example
 * const options = { child: Session, restart: 'transient', maxChildren: 10_000 } as const;
 * export const Sessions = defineDynamicSupervisor(import.meta.url, 'Sessions', options);
 *
 * const sessions = await system.spawn(Sessions);
 * const session = await sessions.add({ id: 'ann', args: 'ann' });
 */
export const defineDynamicSupervisor = <D extends AnyDefinition>(
  url: string,
  name: string,
  spec: DynamicSupervisorSpec<D>,
): Definition<DynamicSupervisorProtocol<D>, void> => {
  const { child: definition, restart, significant, place, shutdownMs, timeoutMs, ...options } = spec;
  const given = { restart, significant, place, shutdownMs, timeoutMs };
  const childOptions = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const plan = checkPlan(name, { ...options, strategy: 'dynamic' } as SupervisorOptions);
  const made = defineActor(url, name, {
    protocol: { ...protocol, add: call({ id: optional(text), args: any<never>() }, ref(definition)) },
    init: async (self: unknown): Promise<State> => {
      const keeper = new Keeper(self, name, plan, []);
      await keeper.begin();
      return { keeper };
    },
    on: {
      ...on,
      add: ({ keeper }: State, { id, args }: { id?: string; args: unknown }, self: { reply<R>(): Reply<R> }) =>
        answer(self.reply<AnyRef>(), () =>
          keeper.add(child(id ?? keeper.freeId(), definition, args as never, childOptions)),
        ),
    },
    ...hooks,
  } as never) as unknown as Definition<DynamicSupervisorProtocol<D>, void>;
  return knowSupervisor(made);
};
