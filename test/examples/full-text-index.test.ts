/** The main job on a small folder: what it finds, what it leaves out, and what it refuses. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { showLive } from '../../examples/full-text-index/live.js';
import type { Way } from '../../examples/full-text-index/way.js';
import { type Outcome, runProgram } from './program.js';
import { refusesWithUsage } from './usage.js';

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
      // All are in one batch, whose terms go to every shard; the live line needs a terminal.
      expect(outcome.stdout).toMatch(/^heddle: .*\bRead 1 \(\d+\/s\), .*\d+ under way$/m);
      expect(outcome.stdout).not.toContain('\r');
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

  refusesWithUsage(MAIN, 'npm start --');
});

describe('the live line', () => {
  const stages = { files: { taken: 0, emitted: 30 }, Read: { taken: 20, emitted: 7 }, idle: { taken: 0, emitted: 0 } };
  const way = { name: 'heddle', counters: () => ({ stages, underWay: 10 }) } as unknown as Way;
  const CLEAR = '\r\x1b[K';
  const LINE = /heddle: files 30 \(\d+\/s\), Read 20 \(\d+\/s\), 10 under way/;

  /** What is written while time goes by, and then at the end. */
  const written = (shown: Way, isTTY: boolean, columns: number): { during: string[]; end: string } => {
    vi.useFakeTimers();
    try {
      const texts: string[] = [];
      const end = showLive(shown, { isTTY, columns, write: (text: unknown) => texts.push(text as string) > 0 });
      vi.advanceTimersByTime(1_000);
      const during = texts.splice(0);
      end();
      vi.advanceTimersByTime(1_000);
      return { during, end: texts.join('') };
    } finally {
      vi.useRealTimers();
    }
  };

  it('is rewritten on a terminal, never longer than that is wide, and stays at the end', () => {
    const { during, end } = written(way, true, 20);
    expect(during.length).toBeGreaterThan(2);
    for (const text of during) {
      expect(text.startsWith(`${CLEAR}heddle: files 30 (`)).toBe(true);
      expect(text).toHaveLength(CLEAR.length + 19);
    }
    expect(end.startsWith(CLEAR)).toBe(true);
    expect(end).toMatch(LINE);
    expect(end.endsWith('under way\n')).toBe(true);
  });

  it('is written once elsewhere', () => {
    const { during, end } = written(way, false, 80);
    expect(during).toEqual([]);
    expect(end).toMatch(LINE);
  });

  it('leaves nothing behind of a way that has no counters', () => {
    const bare = { name: 'piscina' } as Way;
    expect(written(bare, true, 80)).toMatchObject({ end: CLEAR });
    expect(written(bare, false, 80)).toEqual({ during: [], end: '' });
  });
});
