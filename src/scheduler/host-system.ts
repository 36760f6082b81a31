/**
 * What the host does with a system: its verbs, and its end. It is given the host's core, and what runs it: so the same serves
 * real threads and simulated ones.
 */
import type { Ended, Watch } from '../actor/family.js';
import type { AnyRef } from '../actor/ref.js';
import { debug } from '../base/debug.js';
import { describe } from '../base/describe.js';
import { InvalidOptions, LimitReached, SystemStopped } from '../base/errors.js';
import { SHARES_MAX, SHUTDOWN_DEADLINE_MS_DEFAULT, TIMEOUT_MS_MAX } from '../base/limits.js';
import { checkMembers } from '../base/members.js';
import type { Missable } from '../base/stream.js';
import { withoutTraceparent } from '../base/trace-context.js';
import { ENDED } from '../mesh/layout.js';
import { BODY_AT, HALT } from '../mesh/records.js';
import { isSharedBuffer, type Share, type Shared } from '../messages/shares.js';
import { type Observation, type Observed, type ObserveOptions, observe } from '../observation/observation.js';
import { type Core, HALT_ACTORS, HALT_ALL, HALT_HANDLERS } from '../runtime/core.js';
import type { DeadLetter, LifeEvent, Problem } from '../runtime/reports.js';
import type { ControlPlane, ThreadEnd } from './control-plane.js';
import type { CounterReader, SystemCounters, ThreadState } from './counters.js';
import { systemStopTopic } from './diagnostics.js';
import type { ShutdownOptions, ShutdownReport, System } from './system.js';

/** Time, for a host that waits for something. */
export interface Pace {
  sleep(ms: number): Promise<unknown>;
  /** Rejects with `DeadlinePassed` when `promise` does not settle in time. */
  withDeadline<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T>;
}

/** What drives the host's core. */
export interface HostDriver {
  /** Resolves after `stop`. */
  run(): Promise<void>;
  stop(): void;
}

/** Whoever owns the threads, as the host holds it. */
export interface Owner {
  readonly plane: Pick<ControlPlane, 'share' | 'terminate' | 'finish'>;
  /** Resolves when it has ended. */
  end(): Promise<unknown>;
}

export interface HostSetup {
  readonly core: Core;
  readonly driver: HostDriver;
  readonly reader: CounterReader;
  /** None in a system without workers. */
  readonly owner: Owner | undefined;
  readonly pace: Pace;
}

/** How often a system that is to end looks whether it is quiet. */
const QUIET_LOOK_MS = 1;
/** How long a worker may take to stop handling messages, and then to end, beyond the deadline. */
const GRACE_MS = 1_000;
/** How long the control thread may take for that, and then to terminate those that do not end. */
const FINISH_MS = 10_000;

const SHUTDOWN_OPTIONS: ReadonlySet<string> = new Set<keyof ShutdownOptions>(['deadlineMs']);

const checkDeadline = (options: ShutdownOptions): number => {
  checkMembers('shutdown', options, SHUTDOWN_OPTIONS);
  const { deadlineMs = SHUTDOWN_DEADLINE_MS_DEFAULT } = options;
  if (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= TIMEOUT_MS_MAX) return deadlineMs;
  throw new InvalidOptions(`shutdown: deadlineMs is a number from 0 to ${TIMEOUT_MS_MAX}`, {
    got: describe(deadlineMs),
  });
};

export class HostSystem {
  readonly threads: number;
  /** Those that have not been stopped. */
  readonly observations = new Set<Observation>();
  readonly #core: Core;
  readonly #driver: HostDriver;
  readonly #running: Promise<void>;
  readonly #reader: CounterReader;
  readonly #owner: Owner | undefined;
  readonly #pace: Pace;
  /** By buffer; their numbers are in the order of these. */
  readonly #shares = new Map<SharedArrayBuffer, Promise<Shared>>();
  #report: Promise<ShutdownReport> | undefined;

  constructor({ core, driver, reader, owner, pace }: HostSetup) {
    this.threads = core.mesh.layout.threads - 1;
    this.#core = core;
    this.#driver = driver;
    this.#reader = reader;
    this.#owner = owner;
    this.#pace = pace;
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
    await this.#owner?.plane.share(share);
    return this.#core.shares.add(share);
  }

  async terminate(thread: number): Promise<void> {
    if (!Number.isInteger(thread) || thread < 1 || thread > this.threads) {
      const which = this.threads === 0 ? 'there are no workers' : `a worker is 1 to ${this.threads}`;
      throw new InvalidOptions(`terminate: ${which}`, { got: describe(thread) });
    }
    const epoch = this.#report === undefined ? await this.#owner!.plane.terminate(thread) : undefined;
    if (epoch === undefined) throw new SystemStopped('the system has been shut down, or is about to be');
    // What the host sends from now on is for the replacement.
    while (this.#core.mesh.links[thread]!.epoch < epoch) await this.#core.threadLost(thread);
  }

  counters(): SystemCounters {
    return this.#reader.read();
  }

  observe(options?: ObserveOptions): Promise<Observation> {
    return observe(this as unknown as Observed, options);
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
    const deadline = core.clock.now() + deadlineMs;
    if (this.observations.size > 0) await this.#endObservations(deadlineMs);
    core.close();
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
    await this.#owner?.end();
    core.reports.end();
    return this.#tellStop(this.#count(quiet, threads));
  }

  /** So that none of their probes is a dead letter. */
  async #endObservations(deadlineMs: number): Promise<void> {
    const ends = Promise.all([...this.observations].map((observation) => observation.stop()));
    await this.#pace.withDeadline(ends, deadlineMs, 'the end of the observations').catch(() => undefined);
  }

  get #workers(): readonly number[] {
    return Array.from({ length: this.threads }, (_, index) => index + 1);
  }

  /** Actors that have hooks or children end in good order, on all threads at a time. */
  async #windDown(ms: number): Promise<void> {
    const deadlineMs = Math.ceil(ms);
    this.#tellWorkers(HALT_ACTORS, deadlineMs);
    const here = this.#pace.withDeadline(
      this.#core.windDown(deadlineMs),
      deadlineMs,
      'the end of the actors on the host',
    );
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
    if (this.#owner === undefined) return [];
    return await this.#pace.withDeadline(this.#owner.plane.finish(GRACE_MS), FINISH_MS, 'the end of the workers');
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
      await this.#pace.sleep(QUIET_LOOK_MS);
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
      await this.#pace.sleep(QUIET_LOOK_MS);
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
export const asSystem = (system: HostSystem): System => system as unknown as System;
