/**
 * A full-text index of all text files under a folder, made three times: by a pipeline, by a pool of workers whose
 * results the host merges, and on one thread. All three must end up with the same index.
 *
 *     npm start
 *     npm start -- <folder> --threads <N>
 */
import { listFiles, readText } from './files.js';
import { measure, type Run } from './measure.js';
import { openOneThread } from './one-thread.js';
import { type Options, readOptions, USAGE, UsageError } from './options.js';
import { openPipeline } from './pipeline.js';
import { openPool } from './pool.js';
import { differences, report } from './report.js';

const main = async ({ folder, threads }: Options): Promise<void> => {
  const files = listFiles(folder);
  console.log(`indexing ${files.length} files under ${folder} with ${threads} workers`);
  // No way shall pay for the others' disk.
  for (const { path } of files) warm(path);
  // The plainest way comes last: what the others have made warm, in the engine and on disk, is to its favour.
  const runs: Run[] = [];
  for (const open of [openPipeline, openPool, openOneThread]) runs.push(await measure(await open(threads, files)));
  console.log(report(runs));
  const different = differences(runs);
  if (different.length === 0) return;
  console.error(`${runs.map(({ name }) => name).join(', ')} differ:\n${different.join('\n')}`);
  process.exitCode = 1;
};

const warm = (path: string): void => {
  try {
    readText(path);
  } catch {
    // Those who index it will say so.
  }
};

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nusage: ${USAGE}`);
  process.exitCode = 2;
}
