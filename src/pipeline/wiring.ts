/** The channels between the actors of a job: which there are, their numbers, how they are opened and taken away. */
import { type AnyNode, CAPACITY_BYTES, type Flow, type Link } from './flow.js';
import { type Channel, channelsOf, type Instance, innerChannelsOf } from './graph.js';
import { INNER_WINDOW } from './inlet.js';
import { ASK, type Member, type Members } from './member.js';
import type { InletPlan, OutletPlan } from './protocol.js';
import { scaleOf } from './weigh.js';

interface OpenChannel extends Channel {
  readonly number: number;
  /** The number of the first channel of its link. */
  readonly first: number;
}

/** Links that the flow has no more, with their channels. */
type Gone = readonly (readonly [Link, readonly OpenChannel[]])[];

const append = <P>(to: Map<Member, P[]>, member: Member, value: P): void => {
  const known = to.get(member);
  if (known === undefined) to.set(member, [value]);
  else known.push(value);
};

/** Whether a writer may have to wait, or to drop items, before its window is used up: for bytes, or by its policy. */
const isEager = ({ to, targetPort, link }: Channel, capacity: number): boolean => {
  const { fixed, variable } = scaleOf(to.node.staged.details.ins[targetPort]!.shape);
  const { policy = 'block', capacityBytes = CAPACITY_BYTES } = link ?? {};
  return policy !== 'block' || variable !== undefined || capacity * fixed > capacityBytes;
};

export class Wiring {
  hasLoops = false;
  readonly #flow: Flow;
  readonly #members: Members;
  readonly #links = new Map<Link, readonly OpenChannel[]>();
  /** Within parallel stages. */
  readonly #inner = new Map<AnyNode, readonly OpenChannel[]>();
  #channels = 0;

  constructor(flow: Flow, members: Members) {
    this.#flow = flow;
    this.#members = members;
  }

  // ---- which there are --------------------------------------------------------------------------------------------

  /** Channels of nodes that are new, and of links that the flow has and this has not. */
  extend(nodes: readonly AnyNode[]): readonly OpenChannel[] {
    const links = this.#flow.links.filter((link) => !this.#links.has(link));
    for (const node of nodes) this.#inner.set(node, this.#number(innerChannelsOf(this.#instancesOf(node))));
    for (const link of links) {
      this.#links.set(link, this.#number(channelsOf(link, (node) => this.#instancesOf(node))));
      if (link.isLoop) this.hasLoops = true;
    }
    return [...nodes.flatMap((node) => this.#inner.get(node)!), ...links.flatMap((link) => this.#links.get(link)!)];
  }

  /** Links that this has and the flow has not. */
  get gone(): Gone {
    return [...this.#links].filter(([link]) => !this.#flow.links.includes(link));
  }

  /** Gives all channels new numbers: nothing that is still under way by the old ones has an effect. */
  renew(): readonly OpenChannel[] {
    for (const [node, open] of this.#inner) this.#inner.set(node, this.#number(open));
    for (const [link, open] of this.#links) this.#links.set(link, this.#number(open));
    return [...this.#inner, ...this.#links].flatMap(([, open]) => open);
  }

  forget(node: AnyNode): void {
    this.#inner.delete(node);
  }

  #number(channels: readonly Channel[]): OpenChannel[] {
    const first = this.#channels + 1;
    return channels.map((channel) => ({ ...channel, number: ++this.#channels, first }));
  }

  #instancesOf(node: AnyNode): readonly Instance[] {
    return this.#members.get(node)!.map(({ instance }) => instance);
  }

  #memberOf(instance: Instance): Member {
    return this.#members.get(instance.node)!.find((member) => member.instance === instance)!;
  }

  // ---- how they come and go ---------------------------------------------------------------------------------------

  async openInlets(channels: readonly OpenChannel[]): Promise<void> {
    const plans = new Map<Member, InletPlan[]>();
    for (const channel of channels) {
      const { number, from, to, targetPort, input, first, link } = channel;
      const window = link?.capacity ?? this.#innerCapacity(to.node);
      append(plans, this.#memberOf(to), {
        channel: number,
        port: targetPort,
        input,
        link: first,
        source: this.#memberOf(from).ref,
        window,
        isAdaptive: link === undefined,
        isEager: isEager(channel, window),
        isLoop: link?.isLoop ?? false,
      });
    }
    await Promise.all([...plans].map(([{ ref }, inlets]) => ref.open({ inlets, outlets: [] }, ASK)));
  }

  async openOutlets(channels: readonly OpenChannel[]): Promise<void> {
    const plans = new Map<Member, OutletPlan[]>();
    for (const { number, from, to, port, output, targetPort, link } of channels) {
      append(plans, this.#memberOf(from), {
        channel: number,
        port,
        output,
        target: this.#memberOf(to).ref,
        targetPort,
        policy: link?.policy ?? 'block',
        window: link?.capacity ?? Math.min(INNER_WINDOW, this.#innerCapacity(to.node)),
        windowBytes: link?.capacityBytes ?? CAPACITY_BYTES,
        isLoop: link?.isLoop ?? false,
      });
    }
    await Promise.all([...plans].map(([{ ref }, outlets]) => ref.open({ inlets: [], outlets }, ASK)));
  }

  #innerCapacity(node: AnyNode): number {
    const link = this.#flow.links.find(({ to }) => to.node === node);
    return link?.capacity ?? INNER_WINDOW;
  }

  /** Takes links away. Those of stages that go, too, end with these: they have yet to do what they were given. */
  async shut(links: Gone, gone: readonly AnyNode[]): Promise<void> {
    const held = new Map<Member, number[]>();
    const discarded = new Map<Member, number[]>();
    for (const [link, channels] of links) {
      this.#links.delete(link);
      if (gone.includes(link.from.node)) continue;
      const isReplaced = this.#flow.links.some(({ from }) => from === link.from);
      for (const { from, number } of channels) append(isReplaced ? held : discarded, this.#memberOf(from), number);
    }
    const shut = (member: Member): Promise<boolean> =>
      member.ref.shut({ held: held.get(member) ?? [], discarded: discarded.get(member) ?? [] }, ASK);
    await Promise.all([...new Set([...held.keys(), ...discarded.keys()])].map(shut));
  }
}
