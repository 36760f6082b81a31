/**
 * A whole system on one thread, under a clock of its own. Its threads are simulated: as many cores over one shared memory, each
 * making a step when the schedule says so. Whatever is left to chance in a real system is decided by the seed, so a run can be
 * had again.
 *
 * What is real: the runtime, all of it, with its rings, its books and what is done when a thread dies. What is not: threads,
 * time, modules (those of this process serve all simulated threads), and the watchdog, which there is none of.
 */
import { CLOSING, ENDED } from '../actor/cell.js';
import type { AnyDefinition } from '../actor/definition.js';
import { detailsOf } from '../actor/definition.js';
import type { LabelRange } from '../actor/labels.js';
import { describe } from '../base/describe.js';
import { InvalidOptions, type LossReason } from '../base/errors.js';
import { checkMembers } from '../base/members.js';
import { MeshLayout, RUNNING } from '../mesh/layout.js';
import { keepCompiled } from '../messages/compile.js';
import { Memory } from '../messages/memory.js';
import type { Protocol } from '../messages/protocol.js';
import { type Share, SharedTable } from '../messages/shares.js';
import type { Core } from '../runtime/core.js';
import { CounterReader } from '../scheduler/counters.js';
import { Funerals } from '../scheduler/funerals.js';
import { asSystem, HostSystem } from '../scheduler/host-system.js';
import { LabelBook } from '../scheduler/label-book.js';
import { checkOptions, type SystemOptions } from '../scheduler/options.js';
import type { System } from '../scheduler/system.js';
import { createCore, type ThreadSetup } from '../scheduler/thread.js';
import { EventLog, type SimulationEvent } from './event-log.js';
import { type Fail, failuresOf } from './failure.js';
import { makeProbe, type Probe } from './probe.js';
import { randomOf } from './random.js';
import { Schedule } from './schedule.js';
import { SimulatedOwner } from './simulated-owner.js';
import { checkAlive, SimulatedThread } from './simulated-thread.js';
import { VirtualClock } from './virtual-clock.js';

type Shared = 'ringBytes' | 'mailboxLimit' | 'outboxBytes' | 'callTimeoutMs' | 'traceContext';

/** Options of a system have the meaning that they have there. */
export interface SimulationOptions extends Pick<SystemOptions, Shared> {
  /** Decides everything that a real system leaves to chance: an integer, 0 to 2^32 - 1. */
  readonly seed: number;
  /** Simulated worker threads beside the host, 0 to 250. Default 2. */
  readonly threads?: number;
  /** As for a system, but by default true. */
  readonly strict?: boolean;
  /**
   * The clock moves by up to so many virtual ms at a time although there is something to do, as a real one does. Default 0: it
   * stands still until everything is done that is due.
   */
  readonly driftMs?: number;
  /** Steps that one `settle`, `advance`, `until` or `run` may take. Default 1,000,000. */
  readonly stepsMax?: number;
}

/** How a simulated thread dies. */
export interface KillOptions {
  /** What `ThreadLost` says. Default `error`. */
  readonly reason?: Exclude<LossReason, 'stuck' | 'not-replaced'>;
}

/** A simulated system. Made by `createSimulation`. */
export interface Simulation {
  readonly seed: number;
  /**
   * The system, with all its verbs. Nothing moves in it but in `settle`, `advance`, `until` and `run`: what its verbs return must
   * be awaited by `until`.
   */
  readonly system: System;
  /** Virtual milliseconds since the start. */
  readonly now: number;
  /** Goes on until nothing is left to do now. Time stands still. @throws SimulationFailed */
  settle(): Promise<void>;
  /** Lets so much virtual time pass: whatever is due fires in order, and what follows from it is done. @throws SimulationFailed */
  advance(ms: number): Promise<void>;
  /**
   * Goes on until a promise has settled, and time moves on when nothing else is left to do. Given a function, it is called first:
   * it may await whatever the system returns.
   *
   * @param withinMs virtual time that it may take; default 600,000
   * @throws SimulationFailed  it has not settled in time, or never will; else what it was rejected with
   */
  until<T>(what: Promise<T> | (() => Promise<T>), withinMs?: number): Promise<T>;
  /** Goes on for so many steps, or until nothing is left to do now. Time stands still, but for `driftMs`. @throws SimulationFailed */
  steps(count: number): Promise<void>;
  /** Goes on until nothing is left to do, at any time. @param withinMs virtual time that it may take; default 600,000 */
  run(withinMs?: number): Promise<void>;
  /**
   * A worker dies at this point: it makes no further step, and what it has not published is lost. Another takes its place, under
   * the next epoch. Called by code that the thread itself is running, it does not return.
   *
   * Code of its actors that awaits a promise goes on when that is settled, which on a real thread it would not; it can do nothing
   * any more that others see through heddle.
   *
   * @param thread 1 to `threads`
   * @throws InvalidOptions
   */
  kill(thread: number, options?: KillOptions): void;
  /** The thread of an actor dies when it next begins to handle this message, or to run this hook. */
  killIn(definition: AnyDefinition, messageOrHook: string, options?: KillOptions): void;
  /** An actor on the host that writes down what it is sent. */
  probe<P extends Protocol>(protocol: P): Promise<Probe<P>>;
  /** Everything that happened, in order. */
  readonly log: readonly SimulationEvent[];
  /** Equal for equal logs. */
  digest(): string;
}

/** What our own tests do to a core before it makes its first step. */
export type Sabotage = (core: Core) => void;

const OWN_OPTIONS = ['seed', 'driftMs', 'stepsMax'] as const;
const KNOWN: ReadonlySet<string> = new Set<keyof SimulationOptions>([
  ...OWN_OPTIONS,
  'threads',
  'ringBytes',
  'mailboxLimit',
  'outboxBytes',
  'callTimeoutMs',
  'traceContext',
  'strict',
]);
const KILL_OPTIONS: ReadonlySet<string> = new Set<keyof KillOptions>(['reason']);

const THREADS_DEFAULT = 2;
/** Small, so that full rings are a matter of course. */
const RING_BYTES_DEFAULT = 1 << 14;
const STEPS_DEFAULT = 1_000_000;
const WITHIN_MS_DEFAULT = 600_000;
const SEED_LIMIT = 2 ** 32;
/** Actors that an error names. */
const SHOWN_MAX = 10;

const checkOwn = ({ seed, driftMs = 0, stepsMax = STEPS_DEFAULT }: SimulationOptions): void => {
  if (!Number.isInteger(seed) || seed < 0 || seed >= SEED_LIMIT) {
    throw new InvalidOptions(`seed is an integer from 0 to ${SEED_LIMIT - 1}`, { got: describe(seed) });
  }
  if (!(driftMs >= 0 && driftMs < Number.POSITIVE_INFINITY)) {
    throw new InvalidOptions('driftMs is a number of milliseconds', { got: describe(driftMs) });
  }
  if (!Number.isInteger(stepsMax) || stepsMax < 1) {
    throw new InvalidOptions('stepsMax is a positive integer', { got: describe(stepsMax) });
  }
};

class SimulatedSystem implements Simulation {
  readonly seed: number;
  readonly system: System;
  readonly #threads: number;
  readonly #clock = new VirtualClock();
  readonly #log: EventLog;
  readonly #fail: Fail;
  readonly #owner: SimulatedOwner;
  readonly #host: SimulatedThread;
  readonly #schedule: Schedule;
  /** By definition and message. */
  readonly #traps = new Map<string, KillOptions>();

  constructor(options: SimulationOptions, sabotage: Sabotage) {
    checkMembers('createSimulation', options, KNOWN);
    checkOwn(options);
    const { seed, driftMs = 0, stepsMax = STEPS_DEFAULT, ...given } = options;
    const { threads: workers, ...checked } = checkOptions({
      threads: THREADS_DEFAULT,
      ringBytes: RING_BYTES_DEFAULT,
      strict: true,
      ...given,
    });
    keepCompiled();
    const { ringBytes } = checked;
    const layout = new MeshLayout({ workers, ringBytes });
    const buffer = new SharedArrayBuffer(layout.totalBytes);
    const setup: ThreadSetup = { ...checked, buffer, workers, originMs: 0, runtime: checked, cores: layout.threads };
    const random = randomOf(seed);
    const clock = this.#clock;
    const labels = new LabelBook();
    const log = new EventLog(() => clock.now());
    this.seed = seed;
    this.#threads = workers;
    this.#log = log;
    this.#fail = failuresOf(seed, () => clock.now());

    const makeCore = (thread: number, epochs: readonly number[], shares: SharedTable): Core => {
      const told: LabelRange[] = [];
      labels.open(thread, () => told.shift());
      const core: Core = createCore(thread, setup, epochs, shares, (range) => told.push(range), {
        clock,
        random: random.next,
        births: {
          importModule: () => Promise.reject(new Error('a simulation imports no modules')),
          prepare: (details) =>
            log.watch(details, ({ name }, what) => {
              checkAlive(core);
              this.#spring(thread, name, what);
            }),
        },
        waitsForRoom: false,
        witness: log.witness(thread),
      });
      sabotage(core);
      return core;
    };
    const funerals = new Funerals(layout, new Memory(buffer), labels);
    const hostCore = makeCore(0, funerals.epochs, new SharedTable());
    this.#host = new SimulatedThread(hostCore, random);
    hostCore.setState(RUNNING);
    this.#owner = new SimulatedOwner({
      clock,
      random,
      log,
      funerals,
      createCore: (thread, epochs, shares: readonly Share[], next) =>
        makeCore(thread, epochs, new SharedTable(shares, next)),
    });
    for (let thread = 1; thread <= workers; thread++) this.#owner.begin(thread);
    this.#schedule = new Schedule({
      clock,
      random,
      host: this.#host,
      owner: this.#owner,
      stepsMax,
      driftMs,
      fail: this.#fail,
      describe: () => this.#underWay(),
    });
    const reader = new CounterReader(buffer, layout);
    const owner = workers === 0 ? undefined : this.#owner;
    this.system = asSystem(new HostSystem({ core: hostCore, driver: this.#host, reader, owner, pace: clock }));
  }

  get now(): number {
    return this.#clock.now();
  }

  // ---- going on ---------------------------------------------------------------------------------------------------

  settle(): Promise<void> {
    return this.#schedule.drive({ what: 'settle', isMet: (idle) => idle, until: this.now, byTime: true });
  }

  advance(ms: number): Promise<void> {
    const until = this.now + ms;
    const isMet = (idle: boolean): boolean => idle && this.now >= until;
    return this.#schedule.drive({ what: `advance(${ms})`, isMet, until, byTime: true });
  }

  async until<T>(what: Promise<T> | (() => Promise<T>), withinMs = WITHIN_MS_DEFAULT): Promise<T> {
    const promise = typeof what === 'function' ? what() : what;
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.#schedule.drive({
      what: 'until: the promise has not settled',
      isMet: () => settled,
      until: this.now + withinMs,
      byTime: false,
    });
    return await promise;
  }

  steps(count: number): Promise<void> {
    let left = count;
    const isMet = (idle: boolean): boolean => idle || left-- <= 0;
    return this.#schedule.drive({ what: `steps(${count})`, isMet, until: this.now, byTime: true });
  }

  run(withinMs = WITHIN_MS_DEFAULT): Promise<void> {
    const until = this.now + withinMs;
    const isMet = (idle: boolean): boolean => idle && this.#schedule.next === Number.POSITIVE_INFINITY;
    return this.#schedule.drive({ what: 'run', isMet, until, byTime: false });
  }

  // ---- deaths -----------------------------------------------------------------------------------------------------

  kill(thread: number, options: KillOptions = {}): void {
    checkMembers('kill', options, KILL_OPTIONS);
    if (!Number.isInteger(thread) || thread < 1 || thread > this.#threads) {
      throw new InvalidOptions(`kill: a worker is 1 to ${this.#threads}; the host cannot die`, {
        got: describe(thread),
      });
    }
    const { reason = 'error' } = options;
    this.#owner.kill(thread, { reason, exitCode: 1, name: 'Error', message: 'killed by the simulation' });
  }

  killIn(definition: AnyDefinition, messageOrHook: string, options: KillOptions = {}): void {
    checkMembers('killIn', options, KILL_OPTIONS);
    this.#traps.set(`${detailsOf(definition).name}.${messageOrHook}`, options);
  }

  #spring(thread: number, actor: string, what: string): void {
    if (thread === 0 || this.#traps.size === 0) return;
    const trap = this.#traps.get(`${actor}.${what}`);
    if (trap === undefined) return;
    this.#traps.delete(`${actor}.${what}`);
    this.kill(thread, trap);
  }

  // ---- looking on -------------------------------------------------------------------------------------------------

  probe<P extends Protocol>(protocol: P): Promise<Probe<P>> {
    return makeProbe(protocol, {
      system: this.system,
      fail: this.#fail,
      until: (promise) => this.until(promise),
      waitFor: (what, isSo, withinMs) => {
        const until = this.now + withinMs;
        const isMet = (idle: boolean): boolean => isSo() || (idle && this.now >= until);
        return this.#schedule.drive({ what, isMet, until, byTime: true });
      },
    });
  }

  get log(): readonly SimulationEvent[] {
    return this.#log.events;
  }

  digest(): string {
    return this.#log.digest();
  }

  /** What somebody may be waiting for. */
  #underWay(): string {
    const cores = [this.#host, ...this.#owner.threads].map(({ core }) => core);
    const busy = cores.flatMap((core) =>
      [...core.table].flatMap(({ behavior, slot, generation, waiting, pendingCount, gate, rare }) => {
        const parts = [
          waiting > 0 ? `${waiting} messages wait` : '',
          pendingCount > 0 ? `${pendingCount} handlers have not returned` : '',
          rare?.hook === undefined ? '' : 'a hook has not returned',
          (gate & (CLOSING | ENDED)) === CLOSING ? 'it is ending' : '',
        ].filter((part) => part !== '');
        if (parts.length === 0) return [];
        return [`${behavior.details.name} ${slot}.${generation} on thread ${core.thread}: ${parts.join(', ')}`];
      }),
    );
    const calls = cores.filter(({ calls: { count } }) => count > 0);
    const lines = [
      ...busy.slice(0, SHOWN_MAX),
      busy.length > SHOWN_MAX ? `${busy.length - SHOWN_MAX} more actors` : '',
      ...calls.map(({ thread, calls: { count } }) => `thread ${thread} waits for ${count} answers or notices`),
    ].filter((line) => line !== '');
    return lines.length === 0 ? 'Nothing is under way.' : `Under way:\n  ${lines.join('\n  ')}`;
  }
}

/** For our own tests: a simulation of a runtime that is broken on purpose. */
export const createSabotaged = (options: SimulationOptions, sabotage: Sabotage): Simulation =>
  new SimulatedSystem(options, sabotage);

/**
 * Makes a system of simulated threads.
 *
 * @throws InvalidOptions
 *
 * @example
 * const sim = createSimulation({ seed: 1, threads: 2 });
 * const account = await sim.until(sim.system.spawn(Account, 'ann'));
 * account.deposit({ amount: 10 });
 * sim.kill(1);
 * await sim.settle();
 */
export const createSimulation = (options: SimulationOptions): Simulation => createSabotaged(options, () => undefined);
