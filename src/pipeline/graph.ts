/** What is checked of a graph before anything starts, and which actors on which threads it becomes. */
import { InvalidFlow, InvalidOptions } from '../base/errors.js';
import { spellShape } from '../messages/shape.js';
import type { AnyNode, Flow, Link } from './flow.js';
import type { StageSetup } from './setup.js';

/** One actor that a stage consists of. */
export interface Instance {
  readonly node: AnyNode;
  readonly setup: StageSetup;
  readonly thread: number;
}

/** A channel between two actors. */
export interface Channel {
  readonly from: Instance;
  readonly to: Instance;
  readonly port: number;
  /** Among those that `many` stands for. */
  readonly output: number;
  readonly targetPort: number;
  /** Among those that `many` stands for. */
  readonly input: number;
  /** Between a splitter and the instances of its stage there is none. */
  readonly link: Link | undefined;
}

/** @throws InvalidFlow */
export const checkFlow = (flow: Flow): void => {
  const what = `pipeline ${flow.name}`;
  if (flow.nodes.size === 0) throw new InvalidFlow(`${what}: it has no stages`);
  for (const link of flow.links) checkLink(what, link);
  for (const node of flow.nodes.values()) checkPorts(what, flow, node);
  checkCycles(what, flow);
  if (flow.isAcknowledged) checkAcknowledged(what, flow);
};

const checkLink = (what: string, { from, to }: Link): void => {
  const [given, taken] = [spellShape(from.plan.shape), spellShape(to.plan.shape)];
  if (given !== taken) throw new InvalidFlow(`${what}: ${from} and ${to} carry different types`, { given, taken });
};

const checkPorts = (what: string, flow: Flow, node: AnyNode): void => {
  for (const port of node.ins) {
    if (!flow.links.some(({ to }) => to === port)) throw new InvalidFlow(`${what}: nothing leads to ${port}`);
  }
  if (node.ins.length > 0 && flow.links.every(({ to, isLoop }) => to.node !== node || isLoop)) {
    throw new InvalidFlow(`${what}: only loops lead to ${node.name}; what they carry has to come in somewhere`);
  }
  for (const port of node.outs) {
    const count = flow.links.filter(({ from }) => from === port).length;
    if (count > 1) throw new InvalidFlow(`${what}: ${port} leads to ${count} inputs; use a stage with many outputs`);
    if (count === 0 && !port.isDiscarded) {
      throw new InvalidFlow(`${what}: ${port} leads nowhere; link it, or say port.discard()`);
    }
  }
};

const checkCycles = (what: string, flow: Flow): void => {
  const open = new Set(flow.nodes.values());
  const next = (node: AnyNode): boolean =>
    flow.links.some(({ from, to, isLoop }) => to.node === node && !isLoop && open.has(from.node));
  for (let found = true; found; ) {
    found = false;
    for (const node of open) if (!next(node)) found = open.delete(node);
  }
  if (open.size === 0) return;
  const names = [...open].map(({ name }) => name).join(', ');
  throw new InvalidFlow(`${what}: ${names} are in a cycle; say { loop: true } at the link that closes it`);
};

const checkAcknowledged = (what: string, flow: Flow): void => {
  const sources = [...flow.nodes.values()].filter(({ ins }) => ins.length === 0);
  const [source] = sources;
  if (sources.length !== 1 || (source!.options.parallel ?? 1) > 1) {
    throw new InvalidFlow(`${what}: one that is acknowledged has one source, of one instance`, {
      sources: sources.length,
    });
  }
  if (source!.staged.details.replay === undefined) {
    throw new InvalidFlow(`${what}: ${source!.name} cannot produce its items again; give it replay`);
  }
  const wrong = flow.links.find(({ isLoop, policy }) => isLoop || policy !== 'block');
  if (wrong === undefined) return;
  throw new InvalidFlow(
    `${what}: the link ${wrong.from} -> ${wrong.to} may lose items; one that is acknowledged may not`,
  );
};

/** The stages, each after those that its items come from. */
export const sorted = (flow: Flow): AnyNode[] => {
  const done: AnyNode[] = [];
  const left = new Set(flow.nodes.values());
  while (left.size > 0) {
    for (const node of left) {
      const waits = flow.links.some(({ from, to, isLoop }) => to.node === node && !isLoop && left.has(from.node));
      if (waits) continue;
      left.delete(node);
      done.push(node);
    }
  }
  return done;
};

/** Gives stages to threads: where the least is, but not where a neighbour is, if there is another. */
export class Placing {
  readonly #threads: number;
  readonly #load: number[];
  readonly #of = new Map<AnyNode, readonly number[]>();

  /** @param threads workers; 0: everything is on the host */
  constructor(threads: number) {
    this.#threads = threads;
    this.#load = Array.from({ length: threads + 1 }, () => 0);
  }

  /** @throws InvalidOptions */
  place(flow: Flow, node: AnyNode): readonly number[] {
    const known = this.#of.get(node);
    if (known !== undefined) return known;
    const { place, parallel = 1 } = node.options;
    const given = place === 'host' ? 0 : place;
    if (given !== undefined && (given < 0 || given > this.#threads)) {
      throw new InvalidOptions(`stage ${node.name}: there is no thread ${given}`, { threads: this.#threads });
    }
    const near = new Set(
      flow.links.flatMap(({ from, to }) => {
        if (to.node === node) return this.#of.get(from.node) ?? [];
        return from.node === node ? (this.#of.get(to.node) ?? []) : [];
      }),
    );
    const threads = Array.from({ length: parallel }, () => {
      const thread = given ?? this.#best(parallel > 1 ? new Set() : near);
      this.#load[thread]!++;
      return thread;
    });
    this.#of.set(node, threads);
    return threads;
  }

  /** The stage is no more. */
  leave(node: AnyNode): void {
    for (const thread of this.#of.get(node) ?? []) this.#load[thread]!--;
    this.#of.delete(node);
  }

  #best(near: ReadonlySet<number>): number {
    if (this.#threads === 0) return 0;
    const workers = Array.from({ length: this.#threads }, (_, index) => index + 1);
    const apart = workers.filter((thread) => !near.has(thread));
    const candidates = apart.length > 0 ? apart : workers;
    return candidates.reduce((best, thread) => (this.#load[thread]! < this.#load[best]! ? thread : best));
  }

  /** The thread of whoever gives a stage its items. */
  before(flow: Flow, node: AnyNode): number {
    const link = flow.links.find(({ to, isLoop }) => to.node === node && !isLoop);
    const [thread] = (link && this.#of.get(link.from.node)) ?? this.#of.get(node)!;
    return thread!;
  }
}

/** The actors of a stage: one, or a splitter and those that it splits for. */
export const instancesOf = (flow: Flow, node: AnyNode, placing: Placing): Instance[] => {
  const threads = placing.place(flow, node);
  const { details } = node.staged;
  const { ordered = false, onError = 'stop' } = node.options;
  const isSource = details.ins.length === 0;
  const common = {
    name: node.name,
    dispatch: node.options.dispatch ?? (details.key === undefined ? 'least-loaded' : 'key'),
    isOrdered: ordered && threads.length > 1,
    isAcknowledged: flow.isAcknowledged,
    onError,
    args: node.args,
  } as const;
  const outputs = details.outs.map((_, port) => node.outs.filter((out) => out.port === port).length);
  const rule = node.options.rule ?? (isSource ? 'loop' : 'message');
  const work = threads.map((thread, instance): Instance => {
    return { node, thread, setup: { ...common, role: 'work', instance, rule, outputs } };
  });
  if (threads.length === 1 || isSource) return work;
  const setup: StageSetup = { ...common, role: 'split', instance: 0, rule: 'message', outputs: [], args: undefined };
  return [{ node, thread: placing.before(flow, node), setup }, ...work];
};

const isSplit = ({ setup }: Instance): boolean => setup.role === 'split';

/** The channels of a link. */
export const channelsOf = (link: Link, of: (node: AnyNode) => readonly Instance[]): Channel[] => {
  const [first] = of(link.to.node);
  return of(link.from.node)
    .filter((instance) => !isSplit(instance))
    .map((from) => ({
      from,
      to: first!,
      port: link.from.port,
      output: link.from.index,
      targetPort: link.to.port,
      input: link.to.index,
      link,
    }));
};

/** The channels from a splitter to the instances of its stage. */
export const innerChannelsOf = (instances: readonly Instance[]): Channel[] => {
  const [split, ...work] = instances;
  if (split === undefined || !isSplit(split)) return [];
  return work.map((to) => ({ from: split, to, port: 0, output: 0, targetPort: 0, input: 0, link: undefined }));
};
