import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  linkPackage,
  makeConsumer,
  makeFolder,
  pack,
  ROOT,
  removeFolder,
  run,
  runNode,
  runProgram,
} from './support.js';

/** Two CPU-bound compilers beside other tests on a small machine. */
const COMPILE_TIMEOUT_MS = 120_000;

describe('a project that has heddle installed', () => {
  let project: string;

  beforeAll(async () => {
    project = await makeFolder();
    const tarball = await pack(project);
    await makeConsumer(tarball, project);
    await makeConsumer(tarball, join(project, 'other'));
  });
  afterAll(() => removeFolder(project));

  it.each(['main.mjs', 'main.cjs'])('runs actors on two threads: %s', async (program) => {
    expect(await runProgram(project, program)).toEqual({
      owners: ['ann', 'bob'],
      balances: [10, 10],
      quiet: true,
      unaccounted: 0,
    });
  });

  it('uses the queues alone', async () => {
    expect(await runProgram(project, 'queues.mjs')).toEqual({ sum: 5050 });
  });

  it('has one copy of heddle on each thread, which runs the actors and is what their modules import', async () => {
    expect(await runProgram(project, 'identity.mjs')).toEqual([
      { thread: 0, isHost: true, isOurs: true },
      { thread: 1, isHost: false, isOurs: true },
      { thread: 2, isHost: false, isOurs: true },
    ]);
  });

  it('measures itself, beside what of its rivals is installed', async () => {
    const short = ['--duration', '10', '--rounds', '1', '--payload', 'order', '--placement', 'host-worker'];
    const rivals = ['--wait', 'parked', '--rivals', 'postMessage,comlink,piscina,nact'];
    const args = ['node_modules/heddle/dist/cli.js', 'bench', 'latency', ...short, ...rivals];
    const { stdout } = await runNode(project, ...args);
    for (const name of ['heddle', 'postMessage', 'comlink', 'piscina'])
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect(stdout).toContain('nact did not take part: not installed: npm install nact');
  });

  it('reads files on threads that import nothing of its own', async () => {
    expect(await runProgram(project, 'files.mjs')).toEqual({ isSame: true, failure: 'ENOENT' });
  });

  it('is told when it has two copies of heddle that meet', async () => {
    expect(await runProgram(project, 'two-copies.mjs')).toEqual({
      ofAnother: ['HEDDLE_TWO_COPIES', 'HEDDLE_TWO_COPIES'],
      ofBoth: ['spawned', 'HEDDLE_TWO_COPIES'],
    });
  });

  it('loads neither the pool nor the control plane by importing heddle', async () => {
    const loaded = (await runProgram(project, '--import', './trace.mjs', 'import-only.mjs')) as string[];
    const inModules = loaded.map((url) => /\/node_modules\/(.*)$/.exec(url)?.[1]).filter((path) => path !== undefined);
    expect(inModules).toContain('heddle/dist/index.js');
    expect(inModules.filter((path) => !path.startsWith('heddle/dist/'))).toEqual([]);
  });

  describe('type-checks against heddle, its declarations included,', () => {
    beforeAll(() => Promise.all([linkPackage('@types/node', project), linkPackage('undici-types', project)]));

    it.each([
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ])(
      'as module %s with resolution %s',
      async (module, moduleResolution) => {
        const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
        const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--noEmit'];
        const platform = ['--target', 'es2022', '--lib', 'es2022', '--types', 'node'];
        const args = [
          tsc,
          ...strict,
          ...platform,
          '--module',
          module,
          '--moduleResolution',
          moduleResolution,
          'types.ts',
          'rival.ts',
        ];
        const outcome = await run(process.execPath, args, { cwd: project }).then(
          ({ stdout }) => stdout,
          (error: { stdout: string }) => error.stdout,
        );
        expect(outcome).toBe('');
      },
      COMPILE_TIMEOUT_MS,
    );
  });
});
