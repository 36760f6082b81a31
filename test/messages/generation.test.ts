/** A process may forbid code generation; then codecs and methods of refs are interpreted, and all else is the same. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../.build/test/programs/without-generation.js', import.meta.url));

const run = async (...flags: string[]): Promise<unknown> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, PROGRAM]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

const there = {
  messages: [
    JSON.stringify({ n: 0, t: 'é'.repeat(40) }),
    '{"n":1,"lines":[{"price":0.5},{"price":2}],"v":{"list":[1,"two",null],"deep":{"big":12345.5}}}',
    '{"n":2}',
    '{"note":{"t":"xxxxxxxxxx","raw":[1,2,3]},"n":3}',
  ],
  answer: ['a', 1],
  refused: 'Keeper.ask: n: expected i32, got number 0.5',
  rounds: 3,
};

describe('a system', () => {
  it.each([
    ['that may make code', [], true],
    ['that may not', ['--disallow-code-generation-from-strings'], false],
  ])('in a process %s works on all its threads', async (_name, flags, generation) => {
    expect(await run(...flags)).toEqual({
      generation: [generation, generation],
      host: there,
      1: there,
      quiet: true,
      unaccounted: 0,
    });
  });
});
