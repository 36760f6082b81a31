/**
 * A pipeline that runs. The host makes its actors, connects them, hears what they tell, and ends them; the items go
 * from stage to stage without it.
 */
import type { RefOf } from '../actor/definition.js';
import type { Ended } from '../actor/family.js';
import { withDeadline } from '../base/deadline.js';
import { InvalidFlow, InvalidOptions, LimitReached, StageFailed } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { BoundedStream, type Missable } from '../base/stream.js';
import type { Shared } from '../messages/shares.js';
import type { System } from '../scheduler/system.js';
import { ROWS_MAX, Row } from './board.js';
import { returnBoard, takeBoard } from './boards.js';
import { type JobCounters, readCounters, type StageCounters } from './counters.js';
import { hold, sinkEdge } from './edges.js';
import type { AnyNode, Flow, InPort, Link, OutPort } from './flow.js';
import {
  type Channel,
  channelsOf,
  checkFlow,
  type Instance,
  innerChannelsOf,
  instancesOf,
  Placing,
  sorted,
} from './graph.js';
import { mermaidOf } from './mermaid.js';
import { Output } from './output.js';
import {
  type InletPlan,
  type News,
  type OutletPlan,
  plainWire,
  type StageNotifier,
  type StageRef,
} from './protocol.js';

export interface StopJobOptions {
  /** `drain`: sources end, and what is under way is finished; `now`: nothing more is done. Default `drain`. */
  readonly mode?: 'drain' | 'now';
  /** How long draining may take, in ms; then it is `now`. Default: as long as it takes. */
  readonly deadlineMs?: number;
}

/** An item that could not be processed, or sent, and did not end the job. */
export interface ItemFailure {
  readonly stage: string;
  readonly instance: number;
  readonly port: string;
  /** The number of the item. */
  readonly id: number;
  readonly code: string;
  readonly message: string;
  /** The item; a text that describes it, if it cannot travel. */
  readonly item: unknown;
  /** The stage's state was made anew. */
  readonly restarted: boolean;
}

/** What became of a job. */
export interface JobReport {
  /** `done`: its sources had no more; `stopped`: it was told to. */
  readonly outcome: 'done' | 'stopped';
  /** Times that it began again from what was acknowledged, because a thread had died. */
  readonly recoveries: number;
  readonly stages: Readonly<Record<string, StageCounters>>;
}

/** One of its actors. */
interface Member {
  readonly instance: Instance;
  readonly row: number;
  ref: StageRef;
  isEnded: boolean;
  isLost: boolean;
  /** Its news is waited for: until it has ended. */
  isHeard: boolean;
  /** It is to go, or has gone. */
  isGone: boolean;
}

interface OpenChannel extends Channel {
  readonly number: number;
}

/** How long a stage may take to answer what its job asks: longer than any of its steps. */
const ASK = { timeoutMs: 2 ** 30 };
const FAILURES_MAX = 1_024;
/** How often a job with loops looks whether anything is still under way, once its sources have ended. */
const LOOK_MS = 20;
/** Looks in a row at which nothing may have moved. */
const QUIET_LOOKS = 3;
/** Between a splitter and its instances: what an instance has room for, before it is known how fast it is, and at most. */
const INNER_WINDOW = 16;
const STOP_OPTIONS: ReadonlySet<string> = new Set<keyof StopJobOptions>(['mode', 'deadlineMs']);

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

export class Job<T = never> implements AsyncDisposable {
  /** Resolves when all stages have ended; rejects with `StageFailed`, or `SystemStopped`. */
  readonly done: Promise<JobReport>;
  /** Items that could not be processed and did not end the job, from the moment on that one reads them. */
  readonly failures: AsyncIterable<ItemFailure & Missable>;
  /** The items of the output that `run` was given. To leave the loop ends the job. */
  readonly output: AsyncIterable<T>;
  readonly #flow: Flow;
  readonly #system: System;
  readonly #board: Shared;
  readonly #placing: Placing;
  readonly #failures = new BoundedStream<ItemFailure>(FAILURES_MAX);
  readonly #members = new Map<AnyNode, Member[]>();
  readonly #links = new Map<Link, readonly OpenChannel[]>();
  readonly #inner = new Map<AnyNode, readonly OpenChannel[]>();
  #rows = 0;
  #channels = 0;
  #recoveries = 0;
  #recovering: Promise<void> | undefined;
  #isStopped = false;
  #isOver = false;
  #resolve!: (report: JobReport) => void;
  #reject!: (error: unknown) => void;

  private constructor(flow: Flow, system: System, board: Shared, output: AsyncIterable<T>) {
    this.#flow = flow;
    this.#system = system;
    this.#board = board;
    this.#placing = new Placing(system.threads);
    this.failures = this.#failures;
    this.output = output;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever does not await it learns of failures elsewhere.
    this.done.catch(() => undefined);
  }

  /** @throws as `Pipeline.run` */
  static async start<T>(flow: Flow, system: System, port: OutPort<T> | undefined): Promise<Job<T>> {
    const output = new Output<T>(() => void job.stop({ mode: 'now' }).catch(() => undefined));
    const sink = port && readBy(flow, port, output);
    try {
      checkFlow(flow);
    } catch (error) {
      // It may be run again, mended.
      if (sink !== undefined) flow.remove(sink);
      throw error;
    }
    const job = new Job<T>(flow, system, await takeBoard(system), output);
    job.done.then(
      () => output.end(),
      (error: unknown) => output.fail(error),
    );
    try {
      await job.#extend();
    } catch (error) {
      // A stage has failed before all had begun: that is told as at any other time.
      if (job.#isOver) return job;
      await job.#end();
      throw error;
    }
    return job;
  }

  // ---- what its user asks for -------------------------------------------------------------------------------------

  /** Reads the counters of all stages from shared memory; disturbs nobody. */
  counters(): JobCounters {
    return readCounters(this.#all.map(({ instance, row }) => ({ instance, row: this.#rowOf(row) })));
  }

  /** The graph as Mermaid text. */
  graph(): string {
    return mermaidOf(this.#flow, ({ staged }) => staged.topology);
  }

  /**
   * Notifies a stage whose rule is `event`. From other threads: send them `notifier(name)`.
   *
   * @throws InvalidOptions
   */
  notify(stage: string): void {
    this.notifier(stage).notify();
  }

  /**
   * A ref by which every thread can notify a stage; it travels in messages, as `ref(StageNotifier)`.
   *
   * @throws InvalidOptions
   */
  notifier(stage: string): RefOf<typeof StageNotifier> {
    const node = this.#flow.nodes.get(stage);
    const [member] = (node && this.#members.get(node)) ?? [];
    if (member !== undefined) return member.ref;
    throw new InvalidOptions(`job ${this.#flow.name}: there is no stage ${JSON.stringify(stage)}`);
  }

  /**
   * Ends the job. Resolves with its report when it has ended, for any number of callers.
   *
   * @throws StageFailed, SystemStopped, InvalidOptions
   */
  async stop(options: StopJobOptions = {}): Promise<JobReport> {
    checkMembers('stop', options, STOP_OPTIONS);
    const { mode = 'drain', deadlineMs } = options;
    if (mode !== 'drain' && mode !== 'now') throw new InvalidOptions('stop: mode is drain or now', { got: mode });
    this.#isStopped = true;
    if (mode === 'now') await this.#finish();
    else {
      for (const { ref, instance } of this.#all) if (isSource(instance)) ref.finish({ now: false });
      if (deadlineMs !== undefined) {
        const timer = setTimeout(() => void this.#finish(), deadlineMs);
        const clear = (): void => clearTimeout(timer);
        this.done.then(clear, clear);
      }
    }
    return await this.done;
  }

  /** Ends the job at once, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ mode: 'now' }).catch(() => undefined);
  }

  /**
   * Makes the running job what its flow says now: stages and links that were added begin, those that were taken away
   * end when what was given to them is done. Nothing is lost: what a stage emits while its output leads nowhere waits.
   *
   * @throws InvalidFlow  the graph cannot work; nothing is changed
   * @throws as `run`
   */
  async update(): Promise<void> {
    if (this.#isOver) throw new InvalidFlow(`job ${this.#flow.name} has ended`);
    if (this.#flow.isAcknowledged) {
      throw new InvalidFlow(`job ${this.#flow.name}: one that is acknowledged cannot be changed while it runs`);
    }
    checkFlow(this.#flow);
    const gone = [...this.#links].filter(([link]) => !this.#flow.links.includes(link));
    await Promise.all(gone.map(([, channels]) => this.#shut(channels)));
    for (const [link] of gone) this.#links.delete(link);
    await this.#extend();
    for (const [node, members] of this.#members) if (this.#flow.nodes.get(node.name) !== node) this.#remove(members);
  }

  // ---- how it is made ---------------------------------------------------------------------------------------------

  get #all(): Member[] {
    return [...this.#members.values()].flat();
  }

  #rowOf(row: number): Row {
    return new Row(this.#board.buffer, row);
  }

  /** Makes what the flow has and the job has not. */
  async #extend(): Promise<void> {
    const added = sorted(this.#flow).filter((node) => !this.#members.has(node));
    for (const node of added) this.#placing.place(this.#flow, node);
    await Promise.all(added.map((node) => this.#make(node)));
    for (const node of added) this.#inner.set(node, this.#number(innerChannelsOf(this.#instancesOf(node))));
    const links = this.#flow.links.filter((link) => !this.#links.has(link));
    for (const link of links) {
      this.#links.set(link, this.#number(channelsOf(link, (node) => this.#instancesOf(node))));
    }
    const inner = added.flatMap((node) => this.#inner.get(node)!);
    await this.#open([...inner, ...links.flatMap((link) => this.#links.get(link)!)]);
    await this.#begin(
      added.flatMap((node) => this.#members.get(node)!),
      false,
    );
  }

  #instancesOf(node: AnyNode): readonly Instance[] {
    return this.#members.get(node)!.map(({ instance }) => instance);
  }

  #number(channels: readonly Channel[]): OpenChannel[] {
    return channels.map((channel) => ({ ...channel, number: ++this.#channels }));
  }

  async #make(node: AnyNode): Promise<void> {
    const instances = instancesOf(this.#flow, node, this.#placing);
    const members = instances.map((instance): Member => {
      if (this.#rows >= ROWS_MAX) throw new LimitReached('a job has too many stages', { actors: ROWS_MAX });
      const row = this.#rows++;
      return { instance, row, ref: undefined as never, isEnded: false, isLost: false, isHeard: false, isGone: false };
    });
    const outcomes = await Promise.allSettled(members.map((member) => this.#spawn(member)));
    this.#members.set(
      node,
      members.filter(({ ref }) => ref !== undefined),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    for (const member of members) void this.#listen(member);
  }

  async #spawn(member: Member): Promise<void> {
    const { node, setup, thread } = member.instance;
    const ref = await this.#system.spawn(node.staged.actor, setup, { place: thread });
    member.ref = this.#system.typed(plainWire(), ref) as unknown as StageRef;
    member.isLost = false;
  }

  #memberOf(instance: Instance): Member {
    return this.#members.get(instance.node)!.find((member) => member.instance === instance)!;
  }

  /** Tells both ends of channels of each other. */
  async #open(channels: readonly OpenChannel[]): Promise<void> {
    const inlets = new Map<Member, InletPlan[]>();
    const outlets = new Map<Member, OutletPlan[]>();
    const add = <P>(to: Map<Member, P[]>, member: Member, plan: P): void =>
      void to.set(member, [...(to.get(member) ?? []), plan]);
    for (const { number, from, to, port, targetPort, input, link } of channels) {
      const [source, target] = [this.#memberOf(from), this.#memberOf(to)];
      const {
        policy = 'block',
        capacity = this.#innerCapacity(to.node),
        capacityBytes = 2 ** 24,
        isLoop = false,
      } = link ?? {};
      const isAdaptive = link === undefined;
      const window = isAdaptive ? INNER_WINDOW : capacity;
      add(inlets, target, {
        channel: number,
        port: targetPort,
        input,
        source: source.ref,
        window: capacity,
        isAdaptive,
        isLoop,
      });
      add(outlets, source, {
        channel: number,
        port,
        target: target.ref,
        targetPort,
        policy,
        window,
        windowBytes: capacityBytes,
        isLoop,
      });
    }
    const open = (member: Member): Promise<boolean> =>
      member.ref.open({ inlets: inlets.get(member) ?? [], outlets: outlets.get(member) ?? [] }, ASK);
    // Whoever is to receive knows of it before the first item is sent.
    const receivers = [...inlets.keys()];
    await Promise.all(receivers.map(open));
    await Promise.all([...outlets.keys()].filter((member) => !inlets.has(member)).map(open));
  }

  #innerCapacity(node: AnyNode): number {
    const link = this.#flow.links.find(({ to }) => to.node === node);
    return link?.capacity ?? INNER_WINDOW;
  }

  async #begin(members: readonly Member[], isAgain: boolean): Promise<void> {
    const all = this.#all;
    const sinks = all.filter(({ instance }) => isSink(instance)).map(({ row }) => row);
    const sources = all.filter(({ instance }) => isSource(instance)).map(({ ref }) => ref);
    // The last ones first, so that nobody is sent anything that it is not ready for.
    for (const member of [...members].reverse()) {
      const { ref, row, instance } = member;
      const from = isAgain && isSource(instance) ? this.#rowOf(row).loadAcknowledged() : 0;
      const isKept = this.#flow.isAcknowledged;
      await ref.begin(
        {
          board: this.#board,
          row,
          from,
          isAgain,
          sinks: isKept && isSource(instance) ? sinks : [],
          sources: isKept && isSink(instance) ? sources : [],
        },
        ASK,
      );
    }
  }

  async #shut(channels: readonly OpenChannel[]): Promise<void> {
    const byMember = new Map<Member, number[]>();
    for (const { from, number } of channels) {
      const member = this.#memberOf(from);
      byMember.set(member, [...(byMember.get(member) ?? []), number]);
    }
    await Promise.all([...byMember].map(([{ ref }, numbers]) => ref.shut({ channels: numbers }, ASK)));
  }

  /** Those that no item comes to any more end by themselves when they have done all; sources are told. */
  #remove(members: readonly Member[]): void {
    for (const member of members) {
      member.isGone = true;
      if (isSource(member.instance)) member.ref.finish({ now: false });
      if (member.isEnded) this.#dismiss(member);
    }
  }

  #dismiss({ instance: { node }, ref }: Member): void {
    const members = this.#members.get(node);
    if (members?.every(({ isEnded }) => isEnded) === true) this.#members.delete(node);
    void this.#system.stop(ref).catch(() => undefined);
  }

  // ---- what its stages tell ---------------------------------------------------------------------------------------

  async #listen(member: Member): Promise<void> {
    const { ref } = member;
    member.isHeard = true;
    while (!this.#isOver && !member.isEnded) {
      try {
        const { news, missed } = await ref.next({}, ASK);
        // Those that were not told are told once.
        for (const [index, item] of news.entries()) this.#hear(member, item, index === 0 ? missed : 0);
      } catch (error) {
        if (codeOf(error) === 'HEDDLE_CALL_TIMEOUT') continue;
        const reason = await this.#reasonOf(member, error);
        if (!this.#isOver && !(member.isGone && member.isEnded)) this.#lost(member, reason);
        break;
      }
    }
    member.isHeard = false;
  }

  /** Why a stage is gone. One that has ended may have done so with the system, which tells whoever asks once more. */
  async #reasonOf({ ref }: Member, error: unknown): Promise<unknown> {
    if (codeOf(error) !== 'HEDDLE_ACTOR_STOPPED') return error;
    return await ref.next({}, ASK).then(
      () => error,
      (again: unknown) => again,
    );
  }

  #hear(member: Member, { kind, port, id, code, message, item }: News, missed: number): void {
    const { name, instance } = member.instance.setup;
    if (kind === 'ended') {
      member.isEnded = true;
      if (member.isGone) this.#dismiss(member);
      this.#seeWhetherDone();
    } else if (kind === 'fault') {
      const cause = Object.assign(new Error(message), { code });
      const what = `stage ${name} cannot go on: ${message}`;
      const facts = { stage: name, port: port === '' ? undefined : port, id: id < 0 ? undefined : id };
      void this.#fail(new StageFailed(what, facts, { cause }));
    } else {
      const restarted = kind === 'restarted';
      this.#failures.push({ stage: name, instance, port, id, code, message, item, restarted }, missed);
    }
  }

  #lost(member: Member, error: unknown): void {
    member.isLost = true;
    if (codeOf(error) === 'HEDDLE_SYSTEM_STOPPED') void this.#fail(error);
    else if (this.#flow.isAcknowledged && codeOf(error) === 'HEDDLE_THREAD_LOST') this.#recover();
    else {
      const { name } = member.instance.setup;
      const facts = { stage: name, port: undefined, id: undefined };
      void this.#fail(new StageFailed(`stage ${name} is gone`, facts, { cause: error }));
    }
  }

  #seeWhetherDone(): void {
    const all = this.#all;
    if (all.every(({ isEnded }) => isEnded)) void this.#conclude();
    else if (
      this.#flow.links.some(({ isLoop }) => isLoop) &&
      all.every(({ isEnded, instance }) => isEnded || !isSource(instance))
    ) {
      void this.#awaitQuiet();
    }
  }

  /** Its sources have ended, but what goes round in a loop may go on: the loops are ended when nothing moves any more. */
  async #awaitQuiet(): Promise<void> {
    let last = '';
    for (let quiet = 0; quiet < QUIET_LOOKS && !this.#isOver; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const { stages, underWay, isBusy } = this.counters();
      const now = JSON.stringify(Object.values(stages).map(({ taken, emitted }) => [taken, emitted]));
      quiet = !isBusy && underWay === 0 && now === last ? quiet + 1 : 0;
      last = now;
    }
    for (const { ref, instance } of this.#all) if (!isSource(instance)) ref.finish({ now: false });
  }

  // ---- when a thread has died -------------------------------------------------------------------------------------

  #recover(): void {
    this.#recovering ??= this.#rewindAll().finally(() => {
      this.#recovering = undefined;
      if (!this.#isOver && this.#all.some(({ isLost }) => isLost)) this.#recover();
    });
    this.#recovering.catch((error: unknown) => this.#fail(error));
  }

  /** Has everybody forget what is under way, makes anew who is gone, and begins again from what was acknowledged. */
  async #rewindAll(): Promise<void> {
    this.#recoveries++;
    try {
      const rewind = async (member: Member): Promise<void> => {
        if (member.isLost) await this.#spawn(member);
        else await member.ref.rewind({}, ASK);
      };
      await this.#settled(this.#all, rewind);
      for (const member of this.#all) member.isEnded = false;
      for (const member of this.#all) if (!member.isLost && !member.isHeard) void this.#listen(member);
      const channels = [...this.#inner, ...this.#links].flatMap(([, open]) => open);
      for (const [node, open] of this.#inner) this.#inner.set(node, this.#number(open));
      for (const [link, open] of this.#links) this.#links.set(link, this.#number(open));
      if (channels.length > 0) await this.#open([...this.#inner, ...this.#links].flatMap(([, open]) => open));
      const order = sorted(this.#flow).flatMap((node) => this.#members.get(node)!);
      await this.#begin(order, true);
    } catch (error) {
      if (codeOf(error) !== 'HEDDLE_THREAD_LOST') throw error;
      // One more is gone; whoever listens to it marks it.
    }
  }

  /** Does something with all members; those whose thread dies meanwhile are marked. */
  async #settled(members: readonly Member[], act: (member: Member) => Promise<void>): Promise<void> {
    const outcomes = await Promise.allSettled(members.map(act));
    let lost: unknown;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      if (codeOf(outcome.reason) !== 'HEDDLE_THREAD_LOST') throw outcome.reason;
      members[index]!.isLost = true;
      lost = outcome.reason;
    }
    if (lost !== undefined) throw lost;
  }

  // ---- how it ends ------------------------------------------------------------------------------------------------

  async #conclude(): Promise<void> {
    if (this.#isOver) return;
    const report = this.#makeReport();
    await this.#end();
    this.#resolve(report);
  }

  #makeReport(): JobReport {
    const { stages } = this.counters();
    return { outcome: this.#isStopped ? 'stopped' : 'done', recoveries: this.#recoveries, stages };
  }

  /** Nothing more is done. */
  async #finish(): Promise<void> {
    if (this.#isOver) return;
    for (const { ref } of this.#all) ref.finish({ now: true });
    await this.#conclude();
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#isOver) return;
    await this.#end();
    this.#reject(error);
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    const over = (member: Member): Promise<Ended | undefined> =>
      this.#system.stop(member.ref, { deadlineMs: END_MS }).catch(() => undefined);
    // One that does not return from its code is waited for no longer; its board may be written to at any time.
    const ended = withDeadline(Promise.all(this.#all.map(over)), END_MS + GRACE_MS, 'the end of the stages');
    const isQuiet = await ended.then(
      () => true,
      () => false,
    );
    this.#failures.end();
    if (isQuiet) returnBoard(this.#system, this.#board);
  }
}

/** Leads an output of a flow to whoever reads the output of its job. */
const readBy = <T>(flow: Flow, port: OutPort<T>, output: Output<T>): AnyNode => {
  const args = hold(() => output as Output<unknown>);
  const sink = flow.stage(sinkEdge(port.plan.field), args, { name: 'output', place: 'host' });
  port.to(sink.in as unknown as InPort<T>);
  return sink;
};

/** How long the `stopped` functions of stages may take. */
const END_MS = 5_000;
const GRACE_MS = 1_000;

const isSource = ({ node }: Instance): boolean => node.ins.length === 0;
const isSink = ({ node, setup }: Instance): boolean => node.outs.length === 0 && setup.role === 'work';
