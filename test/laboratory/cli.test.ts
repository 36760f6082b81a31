/** The command, as it is built, in processes of its own. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bench/laboratory/main.js';
import type { LaboratoryRun } from '../../bench/laboratory/results.js';
import { runProgram } from '../examples/program.js';

const heddle = (...args: string[]) => runProgram('dist/cli.js', ...args);

const SHORT = ['--duration', '10', '--rounds', '1', '--payload', 'pair', '--placement', 'worker-worker'];
const RIVALS = pathToFileURL('.build/test/programs/rivals.js').href;

describe('heddle', () => {
  it('says what there is', async () => {
    expect(await heddle('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('heddle bench') });
  });

  it.each([[[]], [['bend']]])('refuses %j with the exit code 2, and says what there is', async (args) => {
    const { code, stderr } = await heddle(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('usage: heddle bench');
  });
});

describe('heddle bench', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A file that makes a rival. */
  const writeRival = async (name: string, facts: string): Promise<string> => {
    const file = at(`${name}.mjs`);
    await writeFile(file, `import { makeRival } from '${RIVALS}';\nexport default makeRival('${name}', ${facts});\n`);
    return file;
  };

  it('says what options there are', async () => {
    const { code, stdout } = await heddle('bench', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--compare FILE');
  });

  it('refuses what there is not with the exit code 2', async () => {
    const { code, stdout, stderr } = await heddle('bench', 'speed');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bench takes some of latency');
  });

  it.each([
    [['--rate', 'fast'], '--rate takes a whole number'],
    [['--rivals', 'akka'], '--rivals takes some of heddle, by hand, postMessage'],
    [['--rival', 'missing.mjs'], '--rival missing.mjs cannot be imported'],
    [['--rival', '.build/bench/laboratory/units.js'], 'has no adapter as its default export'],
    [['--compare', 'missing.json'], '--compare missing.json cannot be read'],
  ])('refuses %j before it measures anything', async (args, sentence) => {
    const written: string[] = [];
    const out = { isTTY: false, columns: 80, write: (text: string) => written.push(text) > 0 };
    expect(await main(args, { stdout: out, stderr: out })).toBe(2);
    expect(written).toEqual([expect.stringContaining(sentence)]);
  });

  it('measures, prints tables, writes files, and finds out what has become worse', async () => {
    const json = at('run.json');
    const rival = await writeRival('friend', '{}');
    const missing = await writeRival('stranger', "{ probe: () => Promise.resolve({ missing: 'never came' }) }");
    const args = ['bench', 'latency', ...SHORT, '--wait', 'parked', '--rivals', 'none', '--rival', rival];
    const first = await heddle(...args, '--rival', missing, '--json', json, '--html', at('run.html'));
    expect(first).toMatchObject({ code: 0, stderr: 'latency, worker-worker, pair\n' });
    expect(first.stdout).toMatch(/^heddle +worker-worker +pair +parked /m);
    expect(first.stdout).toMatch(/^friend +worker-worker +pair +parked +50 ns /m);
    expect(first.stdout).toContain('stranger did not take part: never came');
    expect(await readFile(at('run.html'), 'utf8')).toContain('heddle');

    const run = JSON.parse(await readFile(json, 'utf8')) as LaboratoryRun;
    expect(run).toMatchObject({
      format: 'heddle-laboratory',
      version: 1,
      machine: { node: process.versions.node, versions: { friend: '7' } },
      absent: [{ contestant: 'stranger', reason: 'never came' }],
    });
    expect(run.machine.versions).toHaveProperty('heddle');
    expect(run.command).toMatch(/^heddle bench latency --duration 10 /);

    // As if heddle had been as fast as light, and the other one as it is.
    const before = {
      ...run,
      measurements: run.measurements.map((one) => (one.contestant === 'heddle' ? { ...one, samples: [1] } : one)),
    };
    await writeFile(json, JSON.stringify(before));
    const second = await heddle(...args, '--compare', json);
    expect(second.code).toBe(3);
    expect(second.stdout).toMatch(/^latency: round trip, heddle, .*worse/m);
    expect(second.stderr).toContain(`worse than in ${json}:\nlatency: round trip, heddle, `);
    expect(second.stderr).not.toContain('friend');
  });

  it('ends with the exit code 1 if a result is wrong, and says whose', async () => {
    const rival = await writeRival('liar', '{ isWrong: true }');
    const { code, stderr } = await heddle(
      'bench',
      'latency',
      ...SHORT,
      '--wait',
      'parked',
      '--rivals',
      'none',
      '--rival',
      rival,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('liar, parked: wrong result: the sum is 1 and should be 2');
  });
});
