/** The children of a supervisor, as its author writes them. */
import type { AnyDefinition, ArgumentsOf } from '../actor/definition.js';
import type { SpawnOptions } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { isSupervisor } from './known.js';
import type { ChildOptions } from './plan.js';

/**
 * How a child is started, each time: `restart` (default `permanent`), `significant`, and of the options of `spawn`
 * `place`, `shutdownMs`, `timeoutMs` and `name`. It is placed at its first start, and restarted where it was.
 */
export interface ChildSpecOptions
  extends Omit<ChildOptions, 'id'>,
    Pick<SpawnOptions, 'place' | 'shutdownMs' | 'timeoutMs' | 'name'> {}

/** What `child` returns: a child as its supervisor is told of it. */
export interface ChildSpec {
  readonly id: string;
  readonly definition: AnyDefinition;
  readonly args: unknown;
  readonly options: ChildSpecOptions;
}

type ChildArguments<A> = undefined extends A
  ? [args?: A, options?: ChildSpecOptions]
  : [args: A, options?: ChildSpecOptions];

/**
 * Describes a child of a supervisor. Erlang's child specification.
 *
 * @param id what the supervisor calls it, 1 to 200 characters; unique among its children
 * @param definition what it is: an actor, a task, or another supervisor
 * @param args what its `init` is given, at each start anew
 *
 * @example
 * children: () => [child('ledger', Ledger, 'books.txt', { shutdownMs: 2_000 }), child('audit', Audit)],
 */
export const child = <D extends AnyDefinition>(
  id: string,
  definition: D,
  ...[args, options = {}]: ChildArguments<ArgumentsOf<D>>
): ChildSpec => ({ id, definition, args, options });

const SPEC_MEMBERS: ReadonlySet<string> = new Set<keyof ChildSpec>(['id', 'definition', 'args', 'options']);
const OPTIONS: ReadonlySet<string> = new Set<keyof ChildSpecOptions>([
  'restart',
  'significant',
  'place',
  'shutdownMs',
  'timeoutMs',
  'name',
]);

/** What it is spawned with, and what the plan of its supervisor says of it. @throws InvalidOptions */
export const splitSpec = (
  where: string,
  spec: ChildSpec,
): { readonly plan: ChildOptions; readonly spawn: SpawnOptions } => {
  if (typeof spec !== 'object' || spec === null) {
    throw new InvalidOptions(`${where}: a child is what child(id, definition, ...) returns`, { got: describe(spec) });
  }
  checkMembers(`${where}: a child`, spec, SPEC_MEMBERS);
  checkMembers(`${where}: the options of a child`, spec.options, OPTIONS);
  const { restart, significant, ...given } = spec.options;
  const spawn = isSupervisor(spec.definition) ? { shutdownMs: Number.POSITIVE_INFINITY, ...given } : given;
  return {
    plan: {
      id: spec.id,
      ...(restart === undefined ? {} : { restart }),
      ...(significant === undefined ? {} : { significant }),
    },
    spawn,
  };
};
