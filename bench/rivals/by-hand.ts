/** Two threads that talk through shared memory, by hand. A thread that waits here spins; in between it sleeps. */
import { backOff, PairReader, PairWriter } from './pair-ring.js';
import { serve } from './serve.js';

/** Words that two threads meet on, two cache lines apart. */
const THERE = 0;
const BACK = 32;
const READY = 64;

interface Rally {
  readonly words: SharedArrayBuffer;
  readonly roundTrips: number;
}

interface Stream {
  readonly ring: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
  readonly count: number;
}

/** Tells the one who measures that the other is there, so that the start of a thread is not measured. */
const meet = (words: Int32Array): void => {
  Atomics.add(words, READY, 1);
  while (Atomics.load(words, READY) < 2);
};

export const tasks = {
  /** Nanoseconds per round trip. */
  serveBall({ words: shared, roundTrips }: Rally): number {
    const words = new Int32Array(shared);
    meet(words);
    const began = performance.now();
    for (let value = 1; value <= roundTrips; value++) {
      Atomics.store(words, THERE, value);
      while (Atomics.load(words, BACK) !== value);
    }
    return ((performance.now() - began) * 1e6) / roundTrips;
  },

  returnBall({ words: shared, roundTrips }: Rally): void {
    const words = new Int32Array(shared);
    meet(words);
    for (let last = 0; last < roundTrips; ) {
      const value = Atomics.load(words, THERE);
      if (value === last) continue;
      Atomics.store(words, BACK, value);
      last = value;
    }
  },

  /** Milliseconds from the first record until the reader has said that it has all. */
  sendPairs({ ring, words: shared, count, batch }: Stream & { readonly batch: number }): number {
    const writer = new PairWriter(ring, batch);
    const words = new Int32Array(shared);
    meet(words);
    const began = performance.now();
    for (let index = 0; index < count; index++) while (!writer.write(index & 1023, 0.5));
    writer.publish();
    while (Atomics.load(words, BACK) === 0);
    return performance.now() - began;
  },

  /** The sum of all fields. */
  receivePairs({ ring, words: shared, count }: Stream): number {
    const reader = new PairReader(ring);
    const words = new Int32Array(shared);
    let ints = 0;
    let floats = 0;
    const add = (i: number, f: number): void => {
      ints += i;
      floats += f;
    };
    meet(words);
    for (let left = count; left > 0; ) {
      const got = reader.read(add);
      left -= got;
      if (got === 0) backOff();
    }
    Atomics.store(words, BACK, 1);
    return ints + floats;
  },
};

serve(tasks);
