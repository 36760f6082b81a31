// Prints the last line of `.ci/run`. Arguments: vitest's JSON report, which is empty if no test ran, and the exit code.
import { readFileSync } from 'node:fs';

const [path, exitCode] = process.argv.slice(2);
const text = readFileSync(path, 'utf8');
const { testResults: files } = text === '' ? { testResults: [] } : JSON.parse(text);

const outcomesOf = (file) => file.assertionResults.map(({ status }) => status);
const outcomes = files.flatMap(outcomesOf);
const count = (status) => outcomes.filter((other) => other === status).length;

// A file that cannot be loaded has failed without a test of its own that says so.
const broken = files.filter((file) => file.status === 'failed' && !outcomesOf(file).includes('failed')).length;
const passed = count('passed');
const failed = count('failed') + broken;
const skipped = outcomes.length - passed - count('failed');
// So has whatever else ended the run: the installation, the build, the linter, an error outside of tests, the time limit.
const shown = exitCode === '0' ? failed : Math.max(failed, 1);

console.log(`${passed} passed, ${shown} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
