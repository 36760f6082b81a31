/** What stands behind `npm start --`. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const USAGE = 'npm start -- [folder] [--threads N]';

const THREADS_MAX = 250;

export interface Options {
  readonly folder: string;
  /** Workers of heddle, and of piscina; the host only sends paths and draws. */
  readonly threads: number;
}

/** What the user got wrong. */
export class UsageError extends Error {}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** @throws UsageError */
export const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parse(args);
  const [folder = '.', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one folder at a time, got also: ${rest.join(' ')}`);
  if (!isFolder(folder)) throw new UsageError(`there is no folder ${folder}`);
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) {
    throw new UsageError(`--threads takes a number from 1 to ${THREADS_MAX}, got ${values.threads}`);
  }
  return { folder, threads };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { threads: { type: 'string' } } });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};
