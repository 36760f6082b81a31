// Runs what is built on every supported line of Node, one after the other, and prints a line for each; what vitest says
// only if something fails there. Arguments go to vitest: `npm run test:matrix -- test/system`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LINES = [20, 22, 24, 26];
const SUMMARY = fileURLToPath(new URL('summary.mjs', import.meta.url));

// A shell finds npx where it is a command file (Windows); what fails says as much as it likes.
const OPTIONS = { encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: Number.POSITIVE_INFINITY };

const testOn = (line, report) => {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'];
  const args = ['--yes', `--package=node@${line}`, '--', 'node', ...vitest, `--outputFile.json=${report}`];
  return spawnSync('npx', [...args, ...process.argv.slice(2)], OPTIONS);
};

const folder = mkdtempSync(join(tmpdir(), 'heddle-matrix-'));
for (const line of LINES) {
  const report = join(folder, `${line}.json`);
  writeFileSync(report, '');
  const { status, stdout, stderr } = testOn(line, report);
  const summary = spawnSync(process.execPath, [SUMMARY, report, `${status}`], OPTIONS);
  if (status !== 0) {
    console.log(stdout, stderr);
    process.exitCode = 1;
  }
  console.log(`Node ${line}: ${summary.stdout.trim()}`);
}
rmSync(folder, { recursive: true });
