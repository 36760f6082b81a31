/**
 * Hashes and compresses every file under a folder: by a pipeline on all workers, then one after the other. Both must come
 * to the same, and what was compressed must be what it was. Results stay in memory until they are compared.
 *
 *     node .build/examples/parallel-gzip/main.js
 *     node .build/examples/parallel-gzip/main.js <folder> --threads <N>
 */
import { gunzipSync } from 'node:zlib';
import { createSystem, pipeline, text } from 'heddle';
import { Compress, compress, type Packed, sha256 } from './compress.js';
import { listFiles, type Options, readOptions, USAGE, UsageError } from './options.js';

interface Outcome {
  readonly packed: ReadonlyMap<string, Packed>;
  readonly failed: number;
  readonly seconds: number;
}

const inParallel = async (files: readonly string[], threads: number): Promise<Outcome> => {
  await using system = await createSystem({ threads });
  const flow = pipeline('gzip');
  // A file that cannot be read is counted, and the others go on.
  const work = flow.stage(Compress, undefined, { parallel: threads, onError: 'skip' });
  const began = performance.now();
  const job = await flow.run(system, { output: flow.from(files, text).to(work).out });
  const packed = new Map<string, Packed>();
  for await (const one of job.output) packed.set(one.path, one);
  const seconds = (performance.now() - began) / 1000;
  const { stages } = await job.done;
  return { packed, failed: stages['Compress']!.failed, seconds };
};

const oneByOne = (files: readonly string[]): Outcome => {
  const packed = new Map<string, Packed>();
  let failed = 0;
  const began = performance.now();
  for (const path of files) {
    try {
      packed.set(path, compress(path));
    } catch {
      failed++;
    }
  }
  return { packed, failed, seconds: (performance.now() - began) / 1000 };
};

/** The files of which both do not come to the same, or that cannot be had back. */
const differences = (one: Outcome, other: Outcome): string[] =>
  [...new Set([...one.packed.keys(), ...other.packed.keys()])].filter((path) => {
    const [a, b] = [one.packed.get(path), other.packed.get(path)];
    if (a === undefined || b === undefined || a.sha256 !== b.sha256) return true;
    return Buffer.compare(a.gzip, b.gzip) !== 0 || sha256(gunzipSync(a.gzip)) !== b.sha256;
  });

const megabytes = (packed: Iterable<Packed>, size: (one: Packed) => number): string =>
  `${([...packed].reduce((sum, one) => sum + size(one), 0) / 1e6).toFixed(1)} MB`;

const main = async ({ folder, threads }: Options): Promise<void> => {
  const files = listFiles(folder);
  console.log(`compressing ${files.length} files under ${folder} with ${threads} workers`);
  // Neither shall pay for the other's disk, so one that does not count comes first.
  oneByOne(files);
  const parallel = await inParallel(files, threads);
  const sequential = oneByOne(files);
  const { packed, failed } = parallel;
  const values = [...packed.values()];
  console.log(`files       ${values.length} compressed, ${failed} unreadable`);
  console.log(
    `size        ${megabytes(values, (one) => one.bytes)}, now ${megabytes(values, (one) => one.gzip.length)}`,
  );
  console.log(`pipeline    ${parallel.seconds.toFixed(2)} s`);
  console.log(`one by one  ${sequential.seconds.toFixed(2)} s`);
  console.log(`ratio       ${(sequential.seconds / parallel.seconds).toFixed(2)}`);
  const different = differences(parallel, sequential);
  if (different.length === 0 && failed === sequential.failed) {
    console.log('both are the same, and every file can be had back');
    return;
  }
  console.error(`they differ: ${failed} and ${sequential.failed} unreadable; ${different.join(', ')}`);
  process.exitCode = 1;
};

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nusage: ${USAGE}`);
  process.exitCode = 2;
}
