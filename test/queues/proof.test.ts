/**
 * The proof of the ring and its doorbells: every interleaving of a producer's and a consumer's accesses, by the shipped
 * source (see `checker/source.ts`), and that the checker finds what could be wrong with it.
 *
 * What it proves, for the rings and talks of `checker/configurations.ts`: records arrive once, in order and whole, not
 * before they are published; no wake-up is lost; no two accesses race; closing, taking over and going round at 2^32
 * change nothing of this. What it does not prove: anything for rings and talks of other sizes, for bells that several
 * threads ring, and for engines that do not keep to the memory model of JavaScript.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { type Configuration, check } from './checker/check.js';
import { configurations, soakConfigurations } from './checker/configurations.js';
import { lossyMutants, mutants } from './checker/mutants.js';
import { bareAtomics, sharedCalls, untouched } from './checker/sites.js';
import { shipped } from './checker/source.js';

const lines: string[] = [];
afterAll(() => void process.stdout.write(`${lines.join('\n')}\n`));

const all: readonly Configuration[] = [
  ...Object.values(configurations),
  ...soakConfigurations.slice(0, effort(0, soakConfigurations.length)),
];

describe('every interleaving', () => {
  for (const configuration of all) {
    it(`of ${configuration.name} is right`, async () => {
      const { states, steps, finding } = await check(configuration);
      lines.push(`proof: ${states} states, ${steps} steps, no violation: ${configuration.name}`);
      expect(finding).toBeUndefined();
      expect(states).toBeGreaterThanOrEqual(configuration.statesMin ?? 1);
    });
  }
});

describe('a mistake in', () => {
  const counts: number[] = [];
  afterAll(() => {
    lines.push(
      `proof: ${counts.length} of ${mutants.length} mistakes found, after ${Math.max(...counts)} states or less`,
    );
  });

  for (const { name, edits, on, expect: expected } of mutants) {
    it(`${name}: ${expected}`, async ({ annotate }) => {
      const { states, finding } = await check(configurations[on], edits);
      expect(finding?.violation).toBe(expected);
      counts.push(states);
      // Shown by `--reporter=verbose`.
      await annotate(`${finding?.message}, after ${states} states`, expected);
    });
  }
});

describe('the mistakes', () => {
  const edits = [...mutants, ...lossyMutants].flatMap((mutant) => mutant.edits);

  it('touch every shared access of the source', () => {
    expect(sharedCalls().length).toBeGreaterThan(0);
    expect(untouched(edits)).toEqual([]);
  });

  it('do not touch one that is added', () => {
    const added = new Map(shipped);
    added.set('wait.ts', `${shipped.get('wait.ts')}\nwake(words, 0);\nAtomics.sub(words, 0, 1);\nbell.ring();\n`);
    expect(untouched(edits, added)).toEqual([
      'wait.ts: wake(words, 0)',
      'wait.ts: Atomics.sub(words, 0, 1)',
      'wait.ts: bell.ring()',
    ]);
    expect(untouched([], added)).toHaveLength(sharedCalls(added).length);
  });

  it('leave out nothing else that has to do with Atomics', () => {
    expect(bareAtomics()).toEqual(['memory.ts: Atomics as { pause?: () => void }']);
  });
});
