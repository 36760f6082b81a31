/**
 * One actor of a pipeline: takes frames from its inlets, runs the functions of its stage, and sends what they emit by its
 * outlets. It runs until there is nothing to do, no room for what it emits, or its time is up; each message that it gets
 * makes it look again.
 *
 * ```
 *   frames --> arrivals --> step --> outlets --> frames
 *                 ^          |          |
 *    credit <-----+       failure      room: no step without it
 * ```
 */
import type { Cell } from '../actor/cell.js';
import type { Reply, Self } from '../actor/self.js';
import { packError } from '../messages/envelope.js';
import type { Core } from '../runtime/core.js';
import {
  BLOCKED,
  BUSY,
  DROPPED,
  EMITTED,
  FAILED,
  MISSED,
  NOTIFIED,
  PENDING,
  RESTARTED,
  RETRIED,
  Row,
  TAKEN,
  TICKS,
  TICKS_MISSED,
  UNWANTED,
  WAITING,
} from './board.js';
import { Context } from './context.js';
import type { Tick } from './contract.js';
import type { RunStep, StageDetails } from './details.js';
import { Failures } from './failures.js';
import { Inlet } from './inlet.js';
import { Metronome } from './metronome.js';
import { Newsdesk } from './newsdesk.js';
import { Outlet, type OutletHost } from './outlet.js';
import {
  type BeginMessage,
  type Frame,
  frameName,
  type InletPlan,
  type OutletPlan,
  plainWire,
  type Report,
  type StageMessages,
  type StageRef,
  wireTo,
} from './protocol.js';
import { type Arrival, Reorder } from './reorder.js';
import type { StageSetup, Verdict } from './setup.js';
import { Splitter } from './splitter.js';
import { States } from './states.js';
import { scaleOf } from './weigh.js';
import { type WriterHost, Writers } from './writers.js';

type StageSelf = Self<{ turn: Record<never, never>; alarm: Record<never, never> }>;

/** How long a stage runs before other actors of its thread do. */
const SLICE_MS = 1;
/** Steps between two looks at the clock, at most. */
const STEPS_MAX = 1_024;
/** A stage that says itself what it has room for wants to have work for so long. */
const AHEAD_MS = 4;
const WINDOW_MIN = 2;
/** Timers are not finer; below that, and for the rest, a periodic stage looks at the clock. */
const TIMER_MS = 2;
/** A window takes its items at one step. */
const NO_ITEM = -1;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

export class StageActor implements OutletHost, WriterHost, StageMessages {
  step = 0;
  isAlert = false;
  /** Items that were emitted since that was last counted. */
  emitted = 0;
  readonly keepsOrigins: boolean;
  readonly #details: StageDetails;
  readonly #setup: StageSetup;
  readonly #self: StageSelf;
  readonly #core: Core;
  readonly #context: Context;
  readonly #writers: Writers;
  readonly #states: States;
  readonly #splitter: Splitter | undefined;
  readonly #news = new Newsdesk();
  readonly #failures: Failures;
  readonly #inlets = new Map<number, Inlet>();
  readonly #outlets = new Map<number, Outlet>();
  readonly #orders: Reorder[] = [];
  readonly #roomWaiters: { readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = [];
  readonly #shutting = new Map<Outlet, (() => void)[]>();
  #row: Row | undefined;
  #number = 0;
  #sinks = new Map<number, number>();
  #sources: readonly StageRef[] = [];
  #arrivals: Arrival[] = [];
  #at = 0;
  #cursor = 0;
  #window: unknown[] = [];
  #windowPort = 0;
  /** What was done when it was opened. */
  #windowMark = 0;
  #windowDueMs = Number.POSITIVE_INFINITY;
  #metronome: Metronome | undefined;
  #notified = 0;
  /** Items that its rule lets it take now. */
  #allowance = Number.POSITIVE_INFINITY;
  #produced = 0;
  /** As it was before the present step. */
  #stepProduced = 0;
  #told = 0;
  #steps = 1;
  #itemsPerMs = 0;
  /** What it makes of a chunk is told to be that. */
  readonly #isOrdered: boolean;
  /** It has neither keys nor windows, nor does it split. */
  readonly #isPlain: boolean;
  #isBegun = false;
  #isRunning = false;
  /** Of a promise, or for the time of the next attempt. */
  #isWaiting = false;
  #isStopping = false;
  #isFlushed = false;
  #isOver = false;
  #hasTurn = false;
  #alarmMs = Number.POSITIVE_INFINITY;
  /** What was begun in a former life has no effect. */
  #life = 0;

  private constructor(self: StageSelf, details: StageDetails, setup: StageSetup) {
    this.#context = new Context(setup, self.thread, () => this.stop());
    this.keepsOrigins = setup.isAcknowledged;
    this.#details = details;
    this.#setup = setup;
    this.#self = self;
    this.#core = (self as unknown as Cell).behavior.kernel as Core;
    this.#states = new States(details, this.#context, setup.args);
    this.#failures = new Failures(setup.onError, () => this.#now());
    if (setup.role === 'split') this.#splitter = new Splitter(setup.dispatch, setup.isOrdered, details.key);
    this.#isOrdered = setup.role === 'work' && setup.isOrdered;
    this.#isPlain = setup.role === 'work' && details.key === undefined && details.window === undefined;
    this.#writers = new Writers(details.outs, details.isOutNamed, setup.outputs, this);
    if (typeof setup.rule === 'object') this.#allowance = 0;
    else if (setup.rule === 'event') this.#allowance = 0;
  }

  static async begin(self: unknown, details: StageDetails, setup: StageSetup): Promise<StageActor> {
    const actor = new StageActor(self as StageSelf, details, setup);
    if (setup.role === 'work') await actor.#states.begin();
    return actor;
  }

  get #isSource(): boolean {
    return this.#details.ins.length === 0;
  }

  #now(): number {
    return this.#core.clock.now();
  }

  // ---- what it is told by its job ---------------------------------------------------------------------------------

  open({ outlets, inlets }: { outlets: readonly OutletPlan[]; inlets: readonly InletPlan[] }): boolean {
    for (const plan of inlets) {
      const source = this.#self.typed(plainWire(), plan.source) as unknown as StageRef;
      this.#inlets.set(plan.channel, new Inlet(plan, source));
      this.#orders[plan.port] ??= new Reorder();
    }
    for (const plan of outlets) this.#openOutlet(plan);
    this.#splitter?.lead([...this.#outlets.values()]);
    if (this.#isBegun) this.#run();
    return true;
  }

  #openOutlet(plan: OutletPlan): void {
    const { shape } = this.#splitter === undefined ? this.#details.outs[plan.port]! : this.#details.ins[0]!;
    const wire = wireTo(plan.targetPort, shape);
    const target = this.#self.typed(wire, plan.target) as unknown as Record<string, (frame: Frame) => void>;
    const name = frameName(plan.targetPort);
    const outlet: Outlet = new Outlet(plan, this, scaleOf(shape), (frame) => this.#send(outlet, target, name, frame));
    const held = [...this.#outlets.values()].find((other) => other.isHeld && other.plan.port === plan.port);
    this.#outlets.set(plan.channel, outlet);
    if (this.#splitter !== undefined) return;
    if (held === undefined) this.#writers.connect(plan.port, outlet);
    else {
      this.#outlets.delete(held.plan.channel);
      this.#writers.writerOf(held)!.outlet = outlet;
      outlet.adopt(held);
    }
  }

  /** Takes channels away; what is emitted then waits for others. */
  shut({ channels }: { channels: readonly number[] }, reply: Reply<boolean>): Reply<boolean> {
    const outlets = channels.flatMap((channel) => this.#outlets.get(channel) ?? []);
    let left = outlets.length;
    const done = (): void => {
      if (--left <= 0) reply.send(true);
    };
    if (left === 0) done();
    for (const outlet of outlets) this.#shutting.set(outlet, [...(this.#shutting.get(outlet) ?? []), done]);
    this.#settle();
    return reply;
  }

  begin({ board, row, from, isAgain, sinks, sources }: BeginMessage): Promise<boolean> | boolean {
    this.#number = row;
    this.#row = new Row(board.buffer, row);
    this.#sinks = new Map(sinks.map((sink) => [sink, from]));
    this.#sources = sources.map((source) => this.#self.typed(plainWire(), source) as unknown as StageRef);
    this.#produced = from;
    const { replay } = this.#details;
    if (!isAgain || replay === undefined) return this.#go();
    return Promise.resolve(replay(this.#states.only, from, this.#context)).then(() => this.#go());
  }

  #go(): boolean {
    const { rule } = this.#setup;
    if (typeof rule === 'object') this.#metronome = new Metronome(rule.everyMicros, this.#now());
    this.#isBegun = true;
    this.#run();
    return true;
  }

  finish({ now }: { now: boolean }): void {
    if (now) {
      this.#isOver = true;
      this.#giveUp();
      this.#report();
    } else if (this.#isSource || this.#isLooped) this.stop();
  }

  get #isLooped(): boolean {
    return [...this.#inlets.values()].some(({ plan }) => plan.isLoop);
  }

  /** Forgets what is under way, to begin again from what was acknowledged. */
  rewind(): boolean {
    this.#giveUp();
    this.#context.reset();
    this.#inlets.clear();
    this.#outlets.clear();
    this.#orders.length = 0;
    this.#writers.disconnectAll();
    this.#splitter?.lead([]);
    this.#arrivals = [];
    this.#at = 0;
    this.#cursor = 0;
    this.#window = [];
    this.#windowDueMs = Number.POSITIVE_INFINITY;
    this.#told = 0;
    this.#isBegun = false;
    this.#isWaiting = false;
    this.#isStopping = false;
    this.#isFlushed = false;
    this.#isOver = false;
    this.#news.forgetEnd();
    return true;
  }

  next(reply: Reply<Report>): Reply<Report> {
    this.#news.read(reply);
    return reply;
  }

  /** Its end waits for what this returns. */
  stopped(): unknown {
    this.#giveUp();
    return this.#setup.role === 'work' ? this.#states.end() : undefined;
  }

  /** What is under way has no effect any more. */
  #giveUp(): void {
    this.#life++;
    this.#context.abort();
    for (const { reject } of this.#roomWaiters.splice(0)) reject(this.#context.signal.reason);
  }

  // ---- what it is told by its neighbours --------------------------------------------------------------------------

  arrive(frame: Frame): void {
    const inlet = this.#inlets.get(frame.channel);
    // Of a channel that is no more.
    if (inlet === undefined) return;
    const missed = inlet.arrive(frame);
    if (missed > 0) this.#row?.add(MISSED, missed);
    // The instances of an ordered stage get chunks here and there; whoever is behind all of them puts these in order.
    if (frame.chunk < 0 || inlet.plan.isAdaptive) this.#arrivals.push({ inlet, frame });
    else this.#orders[inlet.plan.port]!.take({ inlet, frame }, (arrival) => this.#arrivals.push(arrival));
    this.#run();
  }

  credit({ channel, taken, window }: { channel: number; taken: number; window: number }): void {
    const outlet = this.#outlets.get(channel);
    if (outlet === undefined) return;
    outlet.grant(taken, window);
    this.#run();
  }

  ended({ channel }: { channel: number }): void {
    const inlet = this.#inlets.get(channel);
    if (inlet === undefined) return;
    inlet.isEnded = true;
    this.#run();
  }

  closed({ channel }: { channel: number }): void {
    const outlet = this.#outlets.get(channel);
    if (outlet === undefined) return;
    outlet.isClosed = true;
    // Nobody is left who wants anything of it.
    if ([...this.#outlets.values()].every(({ isClosed }) => isClosed)) this.stop();
    else this.#run();
  }

  acknowledge({ sink, upTo }: { sink: number; upTo: number }): void {
    if (!this.#sinks.has(sink)) return;
    this.#sinks.set(sink, upTo);
    const low = Math.min(...this.#sinks.values());
    if (low <= this.#told) return;
    this.#told = low;
    this.#row?.publishAcknowledged(low);
    this.#details.acknowledged?.(this.#states.only, low, this.#context);
  }

  turn(): void {
    this.#hasTurn = false;
    this.#run();
  }

  alarm(): void {
    this.#alarmMs = Number.POSITIVE_INFINITY;
    this.#run();
  }

  notify(): void {
    this.#notified++;
    this.#row?.add(NOTIFIED, 1);
    this.#run();
  }

  stop(): void {
    this.#isStopping = true;
    this.#context.onEnd();
    if (!this.#isRunning) this.#run();
  }

  // ---- what its outlets and writers ask ---------------------------------------------------------------------------

  originOf(): number {
    return this.#isSource ? this.#produced++ : this.#context.id;
  }

  mark(): number {
    if (!this.keepsOrigins) return 0;
    if (this.#isSource) return this.#produced;
    if (this.#window.length > 0) return this.#windowMark;
    let low = Number.POSITIVE_INFINITY;
    for (const inlet of this.#inlets.values()) if (!inlet.isDone) low = Math.min(low, inlet.mark);
    if (low !== Number.POSITIVE_INFINITY) return low;
    return Math.max(0, ...[...this.#inlets.values()].map(({ mark }) => mark));
  }

  dropped(count: number): void {
    this.#row?.add(DROPPED, count);
  }

  unwanted(count: number): void {
    this.#row?.add(UNWANTED, count);
  }

  where(port: number): string {
    return `${this.#context.name}.${this.#details.outs[port]?.name ?? 'out'}`;
  }

  room(): Promise<void> {
    this.#sendAll();
    const { signal } = this.#context;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#hasRoom) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#roomWaiters.push({ resolve, reject });
    });
  }

  // ---- running ----------------------------------------------------------------------------------------------------

  #run(): void {
    if (this.#isRunning || !this.#isBegun || this.#isOver) return;
    this.#isRunning = true;
    try {
      this.#sendAll();
      this.#tellRoom();
      if (!this.#isWaiting) this.#work();
    } finally {
      this.#isRunning = false;
    }
    this.#settle();
  }

  get #hasRoom(): boolean {
    if (this.#splitter !== undefined) return this.#splitter.hasRoom;
    for (const outlet of this.#outlets.values()) if (!outlet.hasRoom) return false;
    return true;
  }

  #tellRoom(): void {
    if (this.#roomWaiters.length === 0 || !this.#hasRoom) return;
    for (const { resolve } of this.#roomWaiters.splice(0)) resolve();
  }

  /** Steps, as long as there is something to do and room for what comes of it, and not for longer than others wait. */
  #work(): void {
    const began = this.#now();
    for (let since = began, done = 0; !this.#isWaiting && !this.#isOver; ) {
      if (!this.#attend()) {
        this.#row!.add(BLOCKED, 1);
        return;
      }
      const steps = this.#doSome(this.#steps - done);
      if (steps === 0) return;
      done += steps;
      if (done < this.#steps) continue;
      const now = this.#now();
      this.#pace(now - since);
      if (now - began >= SLICE_MS) {
        this.#takeTurn();
        return;
      }
      since = now;
      done = 0;
    }
  }

  /** Learns how fast it is, and how often it is to look at the clock. */
  #pace(tookMs: number): void {
    if (tookMs > 0) this.#itemsPerMs = (this.#itemsPerMs + this.#steps / tookMs) / 2;
    // A quarter of a slice between two looks.
    if (tookMs > SLICE_MS / 4) this.#steps = Math.max(1, this.#steps >> 1);
    else this.#steps = Math.min(STEPS_MAX, this.#steps * 2);
  }

  /** Sends what fills a frame. Returns whether there is room for more. */
  #attend(): boolean {
    if (this.isAlert) this.#sendAll();
    return this.#hasRoom;
  }

  /** There is more to do, after others have had their turn. */
  #takeTurn(): void {
    if (this.#hasTurn || this.#isOver) return;
    this.#hasTurn = true;
    (this.#self.ref as unknown as StageRef).turn();
  }

  /** At most so many steps. Returns how many; 0: there is nothing to do. */
  #doSome(max: number): number {
    if (this.#isStopping || this.#isFlushed) return 0;
    const ticks = this.#runRule(max);
    if (ticks > 0) return ticks;
    if (this.#allowance <= 0 && !this.#isEnded) return 0;
    for (let arrival = this.#arrivals[this.#at]; arrival !== undefined; arrival = this.#arrivals[this.#at]) {
      const { frame, inlet } = arrival;
      if (this.#cursor < frame.items.length) return this.#takeItems(frame, inlet, max);
      this.#endFrame(frame, inlet);
    }
    return this.#closeWindow() ? 1 : 0;
  }

  /** Takes some items of a frame: the loop in which a pipeline spends its time. */
  #takeItems({ items, first, origins, chunk }: Frame, inlet: Inlet, max: number): number {
    const { input, port } = inlet.plan;
    const context = this.#context;
    const begin = this.#cursor;
    const count = this.#isEnded ? max : Math.min(max, this.#allowance);
    const end = Math.min(items.length, begin + count);
    if (begin === 0 && this.#isOrdered) for (const outlet of this.#outlets.values()) outlet.beginChunk(chunk);
    context.input = input;
    let cursor = begin;
    let failure: { readonly error: unknown } | undefined;
    try {
      while (cursor < end) {
        context.id = origins === undefined ? first + cursor : origins[cursor]!;
        this.step++;
        const result = this.#invoke(items[cursor++], port);
        if (result !== undefined && isPromise(result)) this.#await(result, port, items[cursor - 1]);
        if (this.isAlert || this.#isWaiting || this.#isStopping) break;
      }
    } catch (error) {
      failure = { error };
    }
    const taken = cursor - begin;
    this.#cursor = cursor;
    this.#allowance -= taken;
    inlet.waiting -= taken;
    inlet.taken = first + cursor;
    if (this.#details.window === undefined) {
      this.#row!.add(TAKEN, taken - (failure === undefined && !this.#isWaiting ? 0 : 1));
    }
    if (failure !== undefined) this.#failed(failure.error, port, items[cursor - 1]);
    return taken;
  }

  /** What is done with an item. */
  #invoke(item: unknown, port: number): unknown {
    if (this.#isPlain) return this.#details.steps[port]!(this.#states.only, item, this.#writers.given, this.#context);
    if (this.#splitter !== undefined) return this.#splitter.put(item, this.#context.id);
    if (this.#details.window !== undefined) return this.#gather(item, port);
    return this.#invokeKeyed(item, port);
  }

  #invokeKeyed(item: unknown, port: number): unknown {
    const state = this.#states.of(this.#details.key!(item));
    const run = (known: unknown): unknown =>
      this.#details.steps[port]!(known, item, this.#writers.given, this.#context);
    return isPromise(state) ? state.then(run) : run(state);
  }

  #endFrame(frame: Frame, inlet: Inlet): void {
    if (frame.mark > inlet.mark) inlet.mark = frame.mark;
    if (this.#isOrdered && frame.isLast) {
      for (const outlet of this.#outlets.values()) {
        if (frame.items.length === 0) outlet.beginChunk(frame.chunk);
        outlet.endChunk();
      }
    }
    this.#cursor = 0;
    this.#at++;
    if (this.#at < this.#arrivals.length) return;
    this.#arrivals.length = 0;
    this.#at = 0;
  }

  #runStep(run: () => unknown, port: number, item: unknown): void {
    this.step++;
    this.#stepProduced = this.#produced;
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      this.#failed(error, port, item);
      return;
    }
    if (isPromise(result)) this.#await(result, port, item);
    else this.#took(item);
  }

  #took(item: unknown): void {
    this.#context.attempt = 0;
    if (item !== NO_ITEM) this.#row!.add(TAKEN, this.#countOf(item));
  }

  /** How many items it is: a window is many. */
  #countOf(item: unknown): number {
    return this.#details.window === undefined ? 1 : (item as readonly unknown[]).length;
  }

  #await(pending: PromiseLike<unknown>, port: number, item: unknown): void {
    const life = this.#life;
    this.#isWaiting = true;
    const resume = (act: () => void): void => {
      if (life !== this.#life) return;
      this.#isWaiting = false;
      act();
      this.#run();
    };
    Promise.resolve(pending).then(
      () => resume(() => this.#took(item)),
      (error: unknown) => resume(() => this.#failed(error, port, item)),
    );
  }

  // ---- windows ----------------------------------------------------------------------------------------------------

  #gather(item: unknown, port: number): unknown {
    const { count = Number.POSITIVE_INFINITY, ms } = this.#details.window!;
    if (this.#window.length === 0) {
      this.#windowMark = this.mark();
      this.#windowPort = port;
      if (ms !== undefined) {
        this.#windowDueMs = this.#now() + ms;
        this.#setAlarm(this.#windowDueMs);
      }
    }
    this.#window.push(item);
    if (this.#window.length >= count) this.#takeWindow();
    return undefined;
  }

  /** Takes the window if it is over. Returns whether it was. */
  #closeWindow(): boolean {
    if (this.#window.length === 0) return false;
    if (this.#now() < this.#windowDueMs && !this.#isDrained) return false;
    this.#takeWindow();
    return true;
  }

  #takeWindow(): void {
    const items = this.#window;
    const port = this.#windowPort;
    this.#window = [];
    this.#windowDueMs = Number.POSITIVE_INFINITY;
    this.#runStep(() => this.#processWindow(items, port), port, items);
  }

  #processWindow(items: readonly unknown[], port: number): unknown {
    return this.#details.steps[port]!(this.#states.only, items, this.#writers.given, this.#context);
  }

  // ---- rules ------------------------------------------------------------------------------------------------------

  /** Runs what the rule of the stage says, so often at most. Returns how often. */
  #runRule(max: number): number {
    const { rule } = this.#setup;
    if (rule === 'message') return 0;
    const runs = this.#isSource && rule === 'loop' ? this.#runLoop(this.#details.steps[0]!, max) : this.#runOnce();
    if (runs > 0) this.#row!.add(TICKS, runs);
    return runs;
  }

  /** A source that runs as long as there is room. */
  #runLoop(run: RunStep, max: number): number {
    const { given } = this.#writers;
    let runs = 0;
    try {
      while (runs < max) {
        runs++;
        this.step++;
        this.#stepProduced = this.#produced;
        const result = run(this.#states.only, LOOP, given, this.#context);
        if (result !== undefined && isPromise(result)) this.#await(result, NO_ITEM, NO_ITEM);
        if (this.isAlert || this.#isWaiting || this.#isStopping) break;
      }
    } catch (error) {
      this.#failed(error, NO_ITEM, NO_ITEM);
    }
    return runs;
  }

  #runOnce(): number {
    const tick = this.#tickNow();
    if (tick === undefined) return 0;
    if (!this.#isSource && tick.cause !== 'loop') this.#allowance = this.#waiting;
    const run = this.#isSource ? this.#details.steps[0] : this.#details.tick;
    if (run !== undefined) {
      this.#runStep(() => run(this.#states.only, tick, this.#writers.given, this.#context), NO_ITEM, NO_ITEM);
    }
    return 1;
  }

  #tickNow(): Tick | undefined {
    const { rule } = this.#setup;
    if (this.#splitter !== undefined || rule === 'message' || this.#isFlushed) return undefined;
    if (rule === 'loop') return this.#isSource || this.#waiting === 0 ? LOOP : undefined;
    if (rule === 'event') {
      if (this.#notified === 0) return undefined;
      const count = this.#notified;
      this.#notified = 0;
      return { cause: 'event', count, missed: 0 };
    }
    const missed = this.#metronome!.tick(this.#now());
    if (missed === undefined) {
      this.#awaitTick();
      return undefined;
    }
    this.#row!.add(TICKS_MISSED, missed);
    return { cause: 'periodic', count: missed + 1, missed };
  }

  #awaitTick(): void {
    const { dueMs, periodMs } = this.#metronome!;
    const leftMs = dueMs - this.#now();
    if (leftMs > TIMER_MS && periodMs >= 2 * TIMER_MS) this.#setAlarm(dueMs);
    else this.#takeTurn();
  }

  #setAlarm(atMs: number): void {
    if (atMs >= this.#alarmMs) return;
    this.#alarmMs = atMs;
    this.#self.after(Math.max(0, atMs - this.#now()), 'alarm');
  }

  get #waiting(): number {
    let waiting = 0;
    for (const inlet of this.#inlets.values()) waiting += inlet.waiting;
    return waiting;
  }

  // ---- failures ---------------------------------------------------------------------------------------------------

  #failed(error: unknown, port: number, item: unknown): void {
    for (const outlet of this.#outlets.values()) this.emitted -= outlet.undo();
    this.#produced = this.#stepProduced;
    const delayMs = this.#failures.delayBefore(this.#context.attempt + 1);
    if (delayMs === undefined) {
      this.#context.attempt = 0;
      this.#judge(this.#failures.verdict, error, port, item);
      return;
    }
    this.#context.attempt++;
    this.#row!.add(RETRIED, 1);
    this.#isWaiting = true;
    const life = this.#life;
    void this.#core.alarms.set(delayMs, () => {
      if (life !== this.#life) return;
      this.#isWaiting = false;
      if (item === NO_ITEM) this.#run();
      else {
        this.#isRunning = true;
        this.#runStep(() => this.#invokeAgain(item, port), port, item);
        this.#isRunning = false;
        this.#run();
      }
      this.#core.wake();
    });
  }

  #invokeAgain(item: unknown, port: number): unknown {
    return this.#details.window === undefined ? this.#invoke(item, port) : this.#processWindow(item as unknown[], port);
  }

  #judge(verdict: Verdict, error: unknown, port: number, item: unknown): void {
    const { name, code = name, message } = packError(error);
    const portName = port === NO_ITEM ? '' : (this.#details.ins[port]?.name ?? '');
    const news = { port: portName, id: port === NO_ITEM ? NO_ITEM : this.#context.id, code, message };
    if (verdict === 'stop') {
      this.#fault({ ...news, item });
      return;
    }
    if (item !== NO_ITEM) this.#row!.add(FAILED, this.#countOf(item));
    if (typeof verdict === 'object') {
      const out = this.#details.outs.findIndex(({ name: declared }) => declared === verdict.port);
      this.step++;
      this.#writers.byPort[out]![0]!.emit({ ...news, stage: this.#context.name });
      return;
    }
    this.#news.tell({ kind: verdict === 'restart' ? 'restarted' : 'failed', ...news, item });
    if (verdict !== 'restart') return;
    if (this.#failures.restart()) {
      this.#row!.add(RESTARTED, 1);
      this.#await(this.#states.renew(item), NO_ITEM, NO_ITEM);
    } else this.#fault({ ...news, item });
  }

  #fault(news: { port: string; id: number; code: string; message: string; item: unknown }): void {
    this.#isOver = true;
    this.#giveUp();
    this.#news.tell({ kind: 'fault', ...news });
  }

  // ---- sending ----------------------------------------------------------------------------------------------------

  /** Sends a frame. False: there is no room on the way. */
  #send(outlet: Outlet, target: Record<string, (frame: Frame) => void>, name: string, frame: Frame): boolean {
    try {
      target[name]!(frame);
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'HEDDLE_MAILBOX_FULL') {
        void this.#self.room(outlet.plan.target).then(
          () => this.#takeTurn(),
          () => undefined,
        );
        return false;
      }
      if (code === 'HEDDLE_INVALID_MESSAGE' || code === 'HEDDLE_MESSAGE_TOO_LARGE') {
        this.#sendOneByOne(outlet, target, name, frame, error);
      }
      // Whoever is there is gone, which the job hears of, too.
      return true;
    }
  }

  /** One of the items cannot be sent: the others are. */
  #sendOneByOne(
    outlet: Outlet,
    target: Record<string, (frame: Frame) => void>,
    name: string,
    frame: Frame,
    cause: unknown,
  ): void {
    const { items, first, origins } = frame;
    if (items.length === 1) {
      this.#refused(outlet.plan.port, origins?.[0] ?? first, items[0], cause);
      if (frame.isLast) target[name]!({ ...frame, items: [], origins: new Float64Array(0) });
      return;
    }
    for (const [index, item] of items.entries()) {
      const isLast = frame.isLast && index === items.length - 1;
      const one = { ...frame, first: first + index, items: [item], isLast, origins: origins?.slice(index, index + 1) };
      this.#send(outlet, target, name, one);
    }
  }

  #refused(port: number, id: number, item: unknown, error: unknown): void {
    const { message, code = 'Error' } = error as { message: string; code?: string };
    const news = { port: this.#details.outs[port]?.name ?? 'out', id, code, message, item };
    const { verdict } = this.#failures;
    if (verdict === 'stop') this.#fault(news);
    else {
      this.#row?.add(FAILED, 1);
      this.#news.tell({ kind: 'failed', ...news });
    }
  }

  #sendAll(): void {
    this.isAlert = false;
    for (const outlet of this.#outlets.values()) outlet.flush();
  }

  /** After it has run: sends what is left, tells others how far it is, and sees whether that was all. */
  #settle(): void {
    if (!this.#isBegun) return;
    this.#splitter?.endChunk();
    this.#sendAll();
    this.#finishShutting();
    this.#grantAll();
    if (this.keepsOrigins) this.#tellMark();
    if (!this.#isWaiting && !this.#isOver) this.#endIfDone();
    this.#report();
  }

  #grantAll(): void {
    if (this.#isOver) return;
    for (const inlet of this.#inlets.values()) {
      const { window, isAdaptive } = inlet.plan;
      const ahead = Math.max(WINDOW_MIN, Math.ceil(this.#itemsPerMs * AHEAD_MS));
      inlet.grant(isAdaptive ? Math.min(window, ahead) : window);
    }
  }

  #tellMark(): void {
    for (const outlet of this.#outlets.values()) outlet.flushMark();
    if (this.#outlets.size > 0 || this.#isSource) return;
    const mark = this.mark();
    if (mark <= this.#told) return;
    this.#told = mark;
    for (const source of this.#sources) source.acknowledge({ sink: this.#number, upTo: mark });
  }

  #finishShutting(): void {
    for (const [outlet, done] of this.#shutting) {
      if (outlet.queued > 0 && !outlet.isClosed) continue;
      this.#shutting.delete(outlet);
      this.#endOutlet(outlet);
      outlet.hold();
      for (const tell of done) tell();
    }
  }

  #report(): void {
    const row = this.#row;
    if (row === undefined) return;
    let pending = 0;
    for (const { queued } of this.#outlets.values()) pending += queued;
    row.set(WAITING, this.#waiting + this.#window.length);
    row.set(PENDING, pending);
    row.add(EMITTED, this.emitted);
    this.emitted = 0;
    row.set(BUSY, this.#hasTurn || this.#isWaiting ? 1 : 0);
  }

  // ---- ending -----------------------------------------------------------------------------------------------------

  /** Whether nothing more can arrive. */
  get #isEnded(): boolean {
    if (this.#isSource) return false;
    for (const { isEnded } of this.#inlets.values()) if (!isEnded) return false;
    return true;
  }

  /** Whether all that could arrive was taken. */
  get #isDrained(): boolean {
    return this.#isEnded && this.#waiting === 0 && this.#at >= this.#arrivals.length;
  }

  #endIfDone(): void {
    if (!this.#isFlushed) {
      if (!this.#isStopping && !this.#isDrained) return;
      // Its last window has no room yet.
      if (!this.#isStopping && this.#window.length > 0) return;
      this.#isFlushed = true;
      this.#flush();
      return;
    }
    for (const { queued, isClosed } of this.#outlets.values()) if (queued > 0 && !isClosed) return;
    this.#isOver = true;
    for (const outlet of this.#outlets.values()) this.#endOutlet(outlet);
    for (const { source, plan, isEnded } of this.#inlets.values()) {
      if (!isEnded) source.closed({ channel: plan.channel });
    }
    this.#news.tell({ kind: 'ended', port: '', id: NO_ITEM, code: '', message: '', item: undefined });
  }

  #flush(): void {
    const { flush } = this.#details;
    if (flush === undefined || this.#splitter !== undefined) {
      this.#endIfDone();
      return;
    }
    this.#runStep(
      () => this.#states.forAll((state) => flush(state, this.#writers.given as never, this.#context)),
      NO_ITEM,
      NO_ITEM,
    );
    this.#run();
  }

  #endOutlet({ plan: { target, channel }, isClosed }: Outlet): void {
    if (!isClosed) (this.#self.typed(plainWire(), target) as unknown as StageRef).ended({ channel });
  }
}

const LOOP: Tick = { cause: 'loop', count: 1, missed: 0 };
