/**
 * Real threads that sleep on their bells without a time limit: a wake-up that is lost is a test that never ends.
 *
 * A cycle is one decision about a sleep: the bell is armed, the end looks once more, and sleeps if there is still
 * nothing. Most cycles are real sleeps, of some 30 us each; the others are near misses, where the news came between the
 * last look and the sleep. Which it is decides the processor; how many of each there must be is declared here.
 */
import { describe, expect, it, onTestFailed } from 'vitest';
import type { NapReport, NapTask } from '../programs/ring-naps.js';
import type { WaitName } from '../programs/ring-traffic.js';
import { effort } from '../support/effort.js';
import { seedOfTest } from '../support/random.js';
import { canariesLive, ringBetweenCanaries, STARTS } from '../support/rings.js';
import { runThread } from '../support/threads.js';

interface Pair {
  /** `ask` and `answer` wait for news only; the others for news and for room. */
  readonly roles: readonly [NapTask['role'], NapTask['role']];
  readonly waits: readonly [WaitName, WaitName];
  /** Of both ends, from both starts together. */
  readonly cycles: number;
}

const CAPACITY_BYTES = 1 << 10;
/** Of each end's cycles, at least. */
const SLEPT_SHARE = 0.1;

const pairs: readonly Pair[] = [
  { roles: ['ask', 'answer'], waits: ['blockWithoutBelt', 'blockWithoutBelt'], cycles: effort(700_000, 50_000_000) },
  {
    roles: ['produce', 'consume'],
    waits: ['blockWithoutBelt', 'blockWithoutBelt'],
    cycles: effort(300_000, 50_000_000),
  },
  { roles: ['produce', 'consume'], waits: ['eventLoop', 'blockWithoutBelt'], cycles: effort(20_000, 2_000_000) },
  { roles: ['produce', 'consume'], waits: ['blockWithoutBelt', 'eventLoop'], cycles: effort(20_000, 2_000_000) },
  { roles: ['ask', 'answer'], waits: ['eventLoop', 'eventLoop'], cycles: effort(30_000, 5_000_000) },
];

describe.each(STARTS)('two threads whose rings begin just below $name', ({ position, number }) => {
  it.each(pairs)(
    'always wake: $roles, by $waits, in their half of $cycles cycles',
    async ({ roles, waits, ...pair }) => {
      const cycles = pair.cycles / STARTS.length;
      const place = ringBetweenCanaries(CAPACITY_BYTES, position, number);
      const back = ringBetweenCanaries(CAPACITY_BYTES, position, number);
      const begun = new Int32Array(new SharedArrayBuffer(8));
      onTestFailed(() => void process.stderr.write(`cycles that were begun: ${begun.join(' and ')} of ${cycles}\n`));
      const task = { place, back, first: number, seed: seedOfTest(), cycles, begun };
      const [leader, other] = await Promise.all([
        runThread<NapReport>('ring-naps', { ...task, role: roles[0], wait: waits[0] } satisfies NapTask),
        runThread<NapReport>('ring-naps', { ...task, role: roles[1], wait: waits[1] } satisfies NapTask),
      ]);
      expect(leader).toMatchObject({ records: other.records, fault: undefined });
      expect(other.fault).toBeUndefined();
      expect(leader.cycles + other.cycles).toBeGreaterThanOrEqual(cycles);
      for (const end of [leader, other]) {
        expect(end.cycles, 'only one side waited').toBeGreaterThan(cycles / 20);
        expect(end.sleeps / end.cycles, 'too few real sleeps').toBeGreaterThan(SLEPT_SHARE);
      }
      expect(leader.cycles + other.cycles - leader.sleeps - other.sleeps, 'near misses').toBeGreaterThan(0);
      expect([canariesLive(place), canariesLive(back)]).toEqual([true, true]);
    },
  );
});
