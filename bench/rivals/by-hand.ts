/** Two threads that talk through shared memory, by hand. A thread that waits here spins; in between it sleeps. */
import { BURST } from '../harness/payloads.js';
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

interface Round {
  readonly there: SharedArrayBuffer;
  readonly back: SharedArrayBuffer;
  readonly meeting: SharedArrayBuffer;
  readonly count: number;
  readonly batch: number;
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

  /** Sends pairs through a thread that changes them and takes them back: milliseconds for all, and their sum. */
  sendPairsRound({ there, back, meeting, count, batch }: Round): { ms: number; sum: number } {
    const writer = new PairWriter(there, batch);
    const reader = new PairReader(back);
    let ints = 0;
    let floats = 0;
    meet(new Int32Array(meeting));
    const began = performance.now();
    for (let sent = 0, left = count; left > 0; ) {
      for (const until = Math.min(sent + BURST, count); sent < until && writer.write(sent & 1023, 0.5); ) sent++;
      if (sent === count) writer.publish();
      const got = reader.look();
      for (let index = 0; index < got; index++) {
        ints += reader.int(index);
        floats += reader.float(index);
      }
      if (got > 0) reader.release(got);
      left -= got;
    }
    return { ms: performance.now() - began, sum: ints + floats };
  },

  /** Takes pairs, adds one to each, and sends them back. */
  addOneToPairs({ there, back, meeting, count, batch }: Round): void {
    const reader = new PairReader(there);
    const writer = new PairWriter(back, batch);
    meet(new Int32Array(meeting));
    for (let left = count; left > 0; ) {
      const got = reader.look();
      if (got === 0) {
        backOff();
        continue;
      }
      for (let index = 0; index < got; index++) {
        const int = reader.int(index);
        const float = reader.float(index) + 1;
        while (!writer.write(int, float));
      }
      writer.publish();
      reader.release(got);
      left -= got;
    }
  },

  /** Milliseconds that it takes to put pairs into a ring that is emptied, unread, before it is full. */
  putPairs({ ring, count, batch }: Omit<Stream, 'meeting'> & { readonly batch: number }): number {
    const writer = new PairWriter(ring, batch);
    const reader = new PairReader(ring);
    const began = performance.now();
    for (let put = 0; put < count; ) {
      for (const until = Math.min(put + BURST, count); put < until; put++) {
        if (!writer.write(put & 1023, 0.5)) throw new Error('the ring is full');
      }
      writer.publish();
      reader.release(reader.look());
    }
    return performance.now() - began;
  },
};

serve(tasks);
