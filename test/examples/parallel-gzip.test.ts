/** Parallel hashing and gzip: it finds every file, comes to the same as one by one, and says what cannot be read. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, runProgram } from './program.js';
import { refusesWithUsage } from './usage.js';

const MAIN = '.build/examples/parallel-gzip/main.js';
/** The superuser may read everything. */
const isRoot = process.getuid?.() === 0;

/** The rest of the line that begins with a label. */
const read = ({ stdout }: Outcome, label: string): string | undefined =>
  stdout.match(new RegExp(`^${label} +(.*)$`, 'm'))?.[1];

describe('parallel gzip', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-gzip-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([1, 3])('comes to the same as one by one, with %i threads', async (threads) => {
    for (const skipped of ['.git', 'node_modules']) {
      mkdirSync(join(folder, skipped));
      writeFileSync(join(folder, skipped, 'hidden'), 'hidden');
    }
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(
      join(folder, 'deep', 'er', 'binary'),
      Uint8Array.from({ length: 256 }, (_, at) => at),
    );
    writeFileSync(join(folder, 'large'), 'warp and weft\n'.repeat(500_000));
    for (let n = 0; n < 300; n++) writeFileSync(join(folder, 'deep', `${n}`), `${n}`);
    symlinkSync(folder, join(folder, 'deep', 'link'));
    writeFileSync(join(folder, 'locked'), 'nobody reads this');
    chmodSync(join(folder, 'locked'), 0);

    const outcome = await runProgram(MAIN, folder, '--threads', `${threads}`);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(read(outcome, 'files')).toBe(isRoot ? '304 compressed, 0 unreadable' : '303 compressed, 1 unreadable');
    expect(read(outcome, 'size')).toMatch(/^7\.0 MB, now 0\.0 MB$/);
    for (const label of ['pipeline', 'one by one']) expect(read(outcome, label)).toMatch(/^\d+\.\d\d s$/);
    expect(read(outcome, 'ratio')).toMatch(/^\d+\.\d\d$/);
    expect(outcome.stdout).toMatch(/^both are the same, and every file can be had back$/m);
  });

  it('has nothing to do in a folder without files', async () => {
    const outcome = await runProgram(MAIN, folder, '--threads', '1');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(read(outcome, 'files')).toBe('0 compressed, 0 unreadable');
  });

  refusesWithUsage(MAIN, 'node .build/examples/parallel-gzip/main.js');
});
