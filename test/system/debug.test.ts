/** The lines on stderr under `NODE_DEBUG=heddle`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { programUrl } from '../support/programs.js';

const run = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
  const program = fileURLToPath(programUrl('debugged'));
  const { stderr } = await promisify(execFile)(process.execPath, [program], { env: { ...process.env, ...env } });
  return stderr.split('\n').filter((line) => line !== '');
};

const EXPECTED = [
  /^system starts, 1 workers$/,
  /^thread 1 starts, epoch 0$/,
  /^thread 1 takes messages, epoch 0$/,
  /^system has started$/,
  /^thread 1 imports file:.*\/echo\.js$/,
  /^thread 0: Echo\.never was not answered in time, timeoutMs=1 thread=1$/,
  /^thread 1 imports file:.*\/bad-throws\.js$/,
  /^thread 1: thread 1 cannot import the module that defines Throws;/,
  /^thread 1 imports file:.*\/mortal\.js$/,
  /^thread 1 has died \(exit\): worker exited with code: 7$/,
  /^thread 1 starts, epoch 1$/,
  /^thread 1 takes messages, epoch 1$/,
  /^thread 1 imports file:.*\/echo\.js$/,
  /^system stops, within 5000 ms$/,
  /^system has stopped: quiet=true accepted=\d+ handled=\d+ lost=1 dead=\d+$/,
];

describe('NODE_DEBUG=heddle', () => {
  it('shows what happens to the system and its threads, and nothing for each message', async () => {
    const lines = (await run({ NODE_DEBUG: 'heddle' })).map((line) => line.replace(/^HEDDLE \d+: /, ''));
    // Threads write to stderr each in its own time, so their lines may stand in another order.
    for (const expected of EXPECTED) {
      const index = lines.findIndex((line) => expected.test(line));
      expect([String(expected), lines.splice(index, index < 0 ? 0 : 1)]).toEqual([
        String(expected),
        [expect.stringMatching(expected)],
      ]);
    }
    expect(lines).toEqual([]);
  });

  it('is needed for that', async () => {
    expect(await run({ NODE_DEBUG: 'other' })).toEqual([]);
  });
});
