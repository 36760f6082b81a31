/** Defines stages; what they are made of stands in `contract.ts`. */
import { type Definition, defineActor } from '../actor/definition.js';
import type { Self } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidDefinition } from '../base/errors.js';
import { wrongMembers } from '../base/members.js';
import type { Field } from '../messages/fields.js';
import type { Protocol } from '../messages/protocol.js';
import type { FilterSpec, MergeSpec, SourceSpec, Window } from './contract.js';
import type { RunStep, StageDetails } from './details.js';
import {
  isNamed,
  type Many,
  type NamedPorts,
  type PortPlan,
  type Ports,
  planPorts,
  type Topology,
  topologyOf,
} from './ports.js';
import { stageHandlers, stageProtocol } from './protocol.js';
import type { StageSetup } from './setup.js';
import { StageActor } from './stage-actor.js';

declare const staged: unique symbol;

/** What `defineStage` returns: give it to `flow.stage`. */
export interface StageDefinition<I, O, A> {
  readonly name: string;
  readonly url: string;
  readonly topology: Topology;
  /** Only for the type checker; no value has it. */
  readonly [staged]?: { readonly in: I; readonly out: O; readonly args: A };
}

// biome-ignore lint/suspicious/noExplicitAny: the type parameters are invariant for no reason of ours
export type AnyStage = StageDefinition<any, any, any>;

/** A stage, and the actors that it consists of. */
export interface Staged {
  readonly topology: Topology;
  readonly details: StageDetails;
  readonly actor: Definition<Protocol, StageSetup>;
}

const stages = new WeakMap<object, Staged>();

/** @throws InvalidDefinition */
export const stagedOf = (stage: AnyStage): Staged => {
  const staged = typeof stage === 'object' && stage !== null ? stages.get(stage) : undefined;
  if (staged !== undefined) return staged;
  throw new InvalidDefinition('expected what defineStage returned', { got: describe(stage) });
};

const MEMBERS: ReadonlySet<string> = new Set<
  | keyof FilterSpec<Field<unknown>, undefined, unknown, unknown, undefined>
  | keyof SourceSpec<undefined, unknown, unknown>
>(['in', 'out', 'init', 'key', 'window', 'process', 'tick', 'flush', 'replay', 'acknowledged', 'stopped', 'budgetMs']);

/** A specification, of which nothing is known yet. */
type Given = Readonly<Record<string, unknown>>;

const OF_SOURCES = ['replay', 'acknowledged'] as const;
const NOT_OF_SOURCES = ['tick', 'flush'] as const;
const HOOKS = ['init', 'key', 'tick', 'flush', 'replay', 'acknowledged', 'stopped'] as const;

const WINDOW_COUNT_MAX = 65_536;
const WINDOW_MS_MAX = 2 ** 30;

const WINDOW_MEMBERS: ReadonlySet<string> = new Set<keyof Window>(['count', 'ms']);

const checkWindow = (name: string, window: Window | undefined): Window | undefined => {
  if (window === undefined) return undefined;
  const wrong = wrongMembers(window, WINDOW_MEMBERS);
  if (wrong !== undefined) throw new InvalidDefinition(`${name}: window: ${wrong}`);
  const { count, ms } = window;
  const isCount = count === undefined || (Number.isInteger(count) && count >= 1 && count <= WINDOW_COUNT_MAX);
  const isMs = ms === undefined || (typeof ms === 'number' && ms >= 1 && ms <= WINDOW_MS_MAX);
  if (isCount && isMs && (count !== undefined || ms !== undefined)) return { ...window };
  throw new InvalidDefinition(
    `${name}: window has a count of 1 to ${WINDOW_COUNT_MAX}, or ms of 1 to ${WINDOW_MS_MAX}, or both`,
    { count: describe(count), ms: describe(ms) },
  );
};

const stepsOf = (name: string, spec: Given, ins: readonly PortPlan[]): StageDetails['steps'] => {
  const { process } = spec as { process?: unknown };
  if (!isNamed(spec['in'])) {
    if (typeof process === 'function') return [process as RunStep];
    throw new InvalidDefinition(`${name}: process is not a function`, { got: describe(process) });
  }
  const steps = process as Readonly<Record<string, unknown>>;
  const extra = Object.keys(steps ?? {}).find((port) => !ins.some((plan) => plan.name === port));
  if (extra !== undefined) throw new InvalidDefinition(`${name}: process.${extra} is for a port that is not declared`);
  return ins.map((port) => {
    const step = steps?.[port.name];
    if (typeof step === 'function') return step as RunStep;
    throw new InvalidDefinition(`${name}: the port ${JSON.stringify(port.name)} has no function in process`);
  });
};

/**
 * Defines a stage of pipelines. Call it at the top level of a module that every thread can import, as `defineActor`.
 *
 * @param url  `import.meta.url` of the module
 * @param name unique in its module
 * @throws InvalidDefinition, AlreadyRegistered
 *
 * @example
 * export const Numbers = defineStage(import.meta.url, 'Numbers', {
 *   out: u32,
 *   init: (_, to: number) => ({ next: 0, to }),
 *   process(state, _, out, stage) {
 *     if (state.next === state.to) stage.stop();
 *     else out.emit(state.next++);
 *   },
 * });
 * export const Square = defineStage(import.meta.url, 'Square', {
 *   in: u32,
 *   out: f64,
 *   process: (_, n, out) => out.emit(n * n),
 * });
 */
export function defineStage<O extends Ports, S = undefined, A = void>(
  url: string,
  name: string,
  spec: SourceSpec<O, S, A>,
): StageDefinition<undefined, O, A>;
export function defineStage<
  I extends Field<unknown> | Many<Field<unknown>>,
  O extends Ports | undefined = undefined,
  S = undefined,
  A = void,
  W extends Window | undefined = undefined,
>(url: string, name: string, spec: FilterSpec<I, O, S, A, W>): StageDefinition<I, O, A>;
export function defineStage<I extends NamedPorts, O extends Ports | undefined = undefined, S = undefined, A = void>(
  url: string,
  name: string,
  spec: MergeSpec<I, O, S, A>,
): StageDefinition<I, O, A>;
export function defineStage(url: string, name: string, given: object): AnyStage {
  const spec = given as Given;
  const wrong = wrongMembers(spec, MEMBERS);
  if (wrong !== undefined) throw new InvalidDefinition(`${name}: ${wrong}`);
  const ins = planPorts(name, 'in', spec['in']);
  const outs = planPorts(name, 'out', spec['out']);
  if (ins.length + outs.length === 0) throw new InvalidDefinition(`${name}: a stage has an input or an output`);
  const hook = HOOKS.find((member) => spec[member] !== undefined && typeof spec[member] !== 'function');
  if (hook !== undefined)
    throw new InvalidDefinition(`${name}: ${hook} is not a function`, { got: describe(spec[hook]) });
  const [misplaced, who] =
    ins.length === 0
      ? [NOT_OF_SOURCES.find((member) => spec[member] !== undefined), 'not for']
      : [OF_SOURCES.find((member) => spec[member] !== undefined), 'for'];
  if (misplaced !== undefined) throw new InvalidDefinition(`${name}: ${misplaced} is ${who} sources`);
  const isSingle = ins.length === 1 && !ins[0]!.isMany;
  if ((spec['key'] !== undefined || spec['window'] !== undefined) && !isSingle) {
    throw new InvalidDefinition(`${name}: key and window are for stages with one input port`);
  }
  if (spec['key'] !== undefined && spec['window'] !== undefined) {
    throw new InvalidDefinition(`${name}: a stage has a key or a window, not both`);
  }
  const steps = stepsOf(name, spec, ins);
  const { init, key, tick, flush, replay, acknowledged, stopped, budgetMs } = spec as unknown as StageDetails & {
    budgetMs?: number;
  };
  const actor = defineActor(url, name, {
    protocol: stageProtocol(ins),
    init: (self, setup: StageSetup) => StageActor.begin(self as unknown as Self<Protocol>, details, setup),
    on: stageHandlers(ins) as never,
    stopped: (run: StageActor) => run.stopped(),
    mailbox: { limit: MAILBOX_LIMIT },
    ...(budgetMs === undefined ? {} : { budgetMs }),
  }) as unknown as Staged['actor'];
  const details: StageDetails = {
    name,
    ins,
    outs,
    isInNamed: isNamed(spec['in']),
    isOutNamed: isNamed(spec['out']),
    init,
    key,
    window: checkWindow(name, spec['window'] as Window | undefined),
    steps,
    tick,
    flush,
    replay,
    acknowledged,
    stopped,
  };
  const definition: AnyStage = Object.freeze({ name, url, topology: topologyOf(ins, outs) });
  stages.set(definition, { topology: definition.topology, details, actor });
  return definition;
}

/** What waits at a stage is bounded by its channels. */
const MAILBOX_LIMIT = 2 ** 30;
