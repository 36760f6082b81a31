import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesTable, compare, readRun, regressions } from '../../bench/laboratory/compare.js';
import { measurement, runOf } from './runs.js';

const verdict = (before: readonly number[], after: readonly number[], better: 'less' | 'more') =>
  compare(runOf(measurement(before, { better })), runOf(measurement(after, { better })))[0]!.verdict;

describe('a comparison', () => {
  it.each([
    ['a rate that falls', [100, 101, 99], [70, 71, 69], 'more', 'worse'],
    ['a rate that rises', [70, 71, 69], [100, 101, 99], 'more', 'better'],
    ['a time that grows', [70, 71, 69], [100, 101, 99], 'less', 'worse'],
    ['a time that shrinks', [100, 101, 99], [70, 71, 69], 'less', 'better'],
    ['a change of a few percent', [100, 100, 100], [92, 92, 92], 'more', 'same'],
    ['a change within the spread of the samples', [100, 60, 140], [70, 69, 71], 'more', 'same'],
    ['nothing that becomes something', [0, 0, 0], [5, 5, 5], 'less', 'worse'],
    ['nothing that stays nothing', [0, 0, 0], [0, 0, 0], 'less', 'same'],
  ] as const)('calls %s: %j, %j, %s is better: %s', (_, before, after, better, expected) => {
    expect(verdict(before, after, better)).toBe(expected);
  });

  it('is of what both runs have measured in the same situation', () => {
    const other = { conditions: { payload: 'order' } };
    const before = runOf(measurement([1]), measurement([1], { contestant: 'piscina' }));
    const now = runOf(measurement([1]), measurement([1], other), measurement([1], { scenario: 'calls' }));
    expect(compare(before, now).map((change) => change.measurement)).toEqual([now.measurements[0]]);
    expect(changesTable([])).toBe('nothing that the earlier run has measured too');
  });

  it('names what is worse', () => {
    const before = runOf(measurement([100]), measurement([100], { contestant: 'nact' }));
    const changes = compare(before, runOf(measurement([50]), measurement([200], { contestant: 'nact' })));
    expect(regressions(changes)).toEqual(['throughput: one way, heddle, payload pair: -100 %']);
    expect(changesTable(changes).split('\n')).toEqual([
      expect.stringMatching(/^measured +is +before +now +change +noise$/),
      expect.stringMatching(/^throughput: one way, heddle, payload pair +worse +100 M messages\/s +50 .+-100 % +10 %$/),
      expect.stringMatching(/^throughput: one way, nact, payload pair +better +100 M messages\/s +200 .+100 % +10 %$/),
    ]);
  });
});

describe('an earlier run', () => {
  let folder: string;
  const write = async (text: string): Promise<string> => {
    const file = join(folder, 'run.json');
    await writeFile(file, text);
    return file;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is what --json has written', async () => {
    const run = runOf(measurement([1]));
    expect(await readRun(await write(JSON.stringify(run)))).toEqual(run);
  });

  it.each(['', '{', 'null', '[]', '{"format":"heddle-laboratory","version":2}'])('is not %j', async (text) => {
    await expect(readRun(await write(text))).rejects.toThrow('--compare');
  });

  it('is a file that there is', async () => {
    await expect(readRun(join(folder, 'missing'))).rejects.toThrow('cannot be read: ENOENT');
  });
});
