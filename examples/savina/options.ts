/** What stands behind the name of the program on the command line. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PROGRAMS } from './index.js';
import type { Program, Size } from './program.js';

export const USAGE =
  'node .build/examples/savina/main.js [program...] [--faithful | --quick] [--threads N] [--rounds N]';

const THREADS_MAX = 250;
const ROUNDS_DEFAULT = 3;
const ROUNDS_MAX = 1_000;

export interface Options {
  readonly programs: readonly Program[];
  readonly size: Size;
  /** 0: everything on the main thread. */
  readonly threads: number;
  /** Runs of each program that are measured. */
  readonly rounds: number;
}

/** What the user got wrong. */
export class UsageError extends Error {}

/** @throws UsageError */
export const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parse(args);
  if (values.faithful === true && values.quick === true) throw new UsageError('one size at a time');
  return {
    programs: positionals.length === 0 ? PROGRAMS : positionals.map(find),
    size: values.faithful === true ? 'faithful' : values.quick === true ? 'quick' : 'usual',
    threads: integer('--threads', values.threads, availableParallelism(), 0, THREADS_MAX),
    rounds: integer('--rounds', values.rounds, ROUNDS_DEFAULT, 1, ROUNDS_MAX),
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        faithful: { type: 'boolean' },
        quick: { type: 'boolean' },
        threads: { type: 'string' },
        rounds: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const find = (name: string): Program => {
  const program = PROGRAMS.find((candidate) => candidate.name === name);
  if (program !== undefined) return program;
  throw new UsageError(`there is no program ${name}; there are: ${PROGRAMS.map(({ name }) => name).join(', ')}`);
};

const integer = (name: string, given: string | undefined, otherwise: number, least: number, most: number): number => {
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${name} takes a number from ${least} to ${most}, got ${given}`);
};
