/** What all programs that take a folder and a number of threads refuse. */
import { expect, it } from 'vitest';
import { runProgram } from './program.js';

const WRONG: readonly (readonly [args: readonly string[], message: string])[] = [
  [['no/such/folder'], 'there is no folder no/such/folder'],
  [['package.json'], 'there is no folder package.json'],
  [['.', 'src'], 'one folder at a time, got also: src'],
  [['--threads', '0'], '--threads takes a number from 1 to 250, got 0'],
  [['--threads', 'many'], '--threads takes a number from 1 to 250, got many'],
  [['--speed'], "Unknown option '--speed'"],
];

export const refusesWithUsage = (program: string, command: string): void => {
  it.each(WRONG)('refuses %j with a usage', async (args, message) => {
    const outcome = await runProgram(program, ...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain(`usage: ${command} [folder] [--threads N]`);
  });
};
