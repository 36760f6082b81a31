/** The workloads of a single thread with nact, whose actors all live on the thread that started their system. */
import { dispatch, type Ref, spawn, spawnStateless, start } from 'nact';
import { usedHeapBytes } from '../harness/heap.js';
import { BURST, PAYLOADS, type Pair } from '../harness/payloads.js';
import { serve } from './serve.js';

/** Names are unique among siblings. */
let names = 0;
const name = (): string => `actor-${names++}`;

export const tasks = {
  spawn({ count }: { readonly count: number }): Promise<{ ms: number; sum: number; heapBytes: number }> {
    const system = start();
    return new Promise((resolve) => {
      let missing = count;
      let sum = 0;
      const counter = spawnStateless(system, (value: number) => {
        sum += value;
        if (--missing > 0) return;
        const ms = performance.now() - began;
        // After the handlers that are still being left.
        setImmediate(() => resolve({ ms, sum, heapBytes: usedHeapBytes() - before }));
      });
      const greet = ({ greeted }: { greeted: number; last: number }, value: number) => {
        dispatch(counter, value);
        return { greeted: greeted + 1, last: value };
      };
      const before = usedHeapBytes();
      const began = performance.now();
      for (let value = 0; value < count; value++) {
        dispatch(spawn(system, greet, name(), { initialState: { greeted: 0, last: 0 } }), value);
      }
    });
  },

  /** Milliseconds for a token to make its hops. */
  ring({
    stations,
    hops,
  }: {
    readonly stations: number;
    readonly hops: number;
  }): Promise<{ ms: number; left: number }> {
    const system = start();
    return new Promise((resolve) => {
      const ring: Ref<{ left: number }>[] = Array.from({ length: stations }, (_, index) =>
        spawnStateless(system, ({ left }: { left: number }) => {
          if (left > 0) dispatch(ring[(index + 1) % stations]!, { left: left - 1 });
          else resolve({ ms: performance.now() - began, left });
        }),
      );
      const began = performance.now();
      dispatch(ring[0]!, { left: hops - 1 });
    });
  },

  bursts({ bursts }: { readonly bursts: number }): Promise<{ ms: number; sum: number }> {
    const system = start();
    return new Promise((resolve) => {
      const make = PAYLOADS.pair.prepare(BURST);
      let sum = 0;
      let left = bursts;
      const counter = spawnStateless(system, (message: Pair | null) => {
        if (message !== null) sum += message.i + message.f;
        else dispatch(sender, undefined);
      });
      const sender: Ref<undefined> = spawnStateless(system, () => {
        if (left-- === 0) {
          resolve({ ms: performance.now() - began, sum });
          return;
        }
        for (let index = 0; index < BURST; index++) dispatch(counter, make(index));
        dispatch(counter, null);
      });
      const began = performance.now();
      dispatch(sender, undefined);
    });
  },
};

serve(tasks);
