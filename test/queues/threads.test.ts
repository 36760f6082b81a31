/** Rings between real threads: all wait strategies, wake-ups by the ten thousand, producers that are ended half-way. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createRing, RecordConsumer, ringBytes } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import type { EndReport, EndTask } from '../programs/ring-end.js';
import type { PingPongTask } from '../programs/ring-ping-pong.js';
import { faultOf, type WaitName } from '../programs/ring-traffic.js';
import type { VictimTask } from '../programs/ring-victim.js';
import { presetPositions } from '../support/rings.js';

const program = (name: string): URL => new URL(`../../.build/test/programs/${name}.js`, import.meta.url);

const start = (name: string, task: EndTask | PingPongTask | VictimTask): Worker =>
  new Worker(program(name), { workerData: task });

/** The one message of a thread, after it has ended. */
const report = async <Report>(worker: Worker): Promise<Report> => {
  const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return message as Report;
};

describe('two threads', () => {
  const SLEEPS = 20_000;
  const pairs: readonly { producer: WaitName; consumer: WaitName; records: number; capacityBytes: number }[] = [
    // Threads that spin while they wait for each other's core need a large ring to get on.
    { producer: 'spin', consumer: 'spin', records: 2_000_000, capacityBytes: 1 << 21 },
    { producer: 'adaptive', consumer: 'adaptive', records: 2_000_000, capacityBytes: 1 << 18 },
    { producer: 'block', consumer: 'block', records: 2_000_000, capacityBytes: 1 << 16 },
    { producer: 'block', consumer: 'eventLoop', records: 2_000_000, capacityBytes: 1 << 16 },
    { producer: 'eventLoop', consumer: 'block', records: 2_000_000, capacityBytes: 1 << 16 },
    // A tiny ring is full or empty nearly all the time.
    { producer: 'block', consumer: 'block', records: 100_000, capacityBytes: 1 << 10 },
    { producer: 'eventLoop', consumer: 'eventLoop', records: 50_000, capacityBytes: 1 << 10 },
  ];

  it.each(pairs)(
    'pass $records records, the producer waits by $producer, the consumer by $consumer, in $capacityBytes bytes',
    async ({ producer, consumer, records, capacityBytes }) => {
      const place = createRing(capacityBytes);
      // Positions and numbers turn over on the way.
      presetPositions(place, (2 ** 32 - 8 * records) | 0, (2 ** 31 - records / 2) | 0);
      const buffer = place.words.buffer as SharedArrayBuffer;
      const seed = Math.floor(Math.random() * 2 ** 31);
      const [sent, received] = await Promise.all([
        report<EndReport>(start('ring-end', { buffer, role: 'produce', records, seed, wait: producer })),
        report<EndReport>(start('ring-end', { buffer, role: 'consume', records, seed, wait: consumer })),
      ]);
      expect(received, `seed=${seed}`).toMatchObject({ records, fault: undefined, missedWakes: 0 });
      expect(sent, `seed=${seed}`).toMatchObject({ missedWakes: 0 });
      for (const [wait, { sleeps, ticks }] of [
        [producer, sent],
        [consumer, received],
      ] as const) {
        if (wait === 'block' || wait === 'eventLoop') expect(sleeps, 'the race was never hit').toBeGreaterThan(0);
        if (wait === 'eventLoop') expect(ticks, 'the event loop stood still').toBeGreaterThan(0);
      }
    },
  );

  it('wake each other 20,000 times and miss no wake', async () => {
    const memory = (): SharedArrayBuffer => new SharedArrayBuffer(ringBytes(1 << 10));
    const rings = { pings: memory(), pongs: memory(), roundsMax: 1_000_000 };
    const [first, second] = await Promise.all([
      report<{ sleeps: number; missedWakes: number }>(start('ring-ping-pong', { ...rings, sleeps: SLEEPS })),
      report<{ sleeps: number; missedWakes: number }>(start('ring-ping-pong', { ...rings, sleeps: 0 })),
    ]);
    expect(first.missedWakes + second.missedWakes).toBe(0);
    expect(first.sleeps, 'the race was never hit').toBeGreaterThanOrEqual(SLEEPS);
  });
});

describe('a producer whose thread is ended', () => {
  const VICTIM_WORDS = 12;
  const ROUNDS = 30;

  const isReady = async (ready: Int32Array): Promise<void> => {
    const outcome = Atomics.waitAsync(ready, 0, 0);
    if (outcome.async) await outcome.value;
  };

  it('in the middle of a record leaves what it had published, and nothing else', async () => {
    // Large enough for all rounds: at its end, and after a full batch, a claim publishes what is committed.
    const place = createRing(1 << 16);
    presetPositions(place, -(2 ** 31), (2 ** 31 - ROUNDS) | 0);
    const buffer = place.words.buffer as SharedArrayBuffer;
    const consumer = new RecordConsumer(place);
    let expected = 0;
    const faults: string[] = [];
    const sink = {
      receive(type: number, at: number, end: number): void {
        const fault = faultOf(consumer, expected++, VICTIM_WORDS, { type, at, end });
        if (fault !== undefined) faults.push(fault);
      },
    };
    for (let round = 0; round < ROUNDS; round++) {
      const ready = new Int32Array(new SharedArrayBuffer(4));
      const publishes = round % 7;
      const task = { buffer, first: expected, publishes, commits: round % 5, ready } as const;
      const victim = start('ring-victim', { ...task, ends: 'claim' });
      await isReady(ready);
      await victim.terminate();
      expect(consumer.drain(sink, Number.POSITIVE_INFINITY)).toBe(publishes);
      consumer.release();
      expect(consumer.hasNews()).toBe(false);
    }
    expect(faults).toEqual([]);
  });

  it('anywhere leaves whole records in order, and a ring that the next producer goes on with', async () => {
    const place = createRing(1 << 16);
    const buffer = place.words.buffer as SharedArrayBuffer;
    const consumer = new RecordConsumer(place);
    let expected = 0;
    const faults: string[] = [];
    const sink = {
      receive(type: number, at: number, end: number): void {
        const fault = faultOf(consumer, expected++, VICTIM_WORDS, { type, at, end });
        if (fault !== undefined) faults.push(fault);
      },
    };
    const drain = (): void => {
      consumer.drain(sink, Number.POSITIVE_INFINITY);
      consumer.release();
    };
    let halfWay = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const ready = new Int32Array(new SharedArrayBuffer(4));
      const victim = start('ring-victim', { buffer, ends: 'run', first: expected, publishes: 0, commits: 0, ready });
      const begun = expected;
      await isReady(ready);
      // A different number of records each time, so that it is ended in different places.
      while (expected < begun + 50 * round) drain();
      const ended = victim.terminate();
      for (let stopped = false; !stopped; ) {
        drain();
        stopped = await Promise.race([ended.then(() => true), new Promise<false>((next) => setImmediate(next, false))]);
      }
      // What it had published up to its end.
      while (consumer.hasNews()) drain();
      if (expected > begun) halfWay++;
    }
    expect(faults).toEqual([]);
    expect(halfWay, 'no producer was ended while it sent').toBeGreaterThan(ROUNDS / 2);
  });
});
