/** A system: the host's core, and everything that it takes to start and end the others. */
import { availableParallelism } from 'node:os';

import type { Ended, Watch } from '../actor/family.js';
import type { LabelRange } from '../actor/labels.js';
import type { AnyRef } from '../actor/ref.js';
import type { Verbs } from '../actor/self.js';
import { processTimeMs } from '../base/clock.js';
import { withDeadline } from '../base/deadline.js';
import { debug } from '../base/debug.js';
import { describe } from '../base/describe.js';
import { InvalidOptions, LimitReached, NestedSystem, StartFailed, SystemStopped } from '../base/errors.js';
import { SHARES_MAX, SHUTDOWN_DEADLINE_MS_DEFAULT, TIMEOUT_MS_MAX } from '../base/limits.js';
import { checkMembers } from '../base/members.js';
import type { Missable } from '../base/stream.js';
import { withoutTraceparent } from '../base/trace-context.js';
import { ENDED, MeshLayout, RUNNING } from '../mesh/layout.js';
import { BODY_AT, HALT } from '../mesh/records.js';
import { type ErrorEnvelope, packError, unpackError } from '../messages/envelope.js';
import { isSharedBuffer, type Share, type Shared, SharedTable } from '../messages/shares.js';
import { type Core, HALT_ACTORS, HALT_ALL, HALT_HANDLERS } from '../runtime/core.js';
import { LoopDriver } from '../runtime/driver.js';
import type { DeadLetter, LifeEvent, Problem } from '../runtime/reports.js';
import { type ControlPlane, type ControlSetup, startTimeoutMs, type ThreadEnd } from './control-plane.js';
import { CounterReader, type DeadCounts, type SystemCounters, type ThreadState } from './counters.js';
import { systemStartTopic, systemStopTopic } from './diagnostics.js';
import { checkOptions, type SystemOptions } from './options.js';
import { createCore, driverOptions, type ThreadSetup } from './thread.js';

export interface ShutdownOptions {
  /**
   * How long messages that were sent already may take to be handled, in ms, 0 to 2^30. Then the system ends, whatever
   * is left. Default 5,000.
   */
  readonly deadlineMs?: number;
}

/** What became of everything that the system ever accepted. */
export interface ShutdownReport {
  /** Everything was handled before the deadline. */
  readonly quiet: boolean;
  readonly accepted: number;
  readonly handled: number;
  /** Requests whose handler failed, or was ended in the middle. */
  readonly lost: number;
  readonly dead: number;
  readonly deadByReason: DeadCounts;
  /** Requests that were never handled because the system ended: the dead letters of reason `shutdown`. */
  readonly undelivered: number;
  /** What ended with threads that had to be terminated, so that nobody could count it. */
  readonly unaccounted: number;
  readonly threads: readonly ThreadEnd[];
}

/** Actors on many threads. Made by `createSystem`. */
export interface System extends Verbs, AsyncDisposable {
  /** Worker threads; their numbers are 1 to this. */
  readonly threads: number;
  /** Requests that were accepted and never handled, from the moment on that one reads them. */
  readonly deadLetters: AsyncIterable<DeadLetter & Missable>;
  /** What goes wrong and nobody awaits. */
  readonly problems: AsyncIterable<Problem & Missable>;
  /** Actors that begin, end, and get and lose names, on all threads, from the moment on that one reads them. */
  readonly lives: AsyncIterable<LifeEvent & Missable>;
  /**
   * Shares memory with all threads. Resolves with a handle that travels in messages, in fields of type `shared`, and whose
   * `buffer` is the same memory everywhere. The memory is kept as long as the system is; the same buffer gives the same
   * handle.
   *
   * @throws InvalidOptions, LimitReached (65,536 buffers), SystemStopped
   */
  share(buffer: SharedArrayBuffer): Promise<Shared>;
  /**
   * Ends a worker at once, whatever it is doing, as if it had died: its actors are gone, and another takes its place.
   * Resolves when it has, which may take as long as native code runs that cannot be interrupted: what the host sends then
   * is for the replacement.
   *
   * @param thread 1 to `threads`
   * @throws InvalidOptions, SystemStopped
   */
  terminate(thread: number): Promise<void>;
  /**
   * Watches an actor, wherever it is: `listener` is called once, when it has ended, at once or soon if it has already.
   * A restart by a supervisor is no end; the death of the actor's thread is one, also if a supervisor starts it again.
   * Each watch gives one notice.
   */
  watch(ref: AnyRef, listener: (ended: Ended) => void): Watch;
  /** Gives up a watch, whose listener is not called any more. */
  unwatch(watch: Watch): void;
  /**
   * Resolves when an actor has handled all that the host sent to it before, async handlers included.
   *
   * @throws ActorStopped, ActorFailed, NoSuchActor or ThreadLost  it has ended first
   */
  flush(ref: AnyRef): Promise<void>;
  /** Reads the counters of all threads from shared memory; no thread is disturbed. */
  counters(): SystemCounters;
  /** Ends the system; resolves when all its threads have. Later calls get the same report. */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
}

/** The control thread, as the host holds it. */
export interface ControlConnection {
  readonly plane: ControlPlane;
  /** Tells it what labels of the host mean; heard, whatever the host does next. */
  tellLabels(range: LabelRange): void;
  /** Resolves when the thread has ended. */
  end(): Promise<unknown>;
}

export interface SystemPorts {
  readonly isHost: boolean;
  readonly connect: (setup: ControlSetup, keepAlive: boolean) => ControlConnection;
}

/** How often a system that is to end looks whether it is quiet. */
const QUIET_LOOK_MS = 1;
/** How long a worker may take to stop handling messages, and then to end, beyond the deadline. */
const GRACE_MS = 1_000;
/** How long the control thread may take for that, and then to terminate those that do not end. */
const FINISH_MS = 10_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const SHUTDOWN_OPTIONS: ReadonlySet<string> = new Set<keyof ShutdownOptions>(['deadlineMs']);

const checkDeadline = (options: ShutdownOptions): number => {
  checkMembers('shutdown', options, SHUTDOWN_OPTIONS);
  const { deadlineMs = SHUTDOWN_DEADLINE_MS_DEFAULT } = options;
  if (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= TIMEOUT_MS_MAX) return deadlineMs;
  throw new InvalidOptions(`shutdown: deadlineMs is a number from 0 to ${TIMEOUT_MS_MAX}`, {
    got: describe(deadlineMs),
  });
};

class HostSystem {
  readonly threads: number;
  readonly #core: Core;
  readonly #driver: LoopDriver;
  readonly #running: Promise<void>;
  readonly #reader: CounterReader;
  readonly #control: ControlConnection | undefined;
  /** By buffer; their numbers are in the order of these. */
  readonly #shares = new Map<SharedArrayBuffer, Promise<Shared>>();
  #report: Promise<ShutdownReport> | undefined;

  constructor(core: Core, driver: LoopDriver, reader: CounterReader, control: ControlConnection | undefined) {
    this.threads = core.mesh.layout.threads - 1;
    this.#core = core;
    this.#driver = driver;
    this.#reader = reader;
    this.#control = control;
    // Handlers are no part of the trace that the system happens to be made in.
    this.#running = withoutTraceparent(() => driver.run());
  }

  spawn: Core['spawn'] = (definition, args, options) => this.#core.spawn(definition, args, options);
  spawnNow: Core['spawnNow'] = (definition, args, options) => this.#core.spawnNow(definition, args, options);
  stop: Core['stop'] = (ref, options) => this.#core.stop(ref, options);
  kill: Core['kill'] = (ref, options) => this.#core.kill(ref, options);
  drain: Core['drain'] = (ref, options) => this.#core.drain(ref, options);
  stopped: Core['stopped'] = (ref) => this.#core.stopped(ref);
  callAll: Core['callAll'] = (refs, name, message, options) => this.#core.callAll(refs, name, message, options);
  room: Core['room'] = (ref) => this.#core.room(ref);
  whereIs: Core['whereIs'] = (definition, name) => this.#core.whereIs(definition, name);
  names: Core['namesInUse'] = () => this.#core.namesInUse();
  alias: Core['alias'] = (ref, name) => this.#core.alias(ref, name);
  unalias: Core['unalias'] = (ref, name) => this.#core.unalias(ref, name);
  typed: Core['typed'] = (definition, ref) => this.#core.typed(definition, ref);
  flush: Core['flushTo'] = (ref) => this.#core.flushTo(ref);

  watch(ref: AnyRef, listener: (ended: Ended) => void): Watch {
    if (typeof listener !== 'function') {
      throw new InvalidOptions('watch: the listener is not a function', { got: describe(listener) });
    }
    return this.#core.families.watchFromHost(ref, listener);
  }

  unwatch(watch: Watch): void {
    this.#core.families.unwatchFromHost(watch);
  }

  get deadLetters(): AsyncIterable<DeadLetter & Missable> {
    return this.#core.reports.deadLetters;
  }

  get problems(): AsyncIterable<Problem & Missable> {
    return this.#core.reports.problems;
  }

  get lives(): AsyncIterable<LifeEvent & Missable> {
    return this.#core.reports.lives;
  }

  async share(buffer: SharedArrayBuffer): Promise<Shared> {
    if (!isSharedBuffer(buffer)) {
      throw new InvalidOptions('share: expected a SharedArrayBuffer', { got: describe(buffer) });
    }
    if (this.#report !== undefined) throw new SystemStopped('the system has been shut down, or is about to be');
    const known = this.#shares.get(buffer);
    if (known !== undefined) return await known;
    const number = this.#shares.size;
    if (number >= SHARES_MAX) throw new LimitReached('share: too many buffers are shared', { buffers: SHARES_MAX });
    const handle = this.#tellShare({ number, buffer });
    this.#shares.set(buffer, handle);
    return await handle;
  }

  async #tellShare(share: Share): Promise<Shared> {
    await this.#control?.plane.share(share);
    return this.#core.shares.add(share);
  }

  async terminate(thread: number): Promise<void> {
    if (!Number.isInteger(thread) || thread < 1 || thread > this.threads) {
      const which = this.threads === 0 ? 'there are no workers' : `a worker is 1 to ${this.threads}`;
      throw new InvalidOptions(`terminate: ${which}`, { got: describe(thread) });
    }
    const epoch = this.#report === undefined ? await this.#control!.plane.terminate(thread) : undefined;
    if (epoch === undefined) throw new SystemStopped('the system has been shut down, or is about to be');
    // What the host sends from now on is for the replacement.
    while (this.#core.mesh.links[thread]!.epoch < epoch) await this.#core.threadLost(thread);
  }

  counters(): SystemCounters {
    return this.#reader.read();
  }

  async shutdown(options: ShutdownOptions = {}): Promise<ShutdownReport> {
    const deadlineMs = checkDeadline(options);
    this.#report ??= this.#end(deadlineMs);
    return await this.#report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #end(deadlineMs: number): Promise<ShutdownReport> {
    debug('system stops, within %d ms', deadlineMs);
    const core = this.#core;
    core.close();
    const deadline = core.clock.now() + deadlineMs;
    const isQuiet = await this.#untilQuiet(deadline);
    await this.#windDown(Math.max(GRACE_MS, deadline - core.clock.now()));
    // What the last hooks have sent.
    const quiet = isQuiet && (await this.#untilQuiet(core.clock.now() + GRACE_MS));
    // Now no handler runs any more, anywhere; then nothing is sent any more, and what is left can be counted.
    this.#tellWorkers(HALT_HANDLERS);
    core.halt();
    const isOver = (state: ThreadState): boolean => state === 'halted' || state === 'ended' || state === 'stuck';
    const halted = await this.#untilWorkers(this.#workers, isOver, GRACE_MS);
    this.#tellWorkers(HALT_ALL);
    await this.#untilWorkers(halted, (state) => state === 'ended', GRACE_MS);
    const threads = await this.#finish();
    this.#driver.stop();
    await this.#running;
    core.bury();
    core.setState(ENDED);
    await this.#control?.end();
    core.reports.end();
    return this.#tellStop(this.#count(quiet, threads));
  }

  get #workers(): readonly number[] {
    return Array.from({ length: this.threads }, (_, index) => index + 1);
  }

  /** Actors that have hooks or children end in good order, on all threads at a time. */
  async #windDown(ms: number): Promise<void> {
    const deadlineMs = Math.ceil(ms);
    this.#tellWorkers(HALT_ACTORS, deadlineMs);
    const here = withDeadline(this.#core.windDown(deadlineMs), deadlineMs, 'the end of the actors on the host');
    await here.catch(() => undefined);
    await this.#untilWorkers(this.#workers, (state) => state !== 'running', deadlineMs);
  }

  #tellStop(report: ShutdownReport): ShutdownReport {
    const { quiet, accepted, handled, lost, dead } = report;
    debug('system has stopped: quiet=%s accepted=%d handled=%d lost=%d dead=%d', quiet, accepted, handled, lost, dead);
    if (systemStopTopic.wanted) systemStopTopic.publish({ system: asSystem(this), report });
    return report;
  }

  async #finish(): Promise<readonly ThreadEnd[]> {
    if (this.#control === undefined) return [];
    return await withDeadline(this.#control.plane.finish(GRACE_MS), FINISH_MS, 'the end of the workers');
  }

  #count(quiet: boolean, threads: readonly ThreadEnd[]): ShutdownReport {
    const { accepted, handled, lost, dead, deadByReason } = this.#reader.read();
    const undelivered = deadByReason.shutdown;
    const unaccounted = accepted - handled - lost - dead;
    return { quiet, accepted, handled, lost, dead, deadByReason, undelivered, unaccounted, threads };
  }

  /** Waits until nothing is under way, seen twice. */
  async #untilQuiet(deadline: number): Promise<boolean> {
    let last: string | undefined;
    while (this.#core.clock.now() < deadline) {
      const mark = this.#reader.quietMark();
      if (mark !== undefined && mark === last) return true;
      last = mark;
      await sleep(QUIET_LOOK_MS);
    }
    return false;
  }

  /** Waits for workers to be in a state, for a while. Returns those that are. */
  async #untilWorkers(
    workers: readonly number[],
    holds: (state: ThreadState) => boolean,
    forMs: number,
  ): Promise<readonly number[]> {
    const deadline = this.#core.clock.now() + forMs;
    for (;;) {
      const there = workers.filter((thread) => holds(this.#reader.stateOf(thread)));
      if (there.length === workers.length || this.#core.clock.now() >= deadline) return there;
      await sleep(QUIET_LOOK_MS);
    }
  }

  #tellWorkers(phase: number, deadlineMs = 0): void {
    for (const link of this.#core.mesh.links) {
      link?.sendControl(HALT, ({ memory: { i32 } }, at) => {
        i32[(at >> 2) + 2] = phase;
        i32[(at >> 2) + 3] = deadlineMs;
        return at + BODY_AT + 8;
      });
    }
  }
}

/** The types that users see are those of the declarations; the runtime below knows actors, not protocols. */
const asSystem = (system: HostSystem): System => system as unknown as System;

/** @throws StartFailed */
const started = async (plane: ControlPlane, timeoutMs: number): Promise<void> => {
  let failure: ErrorEnvelope | undefined;
  try {
    failure = await withDeadline(plane.start(), timeoutMs, 'the start of the threads');
  } catch (error) {
    failure = packError(error);
  }
  if (failure === undefined) return;
  const error = unpackError(failure, 'on its thread');
  // What the threads say of it themselves is this error already, without its class.
  if (failure.name === 'StartFailed') throw new StartFailed(error.message, {}, { cause: error.cause });
  throw new StartFailed(`the threads cannot be started: ${error.message}`, {}, { cause: error });
};

export const startSystem = async (given: SystemOptions | undefined, ports: SystemPorts): Promise<System> => {
  if (!ports.isHost) {
    throw new NestedSystem(
      'a worker of one system starts another; call createSystem only `if (isHost)`, or define actors in modules of their own',
    );
  }
  const options = checkOptions(given);
  const { threads: workers, ringBytes } = options;
  const layout = new MeshLayout({ workers, ringBytes });
  const buffer = new SharedArrayBuffer(layout.totalBytes);
  const setup: ThreadSetup = {
    buffer,
    workers,
    ringBytes,
    originMs: processTimeMs(),
    runtime: {
      strict: options.strict,
      mailboxLimit: options.mailboxLimit,
      outboxBytes: options.outboxBytes,
      callTimeoutMs: options.callTimeoutMs,
      importTimeoutMs: options.importTimeoutMs,
      traceContext: options.traceContext,
    },
    spinMicros: options.spinMicros,
    park: options.park,
    cores: availableParallelism(),
  };
  debug('system starts, %d workers', workers);
  const controlSetup: ControlSetup = {
    thread: setup,
    workerImports: options.workerImports,
    resourceLimits: options.resourceLimits,
    env: options.env,
    execArgv: options.execArgv,
    watchdog: options.watchdog,
  };
  const control = workers === 0 ? undefined : ports.connect(controlSetup, options.keepAlive);
  const core = createCore(
    0,
    setup,
    Array.from({ length: layout.threads }, () => 0),
    new SharedTable(),
    (range) => control?.tellLabels(range),
  );
  core.setState(RUNNING);
  const driver = new LoopDriver(core, driverOptions(setup, false, options.keepAlive));
  const system = new HostSystem(core, driver, new CounterReader(buffer, layout), control);
  try {
    if (control !== undefined) await started(control.plane, startTimeoutMs(controlSetup) + GRACE_MS);
  } catch (error) {
    debug('system cannot be started: %s', (error as Error).message);
    driver.stop();
    await control?.end();
    throw error;
  }
  debug('system has started');
  if (systemStartTopic.wanted) systemStartTopic.publish({ system: asSystem(system) });
  return asSystem(system);
};
