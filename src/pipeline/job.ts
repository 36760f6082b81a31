/**
 * A pipeline that runs. The host makes its actors, connects them, hears what they tell, and ends them; the items go
 * from stage to stage without it.
 */
import type { RefOf } from '../actor/definition.js';
import type { Ended } from '../actor/family.js';
import { withDeadline } from '../base/deadline.js';
import { describe } from '../base/describe.js';
import { InvalidFlow, InvalidOptions, LimitReached, StageFailed } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { BoundedStream, type Missable } from '../base/stream.js';
import type { Shared } from '../messages/shares.js';
import type { System } from '../scheduler/system.js';
import { ROWS_MAX, Row } from './board.js';
import { returnBoard, takeBoard } from './boards.js';
import { type JobCounters, readCounters, type StageCounters } from './counters.js';
import { hold, sinkEdge } from './edges.js';
import { type AnyNode, type Flow, type InPort, OutPort } from './flow.js';
import { checkFlow, type Instance, instancesOf, Placing, sorted } from './graph.js';
import { ASK, isSource, type Member } from './member.js';
import { mermaidOf } from './mermaid.js';
import { Output } from './output.js';
import { type News, plainWire, type StageNotifier, type StageRef } from './protocol.js';
import { Wiring } from './wiring.js';

export interface StopJobOptions {
  /** `drain`: sources end, and what is under way is finished; `now`: nothing more is done. Default `drain`. */
  readonly mode?: 'drain' | 'now';
  /** How long draining may take, in ms, at most 2^30; then it is `now`. Default: as long as it takes. */
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

const FAILURES_MAX = 1_024;
/** How often a job with loops looks whether anything is still under way, once its sources have ended. */
const LOOK_MS = 20;
/** Looks in a row at which nothing may have moved. */
const QUIET_LOOKS = 3;
const DEADLINE_MS_MAX = 2 ** 30;
const STOP_OPTIONS: ReadonlySet<string> = new Set<keyof StopJobOptions>(['mode', 'deadlineMs']);

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

const addOutput = <T>(flow: Flow, port: OutPort<T>, output: Output<T>): AnyNode => {
  if (!(port instanceof OutPort)) {
    throw new InvalidOptions(`pipeline ${flow.name}: run: output is an output of a stage`, { got: describe(port) });
  }
  if (port.node.flow !== flow) throw new InvalidFlow(`pipeline ${flow.name}: ${port}, its output, is of another flow`);
  const sink = flow.stage(
    sinkEdge(port.plan.field),
    hold(() => output as Output<unknown>),
    { name: 'output', place: 'host' },
  );
  port.to(sink.in as unknown as InPort<T>);
  return sink;
};

export class Job<T = never> implements AsyncDisposable {
  /** Resolves when all stages have ended; rejects with `StageFailed`, or `SystemStopped`. */
  readonly done: Promise<JobReport>;
  /** Items that could not be processed and did not end the job; for the first who reads them, from the start. */
  readonly failures: AsyncIterable<ItemFailure & Missable>;
  /** The items of the output that `run` was given. To leave the loop ends the job. */
  readonly output: AsyncIterable<T>;
  readonly #flow: Flow;
  readonly #system: System;
  readonly #board: Shared;
  readonly #placing: Placing;
  readonly #failures = new BoundedStream<ItemFailure>(FAILURES_MAX);
  readonly #members = new Map<AnyNode, Member[]>();
  readonly #wiring: Wiring;
  /** Those that were taken away, and have ended. */
  readonly #former: Member[] = [];
  /** The counters that it ended with; its board may be another's then. */
  #last: JobCounters | undefined;
  /** Said by the system, if it is why the stages have ended. */
  #systemStopped: unknown;
  #isAwaitingQuiet = false;
  #isChanging = false;
  /** Resolves when all changes that were asked for are made, or refused. */
  #changed: Promise<unknown> = Promise.resolve();
  #rows = 0;
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
    this.#wiring = new Wiring(flow, this.#members);
    this.failures = this.#failures.fromStart();
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
    const output = new Output<T>(() => void job?.stop({ mode: 'now' }).catch(() => undefined));
    const sink = port === undefined ? undefined : addOutput(flow, port, output);
    let job: Job<T> | undefined;
    try {
      checkFlow(flow);
      job = new Job<T>(flow, system, await takeBoard(system), output);
      job.done.then(
        () => output.end(),
        (error: unknown) => output.fail(error),
      );
      await job.#extend();
      return job;
    } catch (error) {
      // A stage has failed before all had begun: that is told as at any other time.
      if (job !== undefined) {
        if (job.#isOver) return job;
        await job.#end();
      }
      // The flow is as it was, and can be mended.
      if (sink !== undefined) flow.remove(sink);
      throw error;
    }
  }

  // ---- what its user asks for -------------------------------------------------------------------------------------

  /** Reads the counters of all stages from shared memory; disturbs nobody. */
  counters(): JobCounters {
    const members = [...this.#former, ...this.#all];
    return this.#last ?? readCounters(members.map((member) => ({ ...member, row: this.#rowOf(member.row) })));
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
    if (deadlineMs !== undefined && !(deadlineMs >= 0 && deadlineMs <= DEADLINE_MS_MAX)) {
      throw new InvalidOptions(`stop: deadlineMs is a number from 0 to ${DEADLINE_MS_MAX}`, { got: deadlineMs });
    }
    this.#isStopped = true;
    if (mode === 'now') await this.#finish();
    else {
      this.#finishSources();
      if (deadlineMs !== undefined) {
        const timer = setTimeout(() => void this.#finish(), deadlineMs);
        const clear = (): void => clearTimeout(timer);
        this.done.then(clear, clear);
      }
    }
    return await this.done;
  }

  #finishSources(): void {
    for (const { ref, instance } of this.#all) if (isSource(instance)) ref.finish({ now: false });
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
  update(): Promise<void> {
    const updated = this.#changed.then(() => this.#update());
    this.#changed = updated.catch(() => undefined);
    return updated;
  }

  async #update(): Promise<void> {
    if (this.#isOver) throw this.#ended();
    if (this.#flow.isAcknowledged) {
      throw new InvalidFlow(`job ${this.#flow.name}: one that is acknowledged cannot be changed while it runs`);
    }
    checkFlow(this.#flow);
    this.#isChanging = true;
    try {
      await this.#extend();
    } finally {
      this.#isChanging = false;
      this.#seeWhetherDone();
    }
  }

  // ---- how it is made ---------------------------------------------------------------------------------------------

  get #all(): Member[] {
    return [...this.#members.values()].flat();
  }

  #rowOf(row: number): Row {
    return new Row(this.#board.buffer, row);
  }

  /** Makes what the flow has and the job has not, and has what the flow has not end. */
  async #extend(): Promise<void> {
    const flow = this.#flow;
    const added = sorted(flow).filter((node) => !this.#members.has(node));
    const goneNodes = [...this.#members.keys()].filter((node) => flow.nodes.get(node.name) !== node);
    const goneLinks = this.#wiring.gone;
    await this.#makeAll(added);
    const channels = this.#wiring.extend(added);
    // Whoever is to receive knows of it before the first item is sent, and before it hears that other channels end.
    await this.#wiring.openInlets(channels);
    await this.#wiring.shut(goneLinks, goneNodes);
    await this.#wiring.openOutlets(channels);
    await this.#begin(added.flatMap((node) => this.#members.get(node)!));
    for (const node of goneNodes) this.#remove(this.#members.get(node) ?? []);
  }

  /** All of them, or none. */
  async #makeAll(nodes: readonly AnyNode[]): Promise<void> {
    try {
      for (const node of nodes) this.#placing.place(this.#flow, node);
      const outcomes = await Promise.allSettled(nodes.map((node) => this.#make(node)));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    } catch (error) {
      const made = nodes.flatMap((node) => this.#members.get(node) ?? []);
      for (const member of made) member.isGone = member.isEnded = true;
      for (const node of nodes) this.#forget(node);
      await Promise.all(made.map((member) => this.#stop(member)));
      throw error;
    }
  }

  #forget(node: AnyNode): void {
    this.#members.delete(node);
    this.#wiring.forget(node);
    this.#placing.leave(node);
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
  }

  async #spawn(member: Member): Promise<void> {
    const { node, setup, thread } = member.instance;
    const ref = await this.#system.spawn(node.staged.actor, setup, { place: thread });
    member.ref = this.#system.typed(plainWire(), ref) as unknown as StageRef;
    member.isLost = false;
    if (this.#isOver) {
      await this.#stop(member);
      throw this.#ended();
    }
    void this.#listen(member);
  }

  #ended(): InvalidFlow {
    return new InvalidFlow(`job ${this.#flow.name} has ended`);
  }

  async #begin(members: readonly Member[]): Promise<void> {
    const all = this.#all;
    const isSink = ({ node, setup }: Instance): boolean =>
      setup.role === 'work' && !this.#flow.links.some(({ from }) => from.node === node);
    const sinks = all.filter(({ instance }) => isSink(instance)).map(({ row }) => row);
    const sources = all.filter(({ instance }) => isSource(instance)).map(({ ref }) => ref);
    // The last ones first, so that nobody is sent anything that it is not ready for.
    for (const member of [...members].reverse()) {
      const { ref, row, instance } = member;
      const from = isSource(instance) ? this.#rowOf(row).loadAcknowledged() : 0;
      const isKept = this.#flow.isAcknowledged;
      await ref.begin(
        {
          board: this.#board,
          row,
          from,
          attempt: this.#recoveries,
          sinks: isKept && isSource(instance) ? sinks : [],
          sources: isKept && isSink(instance) ? sources : [],
        },
        ASK,
      );
    }
  }

  /** Those that no item comes to any more end by themselves when they have done all; sources are told. */
  #remove(members: readonly Member[]): void {
    for (const member of members) {
      if (member.isGone) continue;
      member.isGone = true;
      if (isSource(member.instance)) member.ref.finish({ now: false });
      if (member.isEnded) this.#dismiss(member);
    }
  }

  #dismiss(member: Member): void {
    const { node } = member.instance;
    const members = this.#members.get(node)!.filter((other) => other !== member);
    this.#former.push(member);
    if (members.length > 0) this.#members.set(node, members);
    else this.#forget(node);
    void this.#stop(member);
  }

  // ---- what its stages tell ---------------------------------------------------------------------------------------

  async #listen(member: Member): Promise<void> {
    const { ref } = member;
    member.isHeard = true;
    // Also one that has ended: what it has sent last may die with its thread.
    while (!this.#isOver && !(member.isGone && member.isEnded)) {
      try {
        const { news, missed } = await ref.next({}, ASK);
        // Those that were not told are told once.
        for (const [index, item] of news.entries()) this.#hear(member, item, index === 0 ? missed : 0);
      } catch (error) {
        if (codeOf(error) === 'HEDDLE_CALL_TIMEOUT') continue;
        const reason = await this.#reasonOf(member, error);
        const isCurrent = !this.#isOver && member.ref === ref;
        if (isCurrent && !(member.isGone && member.isEnded)) this.#lost(member, reason);
        break;
      }
    }
    if (member.ref === ref) member.isHeard = false;
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
      void this.#fail(failedStage(member, 'is gone', error));
    }
  }

  #seeWhetherDone(): void {
    if (this.#isChanging) return;
    const all = this.#all;
    if (all.every(({ isEnded }) => isEnded)) void this.#conclude();
    else if (this.#wiring.hasLoops && all.every(({ isEnded, instance }) => isEnded || !isSource(instance))) {
      if (!this.#isAwaitingQuiet) void this.#awaitQuiet();
    }
  }

  /** Its sources have ended, but what goes round in a loop may go on: the loops are ended when nothing moves any more. */
  async #awaitQuiet(): Promise<void> {
    this.#isAwaitingQuiet = true;
    let last = '';
    for (let quiet = 0; quiet < QUIET_LOOKS && !this.#isOver; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const { stages, underWay, isBusy } = this.counters();
      const now = JSON.stringify(Object.values(stages).map(({ taken, emitted }) => [taken, emitted]));
      quiet = !isBusy && underWay === 0 && now === last ? quiet + 1 : 0;
      last = now;
    }
    this.#isAwaitingQuiet = false;
    if (this.#isOver) return;
    try {
      for (const { ref, instance } of this.#all) if (!isSource(instance)) ref.finish({ now: false });
    } catch (error) {
      // The system is being shut down.
      await this.#fail(error);
    }
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
        if (member.isLost) await this.#spawnAgain(member);
        else await member.ref.rewind({}, ASK);
      };
      await this.#settled(this.#all, rewind);
      for (const member of this.#all) member.isEnded = false;
      for (const member of this.#all) if (!member.isLost && !member.isHeard) void this.#listen(member);
      const channels = this.#wiring.renew();
      await this.#wiring.openInlets(channels);
      await this.#wiring.openOutlets(channels);
      const order = sorted(this.#flow).flatMap((node) => this.#members.get(node)!);
      await this.#begin(order);
      if (this.#isStopped) this.#finishSources();
    } catch (error) {
      if (codeOf(error) !== 'HEDDLE_THREAD_LOST') throw error;
      // One more is gone; whoever listens to it marks it.
    }
  }

  async #spawnAgain(member: Member): Promise<void> {
    try {
      await this.#spawn(member);
    } catch (error) {
      if (codeOf(error) === 'HEDDLE_THREAD_LOST' || codeOf(error) === 'HEDDLE_SYSTEM_STOPPED') throw error;
      throw failedStage(member, `cannot begin again`, error);
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
    const { cause } = error as { cause?: unknown };
    const isStopped = codeOf(cause) === 'HEDDLE_ACTOR_STOPPED';
    this.#reject(isStopped ? (this.#systemStopped ?? error) : error);
  }

  #stop({ ref }: Member): Promise<Ended | undefined> {
    return this.#system.stop(ref, { deadlineMs: END_MS }).catch((error: unknown) => {
      if (codeOf(error) === 'HEDDLE_SYSTEM_STOPPED') this.#systemStopped = error;
      return undefined;
    });
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    // One that does not return from its code is waited for no longer; its board may be written to at any time.
    const all = Promise.all(this.#all.map((member) => this.#stop(member)));
    const isQuiet = await withDeadline(all, END_MS + GRACE_MS, 'the end of the stages').then(
      () => true,
      () => false,
    );
    this.#failures.end();
    this.#last = this.counters();
    if (isQuiet) returnBoard(this.#system, this.#board);
  }
}

const failedStage = ({ instance: { setup } }: Member, what: string, cause: unknown): StageFailed =>
  new StageFailed(`stage ${setup.name} ${what}`, { stage: setup.name, port: undefined, id: undefined }, { cause });

/** How long the `stopped` functions of stages may take. */
const END_MS = 5_000;
const GRACE_MS = 1_000;
