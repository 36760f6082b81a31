/**
 * What host, control thread and workers ask each other for outside of the mesh: rare, small, and over comlink. Every
 * such call has a deadline, because the other side may be a thread that does not answer any more.
 */
import type { MessagePort, ResourceLimits } from 'node:worker_threads';
import { START_TIMEOUT_MS, TIMEOUT_MS_MAX } from '../base/limits.js';
import type { ErrorEnvelope } from '../messages/envelope.js';
import type { Share } from '../messages/shares.js';
import type { WatchdogOptions } from './options.js';
import type { ThreadSetup } from './thread.js';

/** What the control thread is started with. */
export interface ControlSetup {
  readonly thread: ThreadSetup;
  readonly workerImports: readonly string[];
  readonly resourceLimits: ResourceLimits | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly watchdog: false | WatchdogOptions;
}

/** What a worker is started with, besides its ports. */
export interface WorkerTask {
  readonly thread: number;
  readonly setup: ThreadSetup;
  readonly workerImports: readonly string[];
  /** How often each thread has been replaced so far, this one too. */
  readonly epochs: readonly number[];
  /** What has been shared so far; the rest comes by its port. */
  readonly shares: readonly Share[];
}

/** The ports of a worker. */
export interface WorkerPorts {
  /** Its end of the `WorkerPlane`. */
  readonly port: MessagePort;
  /** Where it finds what is shared after it was started, and tells what its labels mean; nobody listens to either end. */
  readonly newsPort: MessagePort;
}

/** How a thread has ended. */
export interface ThreadEnd {
  readonly thread: number;
  /** Undefined: as it was asked to. */
  readonly error: string | undefined;
}

/** The control thread, for the host. */
export interface ControlPlane {
  /** Starts all workers; resolves when each of them takes messages, or with what went wrong. */
  start(): Promise<ErrorEnvelope | undefined>;
  /** Tells all workers, those to come too, of a shared buffer; resolves when it has. */
  share(share: Share): Promise<void>;
  /**
   * Ends a worker, which another then replaces; resolves when it has ended, with how often it has been replaced now.
   * Undefined: the system ends.
   */
  terminate(thread: number): Promise<number | undefined>;
  /** Waits for the workers to end, and ends those that do not within the deadline. */
  finish(deadlineMs: number): Promise<readonly ThreadEnd[]>;
}

/** A worker, for the control thread. */
export interface WorkerPlane {
  /** Resolves when the worker takes messages, or with what went wrong. */
  ready(): Promise<ErrorEnvelope | undefined>;
}

/** How long the workers of a system may take until they take messages. */
export const startTimeoutMs = ({ thread, workerImports }: ControlSetup): number =>
  Math.min(TIMEOUT_MS_MAX, START_TIMEOUT_MS + workerImports.length * thread.runtime.importTimeoutMs);

/** In the environment data of workers, and of no other thread: this is how a module knows where it is imported. */
export const WORKER_MARK = 'heddle.worker';
