/** What stands behind `main.js`. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const USAGE = 'node .build/examples/http-service/main.js [--seconds N] [--connections N] [--threads N]';

export interface Options {
  /** How long is measured, all ways and rounds together. */
  readonly seconds: number;
  /** Clients that ask for work, each one thing after the other. */
  readonly connections: number;
  /** Workers of heddle, and of piscina. By default there are enough to keep every core busy. */
  readonly threads: number;
}

/** What the user got wrong. */
export class UsageError extends Error {}

const SECONDS_DEFAULT = 15;
const CONNECTIONS_DEFAULT = 16;

/** The largest of each. */
const MOST: Options = { seconds: 3_600, connections: 1_000, threads: 250 };

/** @throws UsageError */
export const readOptions = (args: readonly string[]): Options => {
  const values = parse(args);
  const read = (name: keyof Options, byDefault: number): number => {
    const given = values[name];
    const value = given === undefined ? byDefault : Number(given);
    if (Number.isInteger(value) && value >= 1 && value <= MOST[name]) return value;
    throw new UsageError(`--${name} takes a number from 1 to ${MOST[name]}, got ${given}`);
  };
  return {
    seconds: read('seconds', SECONDS_DEFAULT),
    connections: read('connections', CONNECTIONS_DEFAULT),
    threads: read('threads', availableParallelism()),
  };
};

const parse = (args: readonly string[]) => {
  try {
    const type = 'string';
    return parseArgs({ args: [...args], options: { seconds: { type }, connections: { type }, threads: { type } } })
      .values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};
