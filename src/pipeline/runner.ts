/**
 * Runs the functions of a stage: one step at a time, as long as there is something to do, room for what comes of it, and
 * nobody else has waited for too long.
 */
import { packError } from '../messages/envelope.js';
import type { Core } from '../runtime/core.js';
import { BLOCKED, FAILED, RESTARTED, RETRIED, TAKEN, TICKS, TICKS_MISSED } from './board.js';
import type { Channels } from './channels.js';
import type { Context } from './context.js';
import type { Tick } from './contract.js';
import type { RunStep, StageDetails } from './details.js';
import { Failures } from './failures.js';
import type { Inlet } from './inlet.js';
import type { Frame, News } from './protocol.js';
import { Rules } from './rules.js';
import type { StageSetup, Verdict } from './setup.js';
import { States } from './states.js';
import type { Tally } from './tally.js';
import { OpenWindow } from './windows.js';

/** How long a stage runs before other actors of its thread do. */
const SLICE_MS = 0.25;
/** Steps between two looks at the clock, at most. */
const STEPS_MAX = 1_024;
/** A step that takes no item. */
const NO_ITEM = -1;

export interface RunnerPorts {
  /** Something that it waited for has come. */
  wake(): void;
  /** There is more to do. */
  again(): void;
  /** There is more to do, after other actors have had their turn. */
  yield(): void;
  alarmAt(ms: number): void;
  tell(news: News): void;
  /** It cannot go on. */
  fault(news: Omit<News, 'kind'>): void;
}

const ignore = (): void => undefined;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

export class Runner {
  readonly states: States;
  readonly rules: Rules;
  /** For a promise, or for the time of the next attempt. */
  isWaiting = false;
  isStopping = false;
  /** It has ended, or cannot go on. */
  isOver = false;
  /** What it has lately made of items; 0 at first. */
  itemsPerMs = 0;
  readonly #core: Core;
  readonly #details: StageDetails;
  readonly #setup: StageSetup;
  readonly #context: Context;
  readonly #tally: Tally;
  readonly #channels: Channels;
  readonly #ports: RunnerPorts;
  readonly #failures: Failures;
  readonly #window: OpenWindow | undefined;
  readonly #isSource: boolean;
  /** What it makes of a chunk is told to be that. */
  readonly #isOrdered: boolean;
  /** It has neither keys nor windows, nor does it split. */
  readonly #isPlain: boolean;
  /** The arrival that it takes items of, and the item that is next. */
  #at = 0;
  #cursor = 0;
  /** Items that its rule lets it take now. */
  #allowance: number;
  /** Between two looks at the clock. */
  #steps = 1;
  /** Of the slice that is under way: several frames may be taken one after the other. */
  #usedMs = 0;
  #isFlushed = false;
  /** What was begun in a former life has no effect. */
  #life = 0;
  /** What is awaited, also if it was begun in a former life. */
  #pending: Promise<unknown> | undefined;

  constructor(
    core: Core,
    details: StageDetails,
    setup: StageSetup,
    context: Context,
    tally: Tally,
    channels: Channels,
    ports: RunnerPorts,
  ) {
    this.#core = core;
    this.#details = details;
    this.#setup = setup;
    this.#context = context;
    this.#tally = tally;
    this.#channels = channels;
    this.#ports = ports;
    const now = (): number => core.clock.now();
    this.states = new States(details, context, setup.args);
    this.rules = new Rules(setup.rule, { now, alarmAt: (ms) => ports.alarmAt(ms), again: () => ports.again() });
    this.#failures = new Failures(setup.onError, now);
    const isWork = setup.role === 'work';
    this.#window = isWork && details.window !== undefined ? new OpenWindow(details.window) : undefined;
    this.#isSource = details.ins.length === 0;
    this.#isOrdered = isWork && setup.isOrdered;
    this.#isPlain = isWork && details.key === undefined && details.window === undefined;
    this.#allowance = this.rules.isHolding ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Items in a window that is open. */
  get gathered(): number {
    return this.#window?.items.length ?? 0;
  }

  /** All items of the source before this number have been emitted, as far as that is done here. */
  get mark(): number {
    if (!this.#tally.keepsOrigins) return 0;
    if (this.#isSource) return this.#tally.produced;
    const window = this.#window;
    // What it has gathered is not done before all of it is.
    return window !== undefined && (!window.isEmpty || this.isWaiting) ? window.mark : this.#channels.takenMark;
  }

  /** Nobody will take what waits. Returns how many items that is. */
  discard(): number {
    const { gathered } = this;
    this.#window?.clear();
    this.#at = 0;
    this.#cursor = 0;
    return gathered + this.#channels.discard();
  }

  /** What is under way has no effect any more. */
  abandon(): void {
    this.#life++;
    this.#context.abort();
    this.#channels.giveUp(this.#context.signal.reason);
  }

  /** Gives up what is under way; resolves when nothing is, and it can begin again. */
  async rewind(): Promise<void> {
    this.abandon();
    // What is told to end may still emit, and it has the state.
    await this.#pending?.then(ignore, ignore);
    this.#context.reset();
    this.#window?.clear();
    this.#tally.isLate = false;
    this.#tally.isHolding = false;
    this.#at = 0;
    this.#cursor = 0;
    this.isWaiting = false;
    this.isStopping = false;
    this.isOver = false;
    this.#isFlushed = false;
  }

  /** Has a source begin at an item that it has produced before. Returns whether it can. */
  async replay(from: number): Promise<boolean> {
    try {
      await this.#details.replay?.(this.states.only, from, this.#context);
      return true;
    } catch (error) {
      this.#ports.fault(this.#newsOf(error, NO_ITEM, undefined));
      return false;
    }
  }

  // ---- going on ---------------------------------------------------------------------------------------------------

  run(): void {
    const { clock } = this.#core;
    let since = clock.now();
    const began = since - this.#usedMs;
    for (let done = 0; !this.isWaiting && !this.isOver; ) {
      if (this.#tally.isAlert) this.#channels.flush();
      if (!this.#channels.hasRoom) {
        this.#tally.row!.add(BLOCKED, 1);
        break;
      }
      const steps = this.#doSome(this.#steps - done);
      if (steps === 0) break;
      done += steps;
      if (done < this.#steps) continue;
      const now = clock.now();
      this.#pace(now - since);
      if (now - began >= SLICE_MS) {
        this.#usedMs = 0;
        this.#ports.yield();
        return;
      }
      since = now;
      done = 0;
    }
    this.#usedMs = clock.now() - began;
  }

  /** Learns how fast it is, and how often it is to look at the clock. */
  #pace(tookMs: number): void {
    if (tookMs > 0) this.itemsPerMs = (this.itemsPerMs + this.#steps / tookMs) / 2;
    // A quarter of a slice between two looks.
    if (tookMs > SLICE_MS / 4) this.#steps = Math.max(1, this.#steps >> 1);
    else this.#steps = Math.min(STEPS_MAX, this.#steps * 2);
  }

  /** At most so many steps. Returns how many; 0: there is nothing to do. */
  #doSome(max: number): number {
    if (this.isStopping || this.#isFlushed) return 0;
    const ticks = this.#setup.rule === 'message' ? 0 : this.#runRule(max);
    if (ticks > 0) return ticks;
    const { arrivals, isEnded } = this.#channels;
    if (this.#allowance <= 0 && !isEnded) return 0;
    if (this.#closeWindow()) return 1;
    for (let arrival = arrivals[this.#at]; arrival !== undefined; arrival = arrivals[this.#at]) {
      const { frame, inlet } = arrival;
      if (this.#cursor < frame.items.length)
        return this.#takeItems(frame, inlet, isEnded ? max : Math.min(max, this.#allowance));
      this.#endFrame(frame, inlet);
    }
    return 0;
  }

  /** Takes some items of a frame: the loop in which a pipeline spends its time. */
  #takeItems(frame: Frame, inlet: Inlet, max: number): number {
    const { items, first, origins, chunk } = frame;
    const { input, port } = inlet.plan;
    const context = this.#context;
    const tally = this.#tally;
    const begin = this.#cursor;
    const end = Math.min(items.length, begin + max);
    if (begin === 0 && this.#isOrdered) this.#channels.beginChunk(chunk);
    context.input = input;
    const run = this.#isPlain ? this.#step(port) : undefined;
    const { given } = this.#channels.writers;
    const state = this.states.only;
    let cursor = begin;
    let failure: { readonly error: unknown } | undefined;
    try {
      while (cursor < end) {
        context.id = origins === undefined ? first + cursor : origins[cursor]!;
        tally.step++;
        const item = items[cursor++];
        const result = run === undefined ? this.#invoke(item, port) : run(state, item, given, context);
        if (result !== undefined && isPromise(result)) this.#await(result, port, item, () => this.#invoke(item, port));
        if (tally.isAlert || this.isWaiting || this.isStopping) break;
      }
    } catch (error) {
      failure = { error };
    }
    const taken = cursor - begin;
    this.#cursor = cursor;
    this.#allowance -= taken;
    inlet.waiting -= taken;
    inlet.taken = first + cursor;
    const isLastOpen = failure !== undefined || this.isWaiting;
    if (this.#window === undefined) tally.row!.add(TAKEN, isLastOpen ? taken - 1 : taken);
    if (failure !== undefined) {
      const item = items[cursor - 1];
      this.#failed(failure.error, port, item, () => this.#invoke(item, port));
    } else if (cursor === items.length && !this.isWaiting) this.#endFrame(frame, inlet);
    return taken;
  }

  /** What is done with an item. */
  #invoke(item: unknown, port: number): unknown {
    if (this.#isPlain) return this.#step(port)(this.states.only, item, this.#channels.writers.given, this.#context);
    const { splitter } = this.#channels;
    if (splitter !== undefined) return splitter.put(item, this.#context.id);
    return this.#window === undefined ? this.#invokeKeyed(item, port) : this.#gather(this.#window, item, port);
  }

  #step(port: number): RunStep {
    return this.#details.steps[port]!;
  }

  #invokeKeyed(item: unknown, port: number): unknown {
    const state = this.states.of(this.#details.key!(item));
    const run = (known: unknown): unknown => this.#step(port)(known, item, this.#channels.writers.given, this.#context);
    return isPromise(state) ? state.then(run) : run(state);
  }

  #endFrame({ mark, isLast, items, chunk }: Frame, inlet: Inlet): void {
    inlet.frames--;
    if (mark > inlet.mark) inlet.mark = mark;
    if (this.#isOrdered && isLast) {
      if (items.length === 0) this.#channels.beginChunk(chunk);
      this.#channels.endChunk();
    }
    const { arrivals } = this.#channels;
    this.#cursor = 0;
    this.#at++;
    if (this.#at < arrivals.length) return;
    arrivals.length = 0;
    this.#at = 0;
  }

  #runStep(run: () => unknown, port: number, item: unknown): void {
    this.#tally.beginStep();
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      this.#failed(error, port, item, run);
      return;
    }
    if (isPromise(result)) this.#await(result, port, item, run);
    else this.#took(item);
  }

  #took(item: unknown): void {
    this.#context.attempt = 0;
    if (item !== NO_ITEM) this.#tally.row!.add(TAKEN, this.#countOf(item));
  }

  /** How many items it is: a window is many. */
  #countOf(item: unknown): number {
    return this.#window === undefined ? 1 : (item as readonly unknown[]).length;
  }

  /** @param run what is done again if that is to be tried once more */
  #await(pending: PromiseLike<unknown>, port: number, item: unknown, run: () => unknown): void {
    const life = this.#life;
    const tally = this.#tally;
    this.isWaiting = true;
    tally.isLate = true;
    // A source would otherwise keep what it has until there is much of it.
    if (item !== NO_ITEM) this.#channels.holdStep();
    const resume = (act: () => void): void => {
      if (life !== this.#life) return;
      this.isWaiting = false;
      tally.isLate = false;
      tally.isHolding = false;
      act();
      this.#ports.wake();
    };
    this.#pending = Promise.resolve(pending);
    this.#pending.then(
      () => resume(() => this.#took(item)),
      (error: unknown) => resume(() => this.#failed(error, port, item, run)),
    );
  }

  // ---- windows ----------------------------------------------------------------------------------------------------

  #gather(window: OpenWindow, item: unknown, port: number): void {
    if (window.isEmpty) {
      window.open(port, this.mark, this.#core.clock.now());
    }
    window.items.push(item);
    if (window.isFull) this.#takeWindow(window);
  }

  /** Takes the window if it is over. Returns whether it was. */
  #closeWindow(): boolean {
    const window = this.#window;
    if (window === undefined || window.isEmpty) return false;
    if (this.#core.clock.now() < window.dueMs && !this.isDrained) {
      // The alarm that is set may be that of a window which was full before.
      this.#ports.alarmAt(window.dueMs);
      return false;
    }
    this.#takeWindow(window);
    return true;
  }

  #takeWindow(window: OpenWindow): void {
    const { port } = window;
    const items = window.take();
    this.#runStep(() => this.#processWindow(items, port), port, items);
  }

  #processWindow(items: readonly unknown[], port: number): unknown {
    return this.#step(port)(this.states.only, items, this.#channels.writers.given, this.#context);
  }

  // ---- rules ------------------------------------------------------------------------------------------------------

  /** Runs what the rule of the stage says, so often at most. Returns how often. */
  #runRule(max: number): number {
    const runs = this.#isSource && this.rules.isLoop ? this.#runLoop(this.#step(0), max) : this.#runOnce();
    if (runs > 0) this.#tally.row!.add(TICKS, runs);
    return runs;
  }

  /** A source that runs as long as there is room. */
  #runLoop(run: RunStep, max: number): number {
    const { given } = this.#channels.writers;
    const tick = this.rules.tick();
    const again = (): unknown => run(this.states.only, tick, given, this.#context);
    let runs = 0;
    try {
      while (runs < max) {
        runs++;
        this.#tally.beginStep();
        const result = run(this.states.only, tick, given, this.#context);
        if (result !== undefined && isPromise(result)) this.#await(result, NO_ITEM, NO_ITEM, again);
        if (this.#tally.isAlert || this.isWaiting || this.isStopping) break;
      }
    } catch (error) {
      this.#failed(error, NO_ITEM, NO_ITEM, again);
    }
    return runs;
  }

  #runOnce(): number {
    const tick = this.#isWaitingForItems ? undefined : this.rules.tick();
    if (tick === undefined) return 0;
    if (tick.missed > 0) this.#tally.row!.add(TICKS_MISSED, tick.missed);
    if (this.rules.isHolding && !this.#isSource) this.#allowance = this.#channels.waiting;
    this.#runTick(tick);
    return 1;
  }

  /** A stage that runs again and again does so between the items. */
  get #isWaitingForItems(): boolean {
    return this.rules.isLoop && this.#channels.waiting > 0;
  }

  #runTick(tick: Tick): void {
    const run = this.#isSource ? this.#step(0) : this.#details.tick;
    if (run === undefined) return;
    const { given } = this.#channels.writers;
    this.#runStep(() => this.states.forAll((state) => run(state, tick, given, this.#context)), NO_ITEM, NO_ITEM);
  }

  // ---- failures ---------------------------------------------------------------------------------------------------

  #failed(error: unknown, port: number, item: unknown, run: () => unknown): void {
    this.#channels.undo();
    const delayMs = this.#failures.delayBefore(this.#context.attempt + 1);
    if (delayMs === undefined) {
      this.#context.attempt = 0;
      this.#judge(error, port, item);
      return;
    }
    this.#context.attempt++;
    this.#tally.row!.add(RETRIED, 1);
    this.isWaiting = true;
    const life = this.#life;
    this.#core.alarms.set(delayMs, () => {
      if (life !== this.#life) return;
      this.isWaiting = false;
      this.#runStep(run, port, item);
      this.#ports.wake();
      this.#core.wake();
    });
    // Whoever drives this thread may sleep already, not knowing of it.
    this.#core.wake();
  }

  #newsOf(error: unknown, port: number, item: unknown): Omit<News, 'kind'> {
    const { name, code = name, message } = packError(error);
    if (port === NO_ITEM) return { port: '', id: NO_ITEM, code, message, item: undefined };
    return { port: this.#details.ins[port]!.name, id: this.#context.id, code, message, item };
  }

  #judge(error: unknown, port: number, item: unknown): void {
    const hasItem = item !== NO_ITEM;
    const news = this.#newsOf(error, port, item);
    const { verdict } = this.#failures;
    if (verdict !== 'stop' && hasItem) this.#tally.row!.add(FAILED, this.#countOf(item));
    if (typeof verdict === 'object') this.#emitFailure(verdict, news);
    else if (verdict === 'skip') this.#ports.tell({ kind: 'failed', ...news });
    else if (verdict === 'restart') this.#restart(news, item);
    else this.#fault(news);
  }

  #fault(news: Omit<News, 'kind'>): void {
    // So that it takes nothing more.
    this.#tally.isAlert = true;
    this.#ports.fault(news);
  }

  #emitFailure({ port }: Exclude<Verdict, string>, { item: _, ...known }: Omit<News, 'kind'>): void {
    const out = this.#details.outs.findIndex(({ name }) => name === port);
    this.#tally.beginStep();
    try {
      this.#channels.writers.byPort[out]![0]!.emit({ ...known, stage: this.#setup.name });
    } catch (error) {
      const { name, code = name, message } = packError(error);
      this.#fault({ ...known, code, message, item: undefined });
    }
  }

  #restart(news: Omit<News, 'kind'>, item: unknown): void {
    if (!this.#failures.restart()) {
      this.#fault(news);
      return;
    }
    this.#ports.tell({ kind: 'restarted', ...news });
    this.#tally.row!.add(RESTARTED, 1);
    const renew = (): Promise<void> => this.states.renew(item);
    this.#await(renew(), NO_ITEM, NO_ITEM, renew);
  }

  /** An item cannot be sent. */
  refused(port: string, id: number, item: unknown, error: unknown): void {
    const { name, code = name, message } = packError(error);
    const news = { port, id, code, message, item };
    const { verdict } = this.#failures;
    if (verdict === 'stop') {
      this.#fault(news);
      return;
    }
    this.#tally.row!.add(FAILED, 1);
    // Who splits has none of the outputs of its stage.
    if (typeof verdict === 'object' && this.#channels.splitter === undefined) this.#emitFailure(verdict, news);
    else this.#ports.tell({ kind: 'failed', ...news });
  }

  // ---- ending -----------------------------------------------------------------------------------------------------

  /** Whether all that could arrive was taken; a frame without items may still tell the end of a chunk. */
  get isDrained(): boolean {
    const { isEnded, waiting, arrivals } = this.#channels;
    return isEnded && waiting === 0 && this.#at >= arrivals.length;
  }

  /** Whether it has done all that it will do; runs `flush` first. */
  finish(): boolean {
    if (this.isWaiting || this.isOver) return false;
    if (this.#isFlushed) return this.#channels.isSent;
    // Its last window may have no room yet.
    if (!this.isStopping && (!this.isDrained || this.gathered > 0)) return false;
    this.#isFlushed = true;
    const { flush } = this.#details;
    if (flush !== undefined && this.#channels.splitter === undefined) {
      const { given } = this.#channels.writers;
      this.#runStep(() => this.states.forAll((state) => flush(state, given, this.#context)), NO_ITEM, NO_ITEM);
      if (this.isWaiting || this.isOver) return false;
      this.#channels.flush();
    }
    return this.#channels.isSent;
  }
}
