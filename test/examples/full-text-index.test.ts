/** The main job on a small folder: what it finds, what it leaves out, and what it refuses. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runProgram } from './program.js';

const MAIN = '.build/examples/full-text-index/main.js';
/** The superuser may read everything. */
const isRoot = process.getuid?.() === 0;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-index-'));
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'config'), 'hidden');
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'one.txt'), 'Warp and weft, WARP and weft: warp!');
  writeFileSync(join(folder, 'deep', 'er', 'unicode.txt'), 'Ünïcode ΛΌΓΟΣ 日本 straße 𐐀𐐨 ünïcode');
  writeFileSync(join(folder, 'deep', 'binary.dat'), Uint8Array.of(77, 0, 77));
  writeFileSync(join(folder, 'deep', 'broken.txt'), Uint8Array.of(0x61, 0xff, 0x62));
  writeFileSync(join(folder, 'locked.txt'), 'nobody reads this');
  chmodSync(join(folder, 'locked.txt'), 0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rest of the line that begins with a label. */
const read = ({ stdout }: Outcome, label: string): string | undefined =>
  stdout.match(new RegExp(`^${label} +(.*)$`, 'm'))?.[1];

describe('the main job', () => {
  it('indexes a folder by all three ways alike, whatever the number of threads', async () => {
    const outcomes = await Promise.all([1, 3].map((threads) => runProgram(MAIN, folder, '--threads', `${threads}`)));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      // warp and weft | ünïcode λόγος 日本 straße 𐐨 (lower case of 𐐀𐐨) | a b
      expect(read(outcome, 'tokens')).toBe(isRoot ? '18' : '15');
      expect(read(outcome, 'terms')).toBe(isRoot ? '13' : '10');
      expect(read(outcome, 'files')).toMatch(isRoot ? /^5 indexed, 1 binary, 0 unr/ : /^4 indexed, 1 binary, 1 unr/);
      if (!isRoot) expect(read(outcome, 'files')).toContain('locked.txt: EACCES');
      expect(read(outcome, 'top terms')).toMatch(/^warp 3, and 2, weft 2, ünïcode 2, /);
      expect(outcome.stdout).toMatch(/heddle +piscina +one thread$/m);
    }
    expect(read(outcomes[0]!, 'checksum')).toMatch(/^[0-9a-f]{8}$/);
    expect(read(outcomes[1]!, 'checksum')).toBe(read(outcomes[0]!, 'checksum'));
  });

  it('indexes a folder without files', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'heddle-empty-'));
    const outcome = await runProgram(MAIN, empty, '--threads', '1');
    rmSync(empty, { recursive: true });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(read(outcome, 'files')).toBe('0 indexed, 0 binary, 0 unreadable');
  });

  it.each([
    [['no/such/folder'], 'there is no folder no/such/folder'],
    [['package.json'], 'there is no folder package.json'],
    [['.', 'src'], 'one folder at a time, got also: src'],
    [['--threads', '0'], '--threads takes a number from 1 to 250, got 0'],
    [['--threads', 'many'], '--threads takes a number from 1 to 250, got many'],
    [['--speed'], "Unknown option '--speed'"],
  ])('refuses %j with a usage', async (args, message) => {
    const outcome = await runProgram(MAIN, ...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain('usage: npm start -- [folder] [--threads N]');
  });
});
