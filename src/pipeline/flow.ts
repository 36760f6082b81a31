/**
 * The graph of a pipeline, as its user draws it: stages, and links from output ports to input ports. Nothing runs
 * before `run`; what is changed afterwards takes effect by `job.update()`.
 */
import { describe } from '../base/describe.js';
import { InvalidFlow, InvalidOptions } from '../base/errors.js';
import { wrongMembers } from '../base/members.js';
import type { Field } from '../messages/fields.js';
import { spellShape } from '../messages/shape.js';
import { itemFailure } from './item-failure.js';
import type { ItemOf, Many, NamedPorts, PortPlan, Ports, Side } from './ports.js';
import { POLICIES, type Policy } from './protocol.js';
import type { Dispatch, FailurePolicy, Rule } from './setup.js';
import { type AnyStage, type StageDefinition, type Staged, stagedOf } from './stage.js';

declare const carries: unique symbol;

export interface ChannelOptions {
  /** What happens when the receiver has no room. Default `block`. */
  readonly policy?: Policy;
  /** Items that may be on their way, and with `drop-oldest` as many again that wait: 1 to 1,048,576. Default 2,048. */
  readonly capacity?: number;
  /** Bytes that may be, about: 1 KiB to 1 GiB. Default 16 MiB. With `block`. */
  readonly capacityBytes?: number;
  /** The link leads back to where its items come from. It never blocks; whoever sends more by it than it takes grows. */
  readonly loop?: boolean;
}

export interface NodeOptions {
  /** What it is called, unique in its flow. Default: the name of its definition, and a number if that is taken. */
  readonly name?: string;
  /** The thread to live on: `'host'`, or its number. Default: spread, neighbours apart. */
  readonly place?: 'host' | number;
  /** How many instances share the work, 1 to 256. Default 1. */
  readonly parallel?: number;
  /** Which instance an item is for. Default `key` if the stage declares one, else `least-loaded`. */
  readonly dispatch?: Dispatch;
  /** Whether the results of parallel instances come in the order of what they were made of. Default false. */
  readonly ordered?: boolean;
  /** When it runs. Default: sources `loop`, others `message`. */
  readonly rule?: Rule;
  /** What becomes of an item that cannot be processed. Default `stop`. */
  readonly onError?: FailurePolicy;
  /** How many input ports `many` stands for. Default 1. */
  readonly inputs?: number;
  /** How many output ports `many` stands for. Default 1. */
  readonly outputs?: number;
}

const CHANNEL_OPTIONS: ReadonlySet<string> = new Set<keyof ChannelOptions>([
  'policy',
  'capacity',
  'capacityBytes',
  'loop',
]);
const NODE_OPTIONS: ReadonlySet<string> = new Set<keyof NodeOptions>([
  'name',
  'place',
  'parallel',
  'dispatch',
  'ordered',
  'rule',
  'onError',
  'inputs',
  'outputs',
]);

export const CAPACITY = 2_048;
const CAPACITY_MAX = 2 ** 20;
export const CAPACITY_BYTES = 2 ** 24;
const CAPACITY_BYTES_MIN = 2 ** 10;
const CAPACITY_BYTES_MAX = 2 ** 30;
const PARALLEL_MAX = 256;
const MANY_MAX = 256;
const MICROS_MAX = 2 ** 50;
const RETRIES_MAX = 1_000;

/** One link of the graph. */
export interface Link {
  readonly from: OutPort<never>;
  readonly to: InPort<never>;
  readonly policy: Policy;
  readonly capacity: number;
  readonly capacityBytes: number;
  readonly isLoop: boolean;
}

abstract class Port {
  readonly node: AnyNode;
  /** The number of the declared port, and which of those that `many` stands for this is. */
  readonly port: number;
  readonly index: number;
  readonly side: Side;

  constructor(node: AnyNode, side: Side, port: number, index: number) {
    this.node = node;
    this.side = side;
    this.port = port;
    this.index = index;
  }

  get plan(): PortPlan {
    const { ins, outs } = this.node.staged.details;
    return (this.side === 'in' ? ins : outs)[this.port]!;
  }

  /** `parse.out`, `merge.in[1]` */
  toString(): string {
    const { name, isMany } = this.plan;
    return `${this.node.name}.${name}${isMany ? `[${this.index}]` : ''}`;
  }
}

/** Where items of type `T` come in. */
export class InPort<T> extends Port {
  /** Only for the type checker; no value has it. */
  declare readonly [carries]?: (item: T) => T;
}

/** Where items of type `T` come out. */
export class OutPort<T> extends Port {
  /** Only for the type checker; no value has it. */
  declare readonly [carries]?: (item: T) => T;
  isDiscarded = false;

  /**
   * Leads to an input port, or to the only one of a stage. Returns that stage, so that chains read as they flow.
   *
   * @throws InvalidOptions, InvalidFlow
   */
  to<N extends AnyNode>(target: N & Accepts<N, T>, options?: ChannelOptions): N;
  to(target: InPort<T>, options?: ChannelOptions): AnyNode;
  to(target: AnyNode | InPort<T>, options: ChannelOptions = {}): AnyNode {
    const port = target instanceof InPort ? target : onlyIn(target);
    this.node.flow.link(this as unknown as OutPort<never>, port as unknown as InPort<never>, options);
    return port.node;
  }

  /** Nobody wants what comes out here; it is counted. */
  discard(): void {
    this.isDiscarded = true;
  }
}

type Accepts<N, T> = N extends { readonly in: InPort<T> } ? unknown : { readonly in: InPort<T> };

export type InPorts<I> =
  I extends Many<Field<unknown>>
    ? readonly InPort<ItemOf<I>>[]
    : I extends Field<unknown>
      ? InPort<ItemOf<I>>
      : I extends NamedPorts
        ? { readonly [P in keyof I]: InPort<ItemOf<I[P]>> }
        : undefined;

export type OutPorts<O> =
  O extends Many<Field<unknown>>
    ? readonly OutPort<ItemOf<O>>[]
    : O extends Field<unknown>
      ? OutPort<ItemOf<O>>
      : O extends NamedPorts
        ? { readonly [P in keyof O]: OutPort<ItemOf<O[P]>> }
        : undefined;

/** A stage in a graph. */
export class Node<I = unknown, O = unknown> {
  readonly flow: Flow;
  readonly staged: Staged;
  readonly name: string;
  readonly args: unknown;
  readonly options: NodeOptions;
  readonly ins: readonly InPort<never>[];
  readonly outs: readonly OutPort<never>[];
  readonly in: InPorts<I>;
  readonly out: OutPorts<O>;

  constructor(flow: Flow, staged: Staged, name: string, args: unknown, options: NodeOptions) {
    this.flow = flow;
    this.staged = staged;
    this.name = name;
    this.args = args;
    this.options = options;
    const { details } = staged;
    this.ins = portsOf(details.ins, options.inputs, (port, index) => new InPort<never>(this, 'in', port, index));
    this.outs = portsOf(details.outs, options.outputs, (port, index) => new OutPort<never>(this, 'out', port, index));
    this.in = shown(details.ins, details.isInNamed, this.ins) as InPorts<I>;
    this.out = shown(details.outs, details.isOutNamed, this.outs) as OutPorts<O>;
  }

  /** The only output leads to an input port, or to the only one of a stage. See `OutPort.to`. */
  to<N extends AnyNode>(
    target: O extends Field<unknown> ? N & Accepts<N, ItemOf<O>> : never,
    options?: ChannelOptions,
  ): N;
  to(target: O extends Field<unknown> ? InPort<ItemOf<O>> : never, options?: ChannelOptions): AnyNode;
  to(target: unknown, options: ChannelOptions = {}): AnyNode {
    const port = this.outs.length === 1 ? this.outs[0]! : undefined;
    if (port === undefined) throw new InvalidFlow(`${this.name} has ${this.outs.length} outputs; name one`);
    return port.to(target as InPort<never>, options);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: of any ports
export type AnyNode = Node<any, any>;

const portsOf = <P>(
  plans: readonly PortPlan[],
  count: number | undefined,
  make: (port: number, index: number) => P,
): readonly P[] =>
  plans.flatMap(({ isMany }, port) =>
    Array.from({ length: isMany ? (count ?? 1) : 1 }, (_, index) => make(port, index)),
  );

const shown = (plans: readonly PortPlan[], isNamed: boolean, ports: readonly Port[]): unknown => {
  if (plans.length === 0) return undefined;
  if (isNamed) return Object.fromEntries(plans.map(({ name }, port) => [name, ports.find((one) => one.port === port)]));
  return plans[0]!.isMany ? ports : ports[0];
};

const onlyIn = (node: AnyNode): InPort<never> => {
  if (!(node instanceof Node)) {
    throw new InvalidFlow('a link leads to a stage of a flow, or to one of its ports', { got: describe(node) });
  }
  if (node.ins.length === 1) return node.ins[0]!;
  throw new InvalidFlow(`${node.name} has ${node.ins.length} inputs; name one`);
};

export interface FlowOptions {
  /**
   * Whether every item of the source is processed at least once, also when threads die: sinks acknowledge what they
   * have processed, and the source begins again from there. It needs one source, which can `replay`, and no loops.
   */
  readonly acknowledged?: boolean;
}

const FLOW_OPTIONS: ReadonlySet<string> = new Set<keyof FlowOptions>(['acknowledged']);

const wrongOption = (what: string, option: string, expected: string, got: unknown): InvalidOptions =>
  new InvalidOptions(`${what}: ${option} is ${expected}`, { got: describe(got) });

const checkWhole = (what: string, option: string, value: unknown, min: number, max: number): void => {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)) return;
  throw wrongOption(what, option, `an integer from ${min} to ${max}`, value);
};

const checkBoolean = (what: string, option: string, value: unknown): void => {
  if (value !== undefined && typeof value !== 'boolean') throw wrongOption(what, option, 'a boolean', value);
};

const DISPATCHES: readonly unknown[] = [undefined, 'round-robin', 'least-loaded', 'key'];

const checkNode = (name: string, { details }: Staged, options: NodeOptions): void => {
  const what = `stage ${JSON.stringify(name)}`;
  if (typeof name !== 'string' || name === '') throw wrongOption(what, 'name', 'a text that is not empty', name);
  const { place, parallel, dispatch, ordered, rule, onError, inputs, outputs } = options;
  if (place !== undefined && place !== 'host' && !Number.isInteger(place)) {
    throw wrongOption(what, 'place', "'host' or the number of a thread", place);
  }
  checkWhole(what, 'parallel', parallel, 1, PARALLEL_MAX);
  checkWhole(what, 'inputs', inputs, 1, MANY_MAX);
  checkWhole(what, 'outputs', outputs, 1, MANY_MAX);
  checkBoolean(what, 'ordered', ordered);
  if (!DISPATCHES.includes(dispatch)) {
    throw wrongOption(what, 'dispatch', "'round-robin', 'least-loaded' or 'key'", dispatch);
  }
  if (dispatch === 'key' && details.key === undefined) {
    throw new InvalidOptions(`${what}: dispatch by key needs a stage that declares one`);
  }
  if (details.key !== undefined && dispatch !== undefined && dispatch !== 'key') {
    throw new InvalidOptions(`${what}: it declares a key, so its items are dispatched by that`);
  }
  if (ordered === true && details.key !== undefined) {
    throw new InvalidOptions(`${what}: items of one key are in order as it is; the others cannot be, with keys`);
  }
  const isParallel = (parallel ?? 1) > 1;
  if (isParallel && (details.ins.length > 1 || details.ins[0]?.isMany === true)) {
    throw new InvalidOptions(`${what}: a parallel stage has one input port at most`);
  }
  if (isParallel && rule === 'event') {
    throw new InvalidOptions(`${what}: one that is notified has one instance`);
  }
  checkRule(what, rule, details.ins.length === 0);
  checkFailures(what, onError, details.outs);
};

const checkRule = (what: string, rule: Rule | undefined, isSource: boolean): void => {
  if (rule === undefined || rule === 'loop' || rule === 'event') return;
  if (rule === 'message') {
    if (isSource) throw new InvalidOptions(`${what}: a source gets no messages; its rule is another one`);
    return;
  }
  const micros = typeof rule === 'object' && rule !== null ? rule.everyMicros : undefined;
  if (typeof micros === 'number' && micros >= 1 && micros <= MICROS_MAX) return;
  throw wrongOption(what, 'rule', "'message', 'loop', 'event' or { everyMicros: 1 to 2^50 }", rule);
};

const checkFailures = (what: string, policy: FailurePolicy | undefined, outs: readonly PortPlan[]): void => {
  if (policy === undefined) return;
  if (typeof policy === 'object' && policy !== null && 'retries' in policy) {
    checkWhole(what, 'onError.retries', policy.retries, 1, RETRIES_MAX);
    checkFailures(what, policy.otherwise, outs);
    return;
  }
  if (typeof policy === 'object' && policy !== null) {
    const port = outs.find(({ name }) => name === policy.port);
    if (port === undefined) throw new InvalidOptions(`${what}: onError.port is no output of it`, { port: policy.port });
    if (spellShape(port.shape) === spellShape(itemFailure.shape)) return;
    throw new InvalidOptions(`${what}: onError.port is an output of type itemFailure`, { port: policy.port });
  }
  if (!['stop', 'skip', 'restart'].includes(policy)) {
    throw wrongOption(what, 'onError', "'stop', 'skip', 'restart', { port } or { retries }", policy);
  }
};

export class Flow {
  readonly name: string;
  readonly isAcknowledged: boolean;
  readonly nodes = new Map<string, AnyNode>();
  readonly links: Link[] = [];

  constructor(name: string, options: FlowOptions) {
    if (typeof name !== 'string' || name === '') throw new InvalidOptions('pipeline: it needs a name');
    const wrong = wrongMembers(options, FLOW_OPTIONS);
    if (wrong !== undefined) throw new InvalidOptions(`pipeline ${name}: ${wrong}`);
    checkBoolean(`pipeline ${name}`, 'acknowledged', options.acknowledged);
    this.name = name;
    this.isAcknowledged = options.acknowledged === true;
  }

  /**
   * Adds a stage.
   *
   * @throws InvalidDefinition, InvalidOptions, InvalidFlow
   */
  stage<I extends Ports | undefined, O extends Ports | undefined, A>(
    definition: StageDefinition<I, O, A>,
    ...[args, options = {}]: undefined extends A ? [args?: A, options?: NodeOptions] : [args: A, options?: NodeOptions]
  ): Node<I, O> {
    const staged = stagedOf(definition as AnyStage);
    const wrong = wrongMembers(options, NODE_OPTIONS);
    if (wrong !== undefined) throw new InvalidOptions(`stage ${JSON.stringify(definition.name)}: ${wrong}`);
    const name = options.name ?? this.freeName(definition.name);
    if (this.nodes.has(name)) throw new InvalidFlow(`two stages are called ${JSON.stringify(name)}`);
    checkNode(name, staged, options);
    const node = new Node<I, O>(this, staged, name, args, options);
    this.nodes.set(name, node);
    return node;
  }

  /** The name, with a number if it is taken. */
  protected freeName(name: string): string {
    for (let number = 1; ; number++) {
      const free = number === 1 ? name : `${name}-${number}`;
      if (!this.nodes.has(free)) return free;
    }
  }

  /** What `port.to` does. */
  link(from: OutPort<never>, to: InPort<never>, options: ChannelOptions): void {
    const what = `link ${from} -> ${to}`;
    const wrong = wrongMembers(options, CHANNEL_OPTIONS);
    if (wrong !== undefined) throw new InvalidOptions(`${what}: ${wrong}`);
    const { policy = 'block', capacity = CAPACITY, capacityBytes = CAPACITY_BYTES, loop = false } = options;
    if (!POLICIES.includes(policy)) throw wrongOption(what, 'policy', POLICIES.join(', '), policy);
    checkWhole(what, 'capacity', capacity, 1, CAPACITY_MAX);
    checkWhole(what, 'capacityBytes', capacityBytes, CAPACITY_BYTES_MIN, CAPACITY_BYTES_MAX);
    checkBoolean(what, 'loop', loop);
    if (from.node.flow !== this || to.node.flow !== this) throw new InvalidFlow(`${what}: they are of different flows`);
    this.links.push({ from, to, policy, capacity: policy === 'latest' ? 1 : capacity, capacityBytes, isLoop: loop });
  }

  /** Takes links away: all between two stages, or those between two ports. Before `job.update()` it is only drawn. */
  unlink(from: AnyNode | OutPort<never>, to: AnyNode | InPort<never>): void {
    const isBetween = (link: Link): boolean =>
      (link.from === from || link.from.node === from) && (link.to === to || link.to.node === to);
    const before = this.links.length;
    for (let index = before - 1; index >= 0; index--) if (isBetween(this.links[index]!)) this.links.splice(index, 1);
    if (this.links.length === before) throw new InvalidFlow('unlink: there is no such link');
  }

  /** Takes a stage away, and its links. */
  remove(node: AnyNode): void {
    if (this.nodes.get(node.name) !== node) throw new InvalidFlow(`remove: ${node.name} is no stage of this flow`);
    this.nodes.delete(node.name);
    for (let index = this.links.length - 1; index >= 0; index--) {
      const { from, to } = this.links[index]!;
      if (from.node === node || to.node === node) this.links.splice(index, 1);
    }
  }
}
