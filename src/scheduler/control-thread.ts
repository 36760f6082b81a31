/**
 * Owns the threads. It is a thread of its own so that a worker can be started, heard of when it dies, and ended, while
 * the host is blocked: only the thread that made a worker can do that. It runs no actors, and sleeps.
 *
 * The workers are a piscina pool of fixed size. Each runs one task that lasts as long as the system; that its promise
 * is rejected is how a death is heard.
 */
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { withDeadline } from '../base/deadline.js';
import { ENDED, MeshLayout } from '../mesh/layout.js';
import { type ErrorEnvelope, packError, unpackError } from '../messages/envelope.js';
import { Memory } from '../messages/memory.js';
import {
  type ControlPlane,
  type ControlSetup,
  startTimeoutMs,
  type ThreadEnd,
  type WorkerPlane,
  type WorkerTask,
} from './control-plane.js';
import { Notices } from './notices.js';

/** One worker, as the control thread sees it. */
interface WorkerConnection {
  readonly plane: WorkerPlane;
  readonly port: MessagePort;
  close(): void;
}

export interface ControlPorts {
  readonly workerUrl: string;
  /** A channel to a new worker: one end speaks for it here, the other goes to it. */
  readonly connect: () => WorkerConnection;
}

export class ControlThread implements ControlPlane {
  readonly #setup: ControlSetup;
  readonly #ports: ControlPorts;
  readonly #layout: MeshLayout;
  readonly #words: Int32Array;
  readonly #notices: Notices;
  /** Proxies that nobody holds are collected, and their channels with them. */
  readonly #connections: WorkerConnection[] = [];
  readonly #ends: Promise<ThreadEnd>[] = [];
  #pool: Piscina | undefined;
  #finishing = false;

  constructor(setup: ControlSetup, ports: ControlPorts) {
    this.#setup = setup;
    this.#ports = ports;
    this.#layout = new MeshLayout(setup.thread);
    const memory = new Memory(setup.thread.buffer);
    this.#words = memory.i32;
    this.#notices = new Notices(this.#layout, memory);
  }

  async start(): Promise<ErrorEnvelope | undefined> {
    try {
      await withDeadline(this.#startWorkers(), startTimeoutMs(this.#setup), 'the start of the workers');
      return undefined;
    } catch (error) {
      return packError(error);
    }
  }

  async #startWorkers(): Promise<void> {
    const { resourceLimits, env, execArgv, thread, workerImports } = this.#setup;
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
    const started = Array.from({ length: workers }, (_, index) => this.#startWorker(index + 1, workerImports));
    await Promise.all(started);
  }

  async #startWorker(thread: number, workerImports: readonly string[]): Promise<void> {
    const connection = this.#ports.connect();
    this.#connections.push(connection);
    const task: WorkerTask = { thread, setup: this.#setup.thread, workerImports };
    const run = this.#pool!.run({ ...task, port: connection.port }, { transferList: [connection.port] });
    const end: Promise<ThreadEnd> = run.then(
      () => ({ thread, error: undefined }),
      (error: unknown) => ({ thread, error: error instanceof Error ? error.message : String(error) }),
    );
    this.#ends.push(end);
    void end.then((ended) => this.#noteEnd(ended));
    const died = end.then(({ error }) =>
      packError(new Error(`thread ${thread} has ended before it was ready: ${error ?? 'its task returned'}`)),
    );
    const failure = await Promise.race([connection.plane.ready(), died]);
    if (failure !== undefined) throw unpackError(failure, `on thread ${thread}`);
  }

  /** Tells every thread that one has ended. */
  #noteEnd({ thread, error }: ThreadEnd): void {
    if (error === undefined) return;
    // Read by the host's shutdown and by observers.
    Atomics.store(this.#words, this.#layout.stateWord(thread), ENDED);
    if (!this.#finishing) this.#notices.threadEnded({ thread, reason: error });
  }

  async finish(deadlineMs: number): Promise<readonly ThreadEnd[]> {
    this.#finishing = true;
    try {
      return await withDeadline(Promise.all(this.#ends), deadlineMs, 'ending the workers');
    } catch {
      await this.#pool?.destroy();
      return await Promise.all(this.#ends);
    } finally {
      await this.#pool?.destroy();
      for (const connection of this.#connections) connection.close();
    }
  }
}
