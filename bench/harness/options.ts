/** What the command line says. */
import { parseArgs } from 'node:util';

const ROUNDS_DEFAULT = 7;
const ROUNDS_QUICK = 3;

export interface BenchOptions {
  readonly json: string | undefined;
  /** Names of workloads; empty: all. */
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
}

const USAGE = `usage: npm run bench -- [--only NAME[,NAME...]] [--json FILE] [--rounds N] [--quick]

  --only NAMES   runs these workloads: W2, or W4-c64, or W3a,idle
  --json FILE    also writes the samples to a file
  --rounds N     samples of each system, an odd number (default ${ROUNDS_DEFAULT}; quick: ${ROUNDS_QUICK})
  --quick        short runs, to see that everything works; the figures mean little`;

/** An option that makes no sense; its message says what there is. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\n\n${USAGE}`);
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

const parseRounds = (given: string): number => {
  const rounds = Number(given);
  if (Number.isInteger(rounds) && rounds > 0 && rounds % 2 === 1) return rounds;
  throw new UsageError(`--rounds is an odd number, not ${JSON.stringify(given)}`);
};

/** @throws UsageError */
export const readOptions = (args: readonly string[]): BenchOptions => {
  const { json, only, quick, rounds } = parse(args);
  return {
    json,
    only: only.flatMap((names) => names.split(',')).filter((name) => name !== ''),
    quick,
    rounds: rounds === undefined ? (quick ? ROUNDS_QUICK : ROUNDS_DEFAULT) : parseRounds(rounds),
  };
};
