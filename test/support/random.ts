/**
 * Random numbers that can be had again. A test that uses them says with which seed it failed, and how to repeat that:
 * `HEDDLE_SEED` is the seed of every test of a run.
 */
import { expect, onTestFailed } from 'vitest';

export interface Random {
  /** 0 <= result < 1. */
  next(): number;
  /** An integer, 0 <= result < limit. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32 (Tommy Ettinger): small, fast, and good enough to choose by. */
export const randomOf = (seed: number): Random => {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: (items) => items[below(items.length)]! };
};

const chooseSeed = (): number => {
  const given = process.env['HEDDLE_SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
};

/** A pattern that only this name matches, as `-t` takes it: a regular expression over the names joined by blanks. */
const patternOf = (name: string): string => name.replaceAll(' > ', ' ').replace(/[^\w ,]/g, '.');

/** A seed for the test that is running, which says it if it fails. */
export const seedOfTest = (): number => {
  const seed = chooseSeed();
  const { testPath = '', currentTestName = '' } = expect.getState();
  const file = testPath.slice(testPath.lastIndexOf('/test/') + 1);
  const pattern = patternOf(currentTestName);
  onTestFailed(() => {
    process.stderr.write(`seed ${seed}; again: HEDDLE_SEED=${seed} npx vitest run ${file} -t '${pattern}'\n`);
  });
  return seed;
};

/** Random numbers for the test that is running, which says their seed if it fails. */
export const randomOfTest = (): Random => randomOf(seedOfTest());
