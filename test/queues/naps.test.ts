/**
 * Real threads that sleep on their bells without a time limit: a wake-up that is lost is a test that never ends.
 *
 * A cycle is one decision about a sleep: the bell is armed, the end looks once more, and sleeps if there is still
 * nothing. In a ring that holds eight records nearly every cycle is a real sleep; in a larger one, whose ends are often
 * awake at the same time, many are a near miss: the news came between the arming and the sleep. Which it is decides the
 * processor; what share must have slept, and how many must have been near misses, is declared for each row.
 */
import { describe, expect, it, onTestFailed } from 'vitest';
import type { NapReport, NapTask } from '../programs/ring-naps.js';
import { type WaitName, wordsMaxOf } from '../programs/ring-traffic.js';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { canariesLive, ringBetweenCanaries, STARTS } from '../support/rings.js';
import { runThread } from '../support/threads.js';

interface Pair {
  readonly producer: WaitName;
  readonly consumer: WaitName;
  /** Of both ends and from both starts together. */
  readonly cycles: number;
  readonly capacityBytes: number;
  readonly recordWords: number;
  /** Of each end's cycles. */
  readonly sleptShareMin: number;
  /** Of both ends together. */
  readonly nearMissesMin: number;
}

const TINY = { capacityBytes: 1 << 10, recordWords: wordsMaxOf(1 << 10), sleptShareMin: 0.25, nearMissesMin: 0 };
const LARGER = { capacityBytes: 1 << 13, recordWords: 12, sleptShareMin: 0.05, nearMissesMin: 10 };

const pairs: readonly Pair[] = [
  { producer: 'blockWithoutBelt', consumer: 'blockWithoutBelt', cycles: effort(1_000_000, 50_000_000), ...TINY },
  { producer: 'blockWithoutBelt', consumer: 'blockWithoutBelt', cycles: effort(100_000, 10_000_000), ...LARGER },
  { producer: 'eventLoop', consumer: 'blockWithoutBelt', cycles: effort(50_000, 5_000_000), ...TINY },
  { producer: 'blockWithoutBelt', consumer: 'eventLoop', cycles: effort(50_000, 5_000_000), ...TINY },
  { producer: 'eventLoop', consumer: 'eventLoop', cycles: effort(50_000, 5_000_000), ...TINY },
];

describe.each(STARTS)('two ends of a ring that begins just below $name', ({ position, number }) => {
  it.each(pairs)(
    'always wake, in their half of $cycles cycles of $producer and $consumer in $capacityBytes bytes',
    async ({ producer, consumer, cycles: allCycles, capacityBytes, recordWords, sleptShareMin, nearMissesMin }) => {
      const cycles = allCycles / STARTS.length;
      const place = ringBetweenCanaries(capacityBytes, position, number);
      const begun = new Int32Array(new SharedArrayBuffer(8));
      onTestFailed(() => void process.stderr.write(`cycles that were begun: ${begun.join(' and ')} of ${cycles}\n`));
      const task = { place, first: number, seed: seedOfTest(), recordWords, cycles, begun };
      const [sent, received] = await Promise.all([
        runThread<NapReport>('ring-naps', { ...task, role: 'produce', wait: producer } satisfies NapTask),
        runThread<NapReport>('ring-naps', { ...task, role: 'consume', wait: consumer } satisfies NapTask),
      ]);
      expect(received).toMatchObject({ records: sent.records, fault: undefined });
      expect(sent.cycles + received.cycles).toBeGreaterThanOrEqual(cycles);
      for (const end of [sent, received]) {
        expect(end.cycles, 'only one side waited').toBeGreaterThan(cycles / 20);
        expect(end.sleeps / end.cycles, 'too few real sleeps').toBeGreaterThan(sleptShareMin);
      }
      const nearMisses = sent.cycles - sent.sleeps + received.cycles - received.sleeps;
      expect(nearMisses, 'near misses').toBeGreaterThanOrEqual(nearMissesMin);
      expect(canariesLive(place)).toBe(true);
    },
  );
});
