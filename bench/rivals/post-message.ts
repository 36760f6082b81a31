/** Two workers that talk by `postMessage` over a channel of their own: structured clone, no shared memory. */
import type { MessagePort } from 'node:worker_threads';
import { type CallFigures, type CallLoad, measureCalls } from '../harness/calls.js';
import { PAYLOADS, type PayloadName } from '../harness/payloads.js';
import { answerCalls, PostedCalls } from './posted-calls.js';
import { serve } from './serve.js';

/** Said instead of a payload: all was sent. */
const END = null;

let port: MessagePort;

let calls: PostedCalls;

export const tasks = {
  connect({ port: mine }: { readonly port: MessagePort }): void {
    port = mine;
  },

  returnBalls(): void {
    port.on('message', (value: number) => port.postMessage(value + 1));
  },

  /** Nanoseconds per round trip. */
  serveBall({ roundTrips }: { readonly roundTrips: number }): Promise<number> {
    const began = performance.now();
    return new Promise((resolve) => {
      const back = (value: number): void => {
        if (value < 2 * roundTrips) port.postMessage(value + 1);
        else {
          port.off('message', back);
          resolve(((performance.now() - began) * 1e6) / roundTrips);
        }
      };
      port.on('message', back);
      port.postMessage(1);
    });
  },

  answerCalls(): void {
    answerCalls(port);
  },

  expectReplies(): void {
    calls = new PostedCalls(port);
  },

  call(load: CallLoad): Promise<CallFigures> {
    return measureCalls((value) => calls.call(value, 1), load);
  },

  /** Adds up what arrives, and says the sum when all has. */
  receive({ payload }: { readonly payload: PayloadName }): void {
    const { score } = PAYLOADS[payload];
    let sum = 0;
    port.on('message', (message: unknown) => {
      if (message !== END) sum += score(message as never);
      else {
        port.postMessage(sum);
        sum = 0;
      }
    });
  },

  /** Milliseconds from the first message until the receiver has said its sum. */
  async send({ payload, count, transfer }: PostedStream): Promise<{ ms: number; sum: number }> {
    const make = PAYLOADS[payload].prepare(count);
    const began = performance.now();
    for (let index = 0; index < count; index++) {
      const message = make(index);
      if (transfer) {
        const data = new Uint8Array(message as Uint8Array);
        port.postMessage(data, [data.buffer]);
      } else port.postMessage(message);
    }
    const replied = new Promise<number>((resolve) => port.once('message', resolve));
    port.postMessage(END);
    const sum = await replied;
    return { ms: performance.now() - began, sum };
  },
};

interface PostedStream {
  readonly payload: PayloadName;
  readonly count: number;
  /** Bytes are moved instead of copied; what was moved cannot be sent again, so each message needs an array of its own. */
  readonly transfer: boolean;
}

serve(tasks);
