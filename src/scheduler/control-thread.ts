/**
 * Owns the threads. It is a thread of its own so that a worker can be started, heard of when it dies, replaced and
 * ended, while the host is blocked: only the thread that made a worker can do that. It runs no actors, and sleeps.
 *
 * The workers are a piscina pool of fixed size. Each runs one task that lasts as long as the system; that its promise
 * is rejected is how a death is heard. It is believed once the worker's port has closed: from then on no code of that
 * thread runs, and its memory may be given to the next.
 *
 * ```
 *             start             its task is rejected           its port closes
 *   starting -------> running ----------------------> dying ------------------> starting, under the next epoch
 *                                                       |                          ^
 *                                                       | does not end             | ends after all
 *                                                       +----------> stuck --------+
 * ```
 */
import { Piscina } from 'piscina';
import { withDeadline } from '../base/deadline.js';
import { debug } from '../base/debug.js';
import { MeshLayout, RUNNING } from '../mesh/layout.js';
import { type ErrorEnvelope, packError, unpackError } from '../messages/envelope.js';
import { Memory } from '../messages/memory.js';
import type { Share } from '../messages/shares.js';
import {
  type ControlPlane,
  type ControlSetup,
  startTimeoutMs,
  type ThreadEnd,
  type WorkerPlane,
  type WorkerPorts,
  type WorkerTask,
} from './control-plane.js';
import { type Death, deathOf } from './death.js';
import { Funerals } from './funerals.js';
import { isInspected } from './inspector.js';
import { LabelBook, type ReceiveLabels } from './label-book.js';
import { Observer } from './observer.js';
import type { WatchdogOptions } from './options.js';

/** One worker, as the control thread sees it. */
interface WorkerConnection {
  readonly plane: WorkerPlane;
  /** The other ends of its channels. */
  readonly ports: WorkerPorts;
  /** Tells the worker of a shared buffer. */
  share(share: Share): void;
  /** Takes what it has told of its labels. */
  readonly receiveLabels: ReceiveLabels;
  /** Resolves when the worker's thread has ended: nothing of it runs any more. */
  readonly closed: Promise<void>;
  close(): void;
}

export interface ControlPorts {
  readonly workerUrl: string;
  /** The channels to a new worker: one end of each speaks for it here, the other goes to it. */
  readonly connect: () => WorkerConnection;
  /** Takes what the host has told of its labels. */
  readonly receiveHostLabels: ReceiveLabels;
}

/** One life of a worker. */
interface Life {
  readonly thread: number;
  /** Proxies that nobody holds are collected, and their channels with them. */
  readonly connection: WorkerConnection;
  readonly abort: AbortController;
  /** Resolves when its thread has ended. */
  readonly over: Promise<ThreadEnd>;
  /** Resolves when it takes messages, or with what went wrong. */
  readonly ready: Promise<ErrorEnvelope | undefined>;
  /** Resolves when all has been done that follows from its end. */
  readonly done: Promise<void>;
  /** Why the watchdog has ended it. */
  unresponsive: string | undefined;
}

const HOST = 0;
/** How long a thread that was ended may take until it is said to be stuck. */
const STUCK_MS = 1_000;
/** How often those are looked at who have still to settle with a dead thread. */
const SETTLE_LOOK_MS = 2;
/** Replacements in a row that die before they take messages, after which a thread is given up. */
const FAILURES_MAX = 5;
/** How long the second of these waits; each one after it waits twice as long. */
const RETRY_MS = 50;

export class ControlThread implements ControlPlane {
  readonly #setup: ControlSetup;
  readonly #ports: ControlPorts;
  readonly #layout: MeshLayout;
  readonly #words: Int32Array;
  readonly #labels = new LabelBook();
  readonly #funerals: Funerals;
  /** None in a system without a watchdog. */
  readonly #observer: Observer | undefined;
  /** By thread; the last one of those that have ended. */
  readonly #lives = new Map<number, Life>();
  /** Lives in a row that ended before they took messages, by thread. */
  readonly #failures: number[];
  /** In the order of their numbers. */
  readonly #shares: Share[] = [];
  #settling: NodeJS.Timeout | undefined;
  #pool: Piscina | undefined;
  #finishing = false;

  constructor(setup: ControlSetup, ports: ControlPorts) {
    const layout = new MeshLayout(setup.thread);
    const memory = new Memory(setup.thread.buffer);
    this.#setup = setup;
    this.#ports = ports;
    this.#layout = layout;
    this.#words = memory.i32;
    this.#funerals = new Funerals(layout, memory, this.#labels);
    this.#failures = new Array<number>(layout.threads).fill(0);
    this.#labels.open(HOST, ports.receiveHostLabels);
    if (setup.watchdog !== false) this.#observer = this.#observe(setup.watchdog);
  }

  /** How often each thread has been replaced. */
  get #epochs(): readonly number[] {
    return this.#funerals.epochs;
  }

  #observe(options: WatchdogOptions): Observer {
    const { estates, notices } = this.#funerals;
    return new Observer(this.#layout, this.#words, this.#labels, options, {
      countSlow: (thread) => estates.countSlow(thread),
      tellSlow: (thread, ms, culprit) => notices.tellSlow(thread, ms, culprit),
      end: (thread, epoch, message) => this.#endUnresponsive(thread, epoch, message),
      isInspected,
    });
  }

  async start(): Promise<ErrorEnvelope | undefined> {
    try {
      await withDeadline(this.#startWorkers(), startTimeoutMs(this.#setup), 'the start of the workers');
      this.#observer?.start();
      return undefined;
    } catch (error) {
      // Nobody is to be replaced in a system that never began.
      this.#finishing = true;
      return packError(error);
    }
  }

  async #startWorkers(): Promise<void> {
    const { resourceLimits, env, execArgv, thread } = this.#setup;
    const { workers } = thread;
    this.#pool = new Piscina({
      filename: this.#ports.workerUrl,
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
      ...(env === undefined ? {} : { env }),
      // Copied, not emptied: an empty list would also drop what restricts a process (`--permission`).
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    // A pool reports the death of a thread twice; the rejection of its task is the one that counts.
    this.#pool.on('error', () => undefined);
    const lives = Array.from({ length: workers }, (_, index) => this.#begin(index + 1));
    await Promise.all(
      lives.map(async ({ thread, ready, over }) => {
        const died = over.then(({ error }) =>
          packError(new Error(`thread ${thread} has ended before it was ready: ${error ?? 'its task returned'}`)),
        );
        const failure = await Promise.race([ready, died]);
        if (failure !== undefined) throw unpackError(failure, `on thread ${thread}`);
      }),
    );
  }

  // ---- one life ---------------------------------------------------------------------------------------------------

  #begin(thread: number): Life {
    debug('thread %d starts, epoch %d', thread, this.#epochs[thread]!);
    const connection = this.#ports.connect();
    this.#labels.open(thread, connection.receiveLabels);
    const abort = new AbortController();
    const { thread: setup, workerImports } = this.#setup;
    const task: WorkerTask = { thread, setup, workerImports, epochs: [...this.#epochs], shares: [...this.#shares] };
    const { ports } = connection;
    const run: Promise<void> = this.#pool!.run(
      { ...task, ...ports },
      { transferList: [ports.port, ports.newsPort], signal: abort.signal },
    );
    const death = run.then(
      // Only a shutdown makes it return.
      () => undefined,
      (error: unknown) => {
        const how = deathOf(error);
        const { unresponsive } = life;
        // It may have ended in a way of its own just before.
        if (unresponsive === undefined || how.reason !== 'terminated') return how;
        return { ...how, reason: 'unresponsive' as const, message: unresponsive };
      },
    );
    const over = death.then(async (how) => {
      if (how === undefined) return { thread, error: undefined };
      // Of no effect, unless it was ended before its task was given to a worker.
      ports.port.close();
      if (!(await this.#hasEnded(connection))) await this.#beStuck(thread, connection);
      return { thread, error: how.message };
    });
    const ready = connection.plane.ready();
    let failure: ErrorEnvelope | undefined;
    void ready.then((outcome) => {
      failure = outcome;
      // Of no use. The first workers are the business of `start`.
      if (failure !== undefined && this.#epochs[thread]! > 0) abort.abort();
    });
    const done = Promise.all([death, over]).then(([how]) => {
      if (how !== undefined) {
        this.#replace(thread, failure === undefined ? how : { ...how, name: failure.name, message: failure.message });
      }
      // Not before: what the thread has told last is read then.
      connection.close();
    });
    const life: Life = { thread, connection, abort, over, ready, done, unresponsive: undefined };
    this.#lives.set(thread, life);
    return life;
  }

  async #hasEnded({ closed }: WorkerConnection): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), STUCK_MS);
    });
    const ended = await Promise.race([closed.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  /** A thread in code that cannot be interrupted: nobody reaches it any more, and its rings stay its own until it ends. */
  async #beStuck(thread: number, { closed }: WorkerConnection): Promise<void> {
    debug('thread %d is stuck: %s', thread, STUCK_DEATH.message);
    this.#funerals.holdNone(thread, STUCK_DEATH);
    await closed;
  }

  // ---- its end ----------------------------------------------------------------------------------------------------

  /** A thread has died, and another takes its place. */
  #replace(thread: number, how: Death): void {
    // Its own word, because it may have died before it was heard to take messages.
    const tookMessages = this.#words[this.#layout.stateWord(thread)] === RUNNING;
    const failures = tookMessages ? 1 : this.#failures[thread]! + 1;
    this.#failures[thread] = failures;
    const goesOn = !this.#finishing && failures <= FAILURES_MAX;
    const death = this.#funerals.hold(thread, how, goesOn);
    if (goesOn) this.#beginAgain(thread, failures);
    else if (!this.#finishing) {
      debug('thread %d is not replaced: %d in a row have not begun', thread, failures);
      this.#funerals.forsake(death);
    }
    this.#settle();
  }

  /** At once, unless several in a row did not even begin. */
  #beginAgain(thread: number, failures: number): void {
    if (failures === 1) this.#begin(thread);
    else {
      setTimeout(
        () => {
          if (!this.#finishing) this.#begin(thread);
          else this.#funerals.vacate(thread);
        },
        RETRY_MS * 2 ** (failures - 2),
      );
    }
  }

  /** Looks whether all have settled with the dead, until they have. */
  #settle(): void {
    if (!this.#funerals.estates.close()) return;
    this.#settling ??= setInterval(() => {
      if (this.#funerals.estates.close()) return;
      clearInterval(this.#settling);
      this.#settling = undefined;
    }, SETTLE_LOOK_MS);
  }

  // ---- from outside -----------------------------------------------------------------------------------------------

  async share(share: Share): Promise<void> {
    this.#shares.push(share);
    for (const { connection } of this.#lives.values()) connection.share(share);
  }

  async terminate(thread: number): Promise<number | undefined> {
    const life = this.#lives.get(thread);
    if (life === undefined || this.#finishing) return undefined;
    // No sign that a thread cannot begin.
    this.#failures[thread] = 0;
    life.abort.abort();
    await life.done;
    return this.#epochs[thread];
  }

  /** The same at the word of the watchdog; of no effect if that life has ended since. */
  #endUnresponsive(thread: number, epoch: number, message: string): void {
    const life = this.#lives.get(thread);
    if (life === undefined || this.#finishing || this.#epochs[thread] !== epoch || life.abort.signal.aborted) return;
    this.#failures[thread] = 0;
    life.unresponsive = message;
    life.abort.abort();
  }

  async finish(deadlineMs: number): Promise<readonly ThreadEnd[]> {
    this.#finishing = true;
    await this.#observer?.stop();
    const lives = [...this.#lives.values()];
    const ends = (): Promise<readonly ThreadEnd[]> => Promise.all(lives.map(({ over }) => over));
    const ended = await withDeadline(ends(), deadlineMs, 'ending the workers').catch(async () => {
      for (const { abort } of lives) abort.abort();
      return await Promise.all(lives.map((life) => this.#endOrStuck(life)));
    });
    await this.#closeBooks();
    const isStuck = ended.some(({ error }) => error === STUCK_DEATH.message);
    await this.#endThreads(isStuck ? 0 : STUCK_MS);
    return ended;
  }

  /** The end of a thread; of one that does not end, that. The process cannot end before it does. */
  async #endOrStuck({ thread, connection, over }: Life): Promise<ThreadEnd> {
    return (await this.#hasEnded(connection)) ? await over : { thread, error: STUCK_DEATH.message };
  }

  /** Nobody but the host is left to settle with the dead. */
  async #closeBooks(): Promise<void> {
    for (const thread of this.#lives.keys()) this.#funerals.estates.vacate(thread);
    while (this.#funerals.estates.close()) await new Promise((resolve) => setTimeout(resolve, SETTLE_LOOK_MS));
    clearInterval(this.#settling);
  }

  /**
   * Ends the workers, which have nothing more to do, before this thread is ended: a thread that is ended while one of its own ends
   * can take the process with it (nodejs/node#42501, #56020). One that does not end is waited for no longer than `patienceMs`.
   */
  async #endThreads(patienceMs: number): Promise<void> {
    const ended = this.#pool?.destroy() ?? Promise.resolve();
    await withDeadline(ended, patienceMs, 'the end of the threads').catch(() => undefined);
  }
}

const STUCK_DEATH: Death = {
  reason: 'stuck',
  exitCode: undefined,
  name: undefined,
  message: 'it was ended, but is in code that cannot be interrupted',
};
