/**
 * The proof of the lossy ring: every interleaving of its producer's and its consumer's accesses, by the shipped source,
 * and that the checker finds what could be wrong with it. `proof.test.ts` is the same for the other ring, and says that
 * each shared access of the source is touched by a mistake.
 *
 * What it proves, for the rings of `checker/lossy.ts`: each record is read or told as lost, never both; batches are in
 * order, whole, and their ids exact; no two accesses race; what both sides count is the same; no wake-up is lost; the
 * producer needs a fixed number of steps at most. A consumer that only passes by is one whose producer may have ended at
 * any of its accesses. With a lap of one bit, a consumer that is held up is misled all the time, and all this stays true
 * but for one thing: it may drop records of which the producer does not know.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { checkLossy, type LossyConfiguration, lossyConfigurations, lossySoakConfigurations } from './checker/lossy.js';
import { lossyMutants } from './checker/mutants.js';

const lines: string[] = [];
afterAll(() => void process.stdout.write(`${lines.join('\n')}\n`));

const all: readonly LossyConfiguration[] = [
  ...Object.values(lossyConfigurations),
  ...lossySoakConfigurations.slice(0, effort(0, lossySoakConfigurations.length)),
];

describe('every interleaving on a lossy ring', () => {
  for (const configuration of all) {
    it(`of ${configuration.name} is right`, async () => {
      const { states, steps, finding } = await checkLossy(configuration);
      lines.push(`lossy proof: ${states} states, ${steps} steps, no violation: ${configuration.name}`);
      expect(finding).toBeUndefined();
      expect(states).toBeGreaterThanOrEqual(configuration.statesMin ?? 1);
    });
  }
});

describe('a mistake in', () => {
  const counts: number[] = [];
  afterAll(() => {
    lines.push(
      `lossy proof: ${counts.length} of ${lossyMutants.length} mistakes found, after ${Math.max(...counts)} states or less`,
    );
  });

  for (const { name, edits, on, expect: expected } of lossyMutants) {
    it(`${name}: ${expected}`, async ({ annotate }) => {
      const { states, finding } = await checkLossy(lossyConfigurations[on], edits);
      expect(finding?.violation).toBe(expected);
      counts.push(states);
      // Shown by `--reporter=verbose`.
      await annotate(`${finding?.message}, after ${states} states`, expected);
    });
  }
});
