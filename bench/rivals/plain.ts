/** The workloads of a single thread in plain JavaScript. */

import { usedHeapBytes } from '../harness/heap.js';
import { BURST, PAYLOADS, type Pair } from '../harness/payloads.js';
import { drain, PlainActor } from './plain-actor.js';
import { serve } from './serve.js';

/** What was made stays alive until it has been counted. */
let alive: unknown;

export const tasks = {
  spawn({ count }: { readonly count: number }): { ms: number; sum: number; heapBytes: number } {
    let sum = 0;
    const counter = new PlainActor<number>((value) => {
      sum += value;
    });
    const before = usedHeapBytes();
    const began = performance.now();
    const actors: PlainActor<number>[] = [];
    for (let value = 0; value < count; value++) {
      const state = { greeted: 0, last: 0 };
      const actor = new PlainActor<number>((got) => {
        state.greeted++;
        state.last = got;
        counter.send(got);
      });
      actor.send(value);
      actors.push(actor);
    }
    drain();
    const ms = performance.now() - began;
    alive = actors;
    const heapBytes = usedHeapBytes() - before;
    if (alive !== undefined) alive = undefined;
    return { ms, sum, heapBytes };
  },

  /** Milliseconds for a token to make its hops. */
  ring({ stations, hops }: { readonly stations: number; readonly hops: number }): { ms: number; left: number } {
    let last = -1;
    const ring: PlainActor<{ left: number }>[] = Array.from({ length: stations }, (_, index) => {
      const next = (index + 1) % stations;
      return new PlainActor<{ left: number }>(({ left }) => {
        if (left > 0) ring[next]!.send({ left: left - 1 });
        else last = left;
      });
    });
    const began = performance.now();
    ring[0]!.send({ left: hops - 1 });
    drain();
    return { ms: performance.now() - began, left: last };
  },

  bursts({ bursts }: { readonly bursts: number }): { ms: number; sum: number } {
    let ints = 0;
    let floats = 0;
    const counter = new PlainActor<Pair>(({ i, f }) => {
      ints += i;
      floats += f;
    });
    const make = PAYLOADS.pair.prepare(BURST);
    const burst = (): void => {
      for (let index = 0; index < BURST; index++) counter.send(make(index));
      drain();
    };
    const began = performance.now();
    for (let sent = 0; sent < bursts; sent++) burst();
    return { ms: performance.now() - began, sum: ints + floats };
  },
};

serve(tasks);
