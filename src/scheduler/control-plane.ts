/**
 * What host, control thread and workers ask each other for outside of the mesh: rare, small, and over comlink. Every
 * such call has a deadline, because the other side may be a thread that does not answer any more.
 */
import type { ResourceLimits } from 'node:worker_threads';
import { HeddleError } from '../base/errors.js';
import type { ThreadSetup } from './thread.js';

/** What the control thread is started with. */
export interface ControlSetup {
  readonly thread: ThreadSetup;
  readonly workerImports: readonly string[];
  readonly resourceLimits: ResourceLimits | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[] | undefined;
}

/** What a worker is started with, besides its port. */
export interface WorkerTask {
  readonly thread: number;
  readonly setup: ThreadSetup;
  readonly workerImports: readonly string[];
}

/** How a thread has ended. */
export interface ThreadEnd {
  readonly thread: number;
  /** Undefined: as it was asked to. */
  readonly error: string | undefined;
}

/** The control thread, for the host. */
export interface ControlPlane {
  /** Starts all workers; resolves when each of them takes messages. */
  start(): Promise<void>;
  /** Waits for the workers to end, and ends those that do not within the deadline. */
  finish(deadlineMs: number): Promise<readonly ThreadEnd[]>;
}

/** A worker, for the control thread. */
export interface WorkerPlane {
  /** Resolves when the worker takes messages. */
  ready(): Promise<void>;
}

export class ControlTimeout extends HeddleError {
  override readonly name = 'ControlTimeout';
  override readonly code = 'HEDDLE_CONTROL_TIMEOUT';
}

/** Rejects with `ControlTimeout` when `promise` does not settle in time. */
export const withDeadline = async <T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ControlTimeout(`${what} took too long`, { deadlineMs })), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** In the environment data of workers, and of no other thread: this is how a module knows where it is imported. */
export const WORKER_MARK = 'heddle.worker';
