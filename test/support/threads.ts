/** Threads that run a compiled program of `test/programs`; none outlives the test that started it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { programUrl } from './programs.js';

export const startThread = (name: string, task: object): Worker => {
  const worker = new Worker(new URL(programUrl(name)), { workerData: task });
  // A test that has hung leaves its threads asleep.
  onTestFinished(async () => {
    await worker.terminate();
  });
  return worker;
};

/** The one message of a thread, after it has ended. */
export const reportOf = async <Report>(worker: Worker): Promise<Report> => {
  const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return message as Report;
};

/** Starts a program and waits for its report. */
export const runThread = <Report>(name: string, task: object): Promise<Report> => reportOf(startThread(name, task));
