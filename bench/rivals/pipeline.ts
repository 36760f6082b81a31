/**
 * The pipeline by `postMessage`: the source and one stage on one thread, the other stage and the sink on the other.
 *
 * ```
 *   thread 1                        thread 2
 *   source --> stage A --result-->  sink
 *          \---------------item-->  stage B --> sink
 * ```
 */
import type { MessagePort } from 'node:worker_threads';
import { CREDIT, itemOf, WINDOW } from '../harness/pipeline.js';
import { timeWork, work } from '../harness/work.js';
import { serve } from './serve.js';

/** What crosses: an item for stage B, a result for the sink, or the credit of stage B. */
type Crossing = { readonly item: number } | { readonly result: number };

const MORE = 'more';
/** Items that stage A works on before its thread listens again. */
const TURN_ITEMS = 64;

let port: MessagePort;

export const tasks = {
  connect({ port: mine }: { readonly port: MessagePort }): void {
    port = mine;
  },

  time({ steps }: { readonly steps: number }): number {
    return timeWork(steps);
  },

  /** Thread 1. Resolves when the last item has left. */
  feed({ items, steps }: { readonly items: number; readonly steps: number }): Promise<void> {
    let sent = 0;
    const sendSome = (count: number): void => {
      for (const until = Math.min(sent + count, items); sent < until; sent++) port.postMessage({ item: itemOf(sent) });
    };
    return new Promise((resolve) => {
      const more = (): void => sendSome(CREDIT);
      const turn = (): void => {
        for (const until = Math.min(sent + TURN_ITEMS, items); sent < until; sent++) {
          port.postMessage({ result: work(itemOf(sent), steps) });
        }
        if (sent < items) setImmediate(turn);
        else {
          port.off('message', more);
          resolve();
        }
      };
      port.on('message', more);
      sendSome(WINDOW);
      turn();
    });
  },

  /** Thread 2. Milliseconds until all results are there, and their sum. */
  drain({ items, steps }: { readonly items: number; readonly steps: number }): Promise<{ ms: number; sum: number }> {
    const began = performance.now();
    return new Promise((resolve) => {
      let missing = items;
      let done = 0;
      let sum = 0;
      const arrived = (crossing: Crossing): void => {
        if ('item' in crossing) {
          sum += work(crossing.item, steps);
          if (++done % CREDIT === 0) port.postMessage(MORE);
        } else sum += crossing.result;
        if (--missing > 0) return;
        port.off('message', arrived);
        resolve({ ms: performance.now() - began, sum });
      };
      port.on('message', arrived);
    });
  },
};

serve(tasks);
