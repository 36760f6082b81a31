/**
 * A worker thread's side of `RivalThread`: does tasks by name. It sleeps on its event loop in between, so it takes
 * nothing from whoever is measured meanwhile.
 */
import { parentPort } from 'node:worker_threads';

// biome-ignore lint/suspicious/noExplicitAny: each task has a type of its own, which `RivalThread` checks
export type Tasks = Readonly<Record<string, (order: any) => unknown>>;

export interface Order {
  readonly task: string;
  readonly order: unknown;
}

export type Outcome = { readonly value: unknown } | { readonly error: unknown };

export const serve = (tasks: Tasks): void => {
  const port = parentPort;
  if (port === null) throw new Error('serve is for worker threads');
  port.on('message', ({ task, order }: Order) => {
    const answer = (outcome: Outcome): void => port.postMessage(outcome);
    Promise.resolve(order)
      .then(tasks[task])
      .then(
        (value) => answer({ value }),
        (error: unknown) => answer({ error }),
      );
  });
};
