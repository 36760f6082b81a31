/** What stands behind `main.js`, and the files that it means. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = 'node .build/examples/parallel-gzip/main.js [folder] [--threads N]';

const THREADS_MAX = 250;
/** Neither is a source of this repository. */
const SKIPPED_FOLDERS = new Set(['.git', 'node_modules']);

export interface Options {
  readonly folder: string;
  readonly threads: number;
}

/** What the user got wrong. */
export class UsageError extends Error {}

/** @throws UsageError */
export const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parse(args);
  const [folder = '.', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one folder at a time, got also: ${rest.join(' ')}`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`there is no folder ${folder}`);
  }
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads);
  if (Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX) return { folder, threads };
  throw new UsageError(`--threads takes a number from 1 to ${THREADS_MAX}, got ${values.threads}`);
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { threads: { type: 'string' } } });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

function* walk(folder: string): Generator<{ readonly path: string; readonly bytes: number }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield { path, bytes: lstatSync(path).size };
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* walk(path);
  }
}

/** All files under a folder, the largest first: what is left for the end is small, so that all workers end together. */
export const listFiles = (folder: string): string[] =>
  [...walk(folder)].sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1)).map(({ path }) => path);
