/**
 * Random numbers that can be had again. A test that uses them says with which seed it failed, and how to repeat that:
 * `HEDDLE_SEED` is the seed of every test of a run.
 */
import { expect, onTestFailed } from 'vitest';
import { type Random, randomOf } from '../../src/testing/random.js';

export { type Random, randomOf };

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
