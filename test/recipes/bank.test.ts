/** One small application, run in the ways that `docs/recipes.md` tells. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder, runNode } from '../package/support.js';
import { makeProject, TSX } from './project.js';

/** What the programs print. */
const BALANCE = { stdout: '1001\n', stderr: '' };

/** Whether this Node runs TypeScript without help. */
const stripsTypes = (process.features as { readonly typescript?: unknown }).typescript === 'strip';

let project: string;
beforeAll(async () => {
  project = await makeProject('bank');
});
afterAll(() => removeFolder(project));

describe('an application in TypeScript', () => {
  it('runs by node --import tsx, its actors too', async () => {
    expect(await runNode(project, '--import', 'tsx', 'main.ts')).toEqual(BALANCE);
  });

  it('runs by the command tsx, its actors too', async () => {
    expect(await runNode(project, TSX, 'main.ts')).toEqual(BALANCE);
  });

  it('runs by a Node that strips types', async ({ skip }) => {
    if (!stripsTypes) skip('this Node does not; 22.18 and later do');
    expect(await runNode(project, 'native.ts')).toEqual(BALANCE);
  });

  it('is told by a Node that does not strip types that workers cannot import its actors', async ({ skip }) => {
    if (stripsTypes) skip('this Node strips types');
    await expect(runNode(project, TSX, 'native.ts')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/thread \d cannot import the module that defines Account.*ERR_UNKNOWN_FILE_EXT/s),
    });
  });
});

describe('the tests of an application', () => {
  it.each(['forks', 'threads'])('spawn its actors in vitest with the pool %s', async (pool) => {
    const { stdout } = await runNode(
      project,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--pool',
      pool,
      '--reporter',
      'json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 3, numTotalTests: 3 });
  });
});

describe('an application in one file', () => {
  const tsup = 'node_modules/tsup/dist/cli-default.js';

  it('runs, with its actors in the same bundle', async () => {
    await runNode(project, tsup, '--silent');
    expect(await runNode(project, 'dist/bundled.js')).toEqual(BALANCE);
  });

  it('is told what to do when heddle is in the bundle too', async () => {
    await runNode(project, tsup, '--silent', '--config', 'everything.config.ts');
    await expect(runNode(project, join('everything', 'bundled.js'))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'StartFailed: heddle has been bundled without the files that its threads start at',
      ),
    });
  });
});
