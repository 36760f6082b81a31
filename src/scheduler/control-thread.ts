/**
 * Owns the threads. It is a thread of its own so that a worker can be started, heard of when it dies, and ended, while
 * the host is blocked: only the thread that made a worker can do that. It runs no actors, and sleeps.
 *
 * The workers are a piscina pool of fixed size. Each runs one task that lasts as long as the system; that its promise
 * is rejected is how a death is heard.
 */
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { Doorbell, RecordProducer } from '../../native-free-queues/index.js';
import { withDeadline } from '../base/deadline.js';
import { ENDED, MeshLayout } from '../mesh/layout.js';
import { BODY_AT, THREAD_ENDED } from '../mesh/records.js';
import { type ErrorEnvelope, packError, unpackError } from '../messages/envelope.js';
import { Memory } from '../messages/memory.js';
import { bindTools } from '../messages/tools.js';
import {
  type ControlPlane,
  type ControlSetup,
  startTimeoutMs,
  type ThreadEnd,
  type WorkerPlane,
  type WorkerTask,
} from './control-plane.js';

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
  readonly #memory: Memory;
  /** Proxies that nobody holds are collected, and their channels with them. */
  readonly #connections: WorkerConnection[] = [];
  readonly #ends: Promise<ThreadEnd>[] = [];
  #pool: Piscina | undefined;
  #finishing = false;

  constructor(setup: ControlSetup, ports: ControlPorts) {
    this.#setup = setup;
    this.#ports = ports;
    this.#layout = new MeshLayout(setup.thread);
    this.#memory = new Memory(setup.thread.buffer);
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
    Atomics.store(this.#memory.i32, this.#layout.stateWord(thread), ENDED);
    if (this.#finishing) return;
    for (let other = 0; other < this.#layout.threads; other++) {
      if (other !== thread) this.#tell(other, { thread, reason: error });
    }
  }

  /** Sends a record to a thread by the ring that this thread has to each. */
  #tell(thread: number, notice: unknown): void {
    const words = this.#memory.i32;
    const consumer = new Doorbell(words, this.#layout.bellWord(thread));
    const producer =
      this.#producers[thread] ??
      new RecordProducer(this.#layout.controlRing(words, this.#layout.controlThread, thread), { consumer });
    this.#producers[thread] = producer;
    const bytes = producer.recordBytesMax;
    const at = producer.claim(bytes);
    if (at < 0) return;
    const noRefs = { refuses: () => undefined, write: () => undefined, read: () => undefined };
    const { general } = bindTools(this.#memory, noRefs);
    const end = general.write(notice, at + BODY_AT, at + bytes);
    if (end < 0) return;
    producer.commit(at, bytes, THREAD_ENDED);
    producer.publish();
  }

  readonly #producers: RecordProducer[] = [];

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
