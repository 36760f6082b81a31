/** A system: the host's core, and everything that it takes to start and end the others. */
import { availableParallelism } from 'node:os';

import type { Ended, Watch } from '../actor/family.js';
import type { LabelRange } from '../actor/labels.js';
import type { AnyRef } from '../actor/ref.js';
import type { Verbs } from '../actor/self.js';
import { processTimeMs } from '../base/clock.js';
import { withDeadline } from '../base/deadline.js';
import { debug } from '../base/debug.js';
import { NestedSystem, StartFailed } from '../base/errors.js';
import type { Missable } from '../base/stream.js';
import { MeshLayout, RUNNING } from '../mesh/layout.js';
import { type ErrorEnvelope, packError, unpackError } from '../messages/envelope.js';
import { type Shared, SharedTable } from '../messages/shares.js';
import type { Observation, ObserveOptions } from '../observation/observation.js';
import { LoopDriver } from '../runtime/driver.js';
import type { DeadLetter, LifeEvent, Problem } from '../runtime/reports.js';
import { type ControlPlane, type ControlSetup, startTimeoutMs, type ThreadEnd } from './control-plane.js';
import { CounterReader, type DeadCounts, type SystemCounters } from './counters.js';
import { systemStartTopic } from './diagnostics.js';
import { asSystem, HostSystem, type Owner, type Pace } from './host-system.js';
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
  /**
   * Shows how long messages are on the way, now and in this system: from each thread to each, in histograms. An actor on each
   * thread sends messages with a time to the others of its kind; they are counted like all messages, and go the way that all
   * messages go. The message path itself does nothing for it, whether it is switched on or not.
   *
   * @throws InvalidOptions, SystemStopped, and what else `spawn` throws
   *
   * @example
   * await using observation = await system.observe();
   * for (const { from, to, p50, p99 } of await observation.read()) console.log(`${from} -> ${to}: ${p50} us, ${p99} us`);
   */
  observe(options?: ObserveOptions): Promise<Observation>;
  /** Ends the system; resolves when all its threads have. Later calls get the same report. */
  shutdown(options?: ShutdownOptions): Promise<ShutdownReport>;
}

/** The control thread, as the host holds it. */
export interface ControlConnection extends Owner {
  readonly plane: ControlPlane;
  /** Tells it what labels of the host mean; heard, whatever the host does next. */
  tellLabels(range: LabelRange): void;
}

export interface SystemPorts {
  readonly isHost: boolean;
  readonly connect: (setup: ControlSetup, keepAlive: boolean) => ControlConnection;
}

/** How long the workers may take beyond the deadline of their start. */
const GRACE_MS = 1_000;

const REAL_PACE: Pace = {
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  withDeadline,
};

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
  const reader = new CounterReader(buffer, layout);
  const system = new HostSystem({ core, driver, reader, owner: control, pace: REAL_PACE });
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
