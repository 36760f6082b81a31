/** A worker: the core of its thread, driven until the system ends. */
import type { LabelRange } from '../actor/labels.js';
import { withDeadline } from '../base/deadline.js';
import { debug } from '../base/debug.js';
import { StartFailed } from '../base/errors.js';
import { ENDED, RUNNING } from '../mesh/layout.js';
import { type Share, SharedTable } from '../messages/shares.js';
import type { Core } from '../runtime/core.js';
import { LoopDriver } from '../runtime/driver.js';
import type { WorkerTask } from './control-plane.js';
import { createCore, driverOptions } from './thread.js';

export interface RunningWorker {
  /** Resolves when the worker takes messages; rejects if one of its first imports fails. */
  readonly ready: Promise<void>;
  /** Resolves when the system has ended. */
  readonly ended: Promise<void>;
}

/** Turns that the last messages of a worker may take to leave it. */
const FAREWELL_TURNS = 1000;

const importFirst = async (specifier: string, thread: number, timeoutMs: number): Promise<void> => {
  try {
    await withDeadline(import(specifier), timeoutMs, 'the import; its top level may wait');
  } catch (cause) {
    throw new StartFailed(`workerImports: thread ${thread} cannot import ${JSON.stringify(specifier)}`, {}, { cause });
  }
};

/** The end of a worker whose driver has stopped: what is left is counted, and the others are told. */
export const endWorker = async (core: Core, nextTurn: () => Promise<void>): Promise<void> => {
  core.bury();
  for (let turns = FAREWELL_TURNS; turns > 0 && core.mesh.hasBacklog; turns--) {
    core.flush();
    await nextTurn();
  }
  core.setState(ENDED);
  core.mesh.ringAll();
};

/** What a worker tells the control thread, and is told by it, in the middle of whatever it does. */
export interface WorkerNews {
  /** What has been shared since the worker was started, one by one. */
  readonly receiveShare: () => Share | undefined;
  readonly tellLabels: (range: LabelRange) => void;
}

export const runWorker = (task: WorkerTask, { receiveShare, tellLabels }: WorkerNews): RunningWorker => {
  const { thread, setup, workerImports, epochs, shares } = task;
  const core = createCore(thread, setup, epochs, new SharedTable(shares, receiveShare), tellLabels);
  // Node would end the thread, and all its actors, for a promise that nobody awaited.
  process.on('unhandledRejection', (reason) => {
    core.mesh.books.add('floatingRejections', 1);
    core.reports.problem('floating-rejection', reason);
  });
  const driver = new LoopDriver(core, driverOptions(setup, true, true));
  core.onEnd(() => driver.stop());
  const ready = (async () => {
    for (const specifier of workerImports) await importFirst(specifier, thread, setup.runtime.importTimeoutMs);
    core.setState(RUNNING);
    const epoch = epochs[thread]!;
    debug('thread %d takes messages, epoch %d', thread, epoch);
    core.reports.ready(epoch);
  })();
  const ended = (async () => {
    await driver.run();
    await endWorker(core, () => new Promise((resolve) => setImmediate(resolve)));
  })();
  return { ready, ended };
};
