/** How the senders of the one-way workloads send: in bursts, as fast as there is room. */
import { BURST } from '../harness/payloads.js';

interface Stream {
  readonly count: number;
  readonly send: (index: number) => void;
  /** Resolves when there is room for more. */
  readonly room: () => Promise<unknown>;
  /** Asks the receiver for its sum. */
  readonly finish: () => Promise<number>;
}

/** Measures from the first send until the receiver has replied. */
export const stream = async ({ count, send, room, finish }: Stream): Promise<{ ms: number; sum: number }> => {
  const burst = (from: number, until: number): void => {
    for (let index = from; index < until; index++) send(index);
  };
  const began = performance.now();
  for (let sent = 0; sent < count; sent += BURST) {
    burst(sent, Math.min(sent + BURST, count));
    await room();
  }
  const sum = await finish();
  return { ms: performance.now() - began, sum };
};
