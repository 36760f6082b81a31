/** Two threads that talk through shared memory, by hand. A thread that waits here spins; in between it sleeps. */
import { finish, meet, untilFinished } from './meeting.js';
import { backOff, PairReader, PairWriter } from './pair-ring.js';
import { serve } from './serve.js';

/** Words of a ping-pong, two cache lines apart. */
const THERE = 0;
const BACK = 32;

interface Rally {
  readonly ball: SharedArrayBuffer;
  readonly meeting: SharedArrayBuffer;
  readonly roundTrips: number;
}

interface Stream {
  readonly ring: SharedArrayBuffer;
  readonly meeting: SharedArrayBuffer;
  readonly count: number;
}

export const tasks = {
  /** Nanoseconds per round trip. */
  serveBall({ ball, meeting, roundTrips }: Rally): number {
    const words = new Int32Array(ball);
    meet(new Int32Array(meeting));
    const began = performance.now();
    for (let value = 1; value <= roundTrips; value++) {
      Atomics.store(words, THERE, value);
      while (Atomics.load(words, BACK) !== value);
    }
    return ((performance.now() - began) * 1e6) / roundTrips;
  },

  returnBall({ ball, meeting, roundTrips }: Rally): void {
    const words = new Int32Array(ball);
    meet(new Int32Array(meeting));
    for (let last = 0; last < roundTrips; ) {
      const value = Atomics.load(words, THERE);
      if (value === last) continue;
      Atomics.store(words, BACK, value);
      last = value;
    }
  },

  /** Milliseconds from the first record until the reader has said that it has all. */
  sendPairs({ ring, meeting, count, batch }: Stream & { readonly batch: number }): number {
    const writer = new PairWriter(ring, batch);
    const words = new Int32Array(meeting);
    meet(words);
    const began = performance.now();
    for (let index = 0; index < count; index++) while (!writer.write(index & 1023, 0.5));
    writer.publish();
    untilFinished(words);
    return performance.now() - began;
  },

  /** The sum of all fields. */
  receivePairs({ ring, meeting, count }: Stream): number {
    const reader = new PairReader(ring);
    const words = new Int32Array(meeting);
    let ints = 0;
    let floats = 0;
    meet(words);
    for (let left = count; left > 0; ) {
      const got = reader.look();
      if (got === 0) {
        backOff();
        continue;
      }
      for (let index = 0; index < got; index++) {
        ints += reader.int(index);
        floats += reader.float(index);
      }
      reader.release(got);
      left -= got;
    }
    finish(words);
    return ints + floats;
  },
};

serve(tasks);
