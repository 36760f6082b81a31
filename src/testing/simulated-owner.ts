/**
 * Owns simulated threads as the control thread owns real ones: starts them, hears of their death, replaces them. What it has
 * to do waits in a line until the schedule gives it a turn, so a death is heard of late, and a life begins late.
 */
import { RUNNING } from '../mesh/layout.js';
import type { Share } from '../messages/shares.js';
import type { Core } from '../runtime/core.js';
import type { ControlPlane, ThreadEnd } from '../scheduler/control-plane.js';
import type { Death } from '../scheduler/death.js';
import type { Funerals } from '../scheduler/funerals.js';
import type { Owner } from '../scheduler/host-system.js';
import { endWorker } from '../scheduler/worker-thread.js';
import type { EventLog } from './event-log.js';
import type { Random } from './random.js';
import { SimulatedThread } from './simulated-thread.js';
import type { VirtualClock } from './virtual-clock.js';

export interface OwnerPorts {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly log: EventLog;
  readonly funerals: Funerals;
  readonly createCore: (
    thread: number,
    epochs: readonly number[],
    shares: readonly Share[],
    next: () => Share | undefined,
  ) => Core;
}

const TERMINATED: Death = { reason: 'terminated', exitCode: 1, name: undefined, message: 'it was terminated' };

export class SimulatedOwner implements Owner {
  readonly plane: Pick<ControlPlane, 'share' | 'terminate' | 'finish'> = {
    share: (share) => this.#share(share),
    terminate: (thread) => this.#terminate(thread),
    finish: (deadlineMs) => this.#finish(deadlineMs),
  };
  readonly #ports: OwnerPorts;
  /** By thread, the present lives; the host is not among them. */
  readonly #threads = new Map<number, SimulatedThread>();
  readonly #shares: Share[] = [];
  readonly #news = new Map<number, Share[]>();
  /** What is to be done, in this order. */
  readonly #acts: (() => void)[] = [];
  /** Those who wait for the next life of a thread. */
  readonly #awaited = new Map<number, ((epoch: number | undefined) => void)[]>();
  readonly #ended = new Map<number, ThreadEnd>();
  #finishing = false;

  constructor(ports: OwnerPorts) {
    this.#ports = ports;
  }

  get threads(): Iterable<SimulatedThread> {
    return this.#threads.values();
  }

  /** Begins a life, at once. */
  begin(thread: number, epochs: readonly number[] = [...this.#ports.funerals.epochs]): void {
    const { createCore, log, random } = this.#ports;
    log.threadBegins(thread, epochs[thread]!);
    const news: Share[] = [];
    const core = createCore(thread, epochs, [...this.#shares], () => news.shift());
    const life = new SimulatedThread(core, random);
    this.#news.set(thread, news);
    this.#threads.set(thread, life);
    core.onEnd(() => life.stop());
    void life.run().then(() => this.#wind(life));
    core.setState(RUNNING);
    core.reports.ready(epochs[thread]!);
  }

  async #wind({ core, thread }: SimulatedThread): Promise<void> {
    await endWorker(core, () => this.#ports.clock.sleep(0));
    this.#ended.set(thread, { thread, error: undefined });
  }

  // ---- turns ------------------------------------------------------------------------------------------------------

  get isRunnable(): boolean {
    return this.#acts.length > 0;
  }

  /** Whether the books of a dead thread are still open. */
  get isSettling(): boolean {
    return this.#ports.funerals.estates.close();
  }

  step(): void {
    this.#acts.shift()?.();
    this.#ports.funerals.estates.close();
  }

  // ---- deaths -----------------------------------------------------------------------------------------------------

  /** Returns whether there was a life to end. Called from code of that thread, it does not return. */
  kill(thread: number, death: Death): boolean {
    const life = this.#threads.get(thread);
    if (life === undefined || this.#ended.has(thread)) return false;
    this.#threads.delete(thread);
    this.#ports.log.threadEnds(thread, death.reason, death.message);
    this.#acts.push(() => this.#bury(thread, death));
    life.die(death);
    return true;
  }

  #bury(thread: number, death: Death): void {
    const { funerals } = this.#ports;
    const goesOn = !this.#finishing;
    funerals.hold(thread, death, goesOn);
    const epochs = [...funerals.epochs];
    if (goesOn) this.#acts.push(() => this.#beginAgain(thread, epochs));
    else {
      this.#ended.set(thread, { thread, error: death.message });
      this.#tellAwaited(thread, undefined);
    }
  }

  #beginAgain(thread: number, epochs: readonly number[]): void {
    if (this.#finishing) {
      this.#ports.funerals.vacate(thread);
      this.#ended.set(thread, { thread, error: 'it was not replaced: the system ends' });
      this.#tellAwaited(thread, undefined);
      return;
    }
    this.begin(thread, epochs);
    this.#tellAwaited(thread, epochs[thread]);
  }

  #tellAwaited(thread: number, epoch: number | undefined): void {
    const awaited = this.#awaited.get(thread) ?? [];
    this.#awaited.delete(thread);
    for (const resolve of awaited) resolve(epoch);
  }

  // ---- from the host ----------------------------------------------------------------------------------------------

  async #share(share: Share): Promise<void> {
    this.#shares.push(share);
    for (const news of this.#news.values()) news.push(share);
  }

  #terminate(thread: number): Promise<number | undefined> {
    if (this.#finishing) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const awaited = this.#awaited.get(thread);
      if (awaited === undefined) this.#awaited.set(thread, [resolve]);
      else awaited.push(resolve);
      this.kill(thread, TERMINATED);
    });
  }

  async #finish(deadlineMs: number): Promise<readonly ThreadEnd[]> {
    const { clock, funerals } = this.#ports;
    this.#finishing = true;
    const workers = funerals.epochs.length - 1;
    for (const deadline = clock.now() + deadlineMs; this.#ended.size < workers; await clock.sleep(1)) {
      if (clock.now() >= deadline) for (const { thread } of [...this.threads]) this.kill(thread, TERMINATED);
    }
    for (let thread = 1; thread <= workers; thread++) funerals.estates.vacate(thread);
    while (funerals.estates.close()) await clock.sleep(1);
    return [...this.#ended.values()].sort((a, b) => a.thread - b.thread);
  }

  async end(): Promise<void> {
    this.#threads.clear();
  }
}
