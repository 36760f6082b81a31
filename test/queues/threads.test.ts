/** Records between two real threads: by every way to wait, and by the ten million. */
import type { RingPlace } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import type { EndReport, EndTask } from '../programs/ring-end.js';
import { type WaitName, wordsMaxOf } from '../programs/ring-traffic.js';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { canariesLive, ringBetweenCanaries, STARTS } from '../support/rings.js';
import { runThread } from '../support/threads.js';

type Task = Omit<EndTask, 'role' | 'wait'>;

const runEnds = (task: Task, producer: WaitName, consumer: WaitName): Promise<[EndReport, EndReport]> =>
  Promise.all([
    runThread<EndReport>('ring-end', { ...task, role: 'produce', wait: producer } satisfies EndTask),
    runThread<EndReport>('ring-end', { ...task, role: 'consume', wait: consumer } satisfies EndTask),
  ]);

const expectAllArrived = (place: RingPlace, { records }: Task, [sent, received]: [EndReport, EndReport]): void => {
  expect(sent).toMatchObject({ records, missedWakes: 0 });
  expect(received).toMatchObject({ records, fault: undefined, bytes: sent.bytes, missedWakes: 0 });
  expect(canariesLive(place)).toBe(true);
};

describe.each(STARTS)('two threads and a ring that begins just below $name', ({ position, number }) => {
  const pairs: readonly { producer: WaitName; consumer: WaitName; records: number; capacityBytes: number }[] = [
    // Threads that spin while they wait for each other's core need a large ring to get on.
    { producer: 'spin', consumer: 'spin', records: 1_000_000, capacityBytes: 1 << 21 },
    { producer: 'adaptive', consumer: 'adaptive', records: 1_000_000, capacityBytes: 1 << 18 },
    { producer: 'block', consumer: 'block', records: 1_000_000, capacityBytes: 1 << 16 },
    { producer: 'block', consumer: 'eventLoop', records: 1_000_000, capacityBytes: 1 << 16 },
    { producer: 'eventLoop', consumer: 'block', records: 1_000_000, capacityBytes: 1 << 16 },
    // A tiny ring is full or empty nearly all the time.
    { producer: 'block', consumer: 'block', records: 50_000, capacityBytes: 1 << 10 },
    { producer: 'eventLoop', consumer: 'eventLoop', records: 25_000, capacityBytes: 1 << 10 },
  ];

  it.each(pairs)(
    'pass $records records, the producer waits by $producer, the consumer by $consumer, in $capacityBytes bytes',
    async ({ producer, consumer, records, capacityBytes }) => {
      const place = ringBetweenCanaries(capacityBytes, position, number);
      const task = { place, records, first: number, wordsMax: 24, seed: seedOfTest() };
      const reports = await runEnds(task, producer, consumer);
      expectAllArrived(place, task, reports);
      for (const [wait, { sleeps, ticks }] of [
        [producer, reports[0]],
        [consumer, reports[1]],
      ] as const) {
        if (wait === 'block' || wait === 'eventLoop') expect(sleeps, 'the race was never hit').toBeGreaterThan(0);
        if (wait === 'eventLoop') expect(ticks, 'the event loop stood still').toBeGreaterThan(0);
      }
    },
  );

  /** The longest takes 10 s on two free cores. */
  const PATIENCE_MS = effort(180_000, 12 * 3_600_000);
  const records = effort(20_000_000, 2_000_000_000) / STARTS.length;

  it(`pass ${records} records of any length up to the longest, and lose, double or tear none`, {
    timeout: PATIENCE_MS,
  }, async () => {
    const capacityBytes = 1 << 14;
    const place = ringBetweenCanaries(capacityBytes, position, number);
    const task = { place, records, first: number, wordsMax: wordsMaxOf(capacityBytes), seed: seedOfTest() };
    const reports = await runEnds(task, 'adaptive', 'adaptive');
    expectAllArrived(place, task, reports);
    expect(reports[0].bytes / capacityBytes, 'laps of the ring').toBeGreaterThan(10_000);
  });
});
