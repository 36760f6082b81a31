/** What the command line says. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Payload, PLACEMENTS, type Placement, WAITS, type Wait } from './adapter.js';
import { EXPERIMENTS, type Experiment } from './results.js';
import { MS_PER_SECOND } from './units.js';

const BYTES_DEFAULT = 1_024;
const BYTES_MAX = 2 ** 20;
const IDLE_MS_DEFAULT = 5;
const IN_FLIGHT_MAX = 256;
const PAIRS_MAX = 64;
const RATE_MAX = 10_000_000;
const THREADS_MAX = 128;
const ACTORS_MAX = 1_000_000;
const ROUNDS_DEFAULT = 3;
const ROUNDS_MAX = 101;
const DURATION_MS_DEFAULT = 120;
const DURATION_MS_MAX = 60_000;
const IDLE_MS_MAX = 10_000;
/** Messages of a sample at a fixed rate: each is noted, and all may have to wait. */
const PACED_MAX = 4_000_000;

export const PAYLOAD_KINDS = ['pair', 'order', 'bytes'] as const;

/** Without a word: a bit of everything, in less than two minutes. */
const USUAL: readonly Experiment[] = ['latency', 'throughput', 'scaling', 'idle'];
const RATES_USUAL = [10_000];
const RATES_ALL = [1_000, 10_000, 100_000];
const ACTORS_USUAL = 10_000;

export const USAGE = `usage: heddle bench [${EXPERIMENTS.join(' | ')} | all] [options]

Measures heddle beside what else there is, on this machine. Without an experiment: a selection of ${USUAL.join(', ')} that takes
less than two minutes.

  --wait NAMES        how threads wait: ${WAITS.join(', ')}
  --placement NAMES   sender and receiver: ${PLACEMENTS.join(', ')}
  --payload NAMES     what messages carry: ${PAYLOAD_KINDS.join(', ')}
  --size BYTES        of the payload \`bytes\`, 1 to ${BYTES_MAX} (default ${BYTES_DEFAULT})
  --rate NUMBERS      messages a second, 1 to ${RATE_MAX}
  --in-flight NUMBERS requests at a time, 1 to ${IN_FLIGHT_MAX} (default 1,64)
  --idle MS           pause before a lone message, 1 to ${IDLE_MS_MAX} (default ${IDLE_MS_DEFAULT})
  --pairs NUMBER      senders and receivers at once, of throughput, 1 to ${PAIRS_MAX} (default 1)
  --threads NUMBER    most threads of scaling, 1 to ${THREADS_MAX} (default: the cores)
  --actors NUMBER     most actors of scaling, 1 to ${ACTORS_MAX}
  --duration MS       of a sample, 10 to ${DURATION_MS_MAX} (default ${DURATION_MS_DEFAULT})
  --rounds NUMBER     samples of each contestant, an odd number up to ${ROUNDS_MAX} (default ${ROUNDS_DEFAULT})
  --rivals NAMES      only these beside heddle; none: heddle alone
  --rival FILE        one more contestant: a module whose default export is an adapter; may be repeated
  --json FILE         writes all that was measured
  --html FILE         writes a report with plots
  --compare FILE      compares with what an earlier --json has written; what is worse is named, and the exit code 3
  --help              says this

NAMES and NUMBERS are separated by commas.`;

/** What the user got wrong. Its message says what there is. */
export class UsageError extends Error {}

export interface LaboratoryOptions {
  readonly experiments: readonly Experiment[];
  readonly waits: readonly Wait[];
  readonly placements: readonly Placement[];
  readonly payloads: readonly Payload[];
  readonly rates: readonly number[];
  readonly inFlight: readonly number[];
  readonly idleMs: number;
  readonly pairs: number;
  readonly threads: number;
  readonly actors: number;
  readonly durationMs: number;
  readonly rounds: number;
  /** Names of contestants that come with the laboratory; undefined: all of them. */
  readonly rivals: readonly string[] | undefined;
  readonly rivalFiles: readonly string[];
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly compare: string | undefined;
}

const TEXT = { type: 'string' } as const;

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        wait: TEXT,
        placement: TEXT,
        payload: TEXT,
        size: TEXT,
        rate: TEXT,
        'in-flight': TEXT,
        idle: TEXT,
        pairs: TEXT,
        threads: TEXT,
        actors: TEXT,
        duration: TEXT,
        rounds: TEXT,
        rivals: TEXT,
        rival: { type: 'string', multiple: true, default: [] },
        json: TEXT,
        html: TEXT,
        compare: TEXT,
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const split = (given: string): readonly string[] =>
  given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const names = <T extends string>(
  option: string,
  given: string | undefined,
  known: readonly T[],
): readonly T[] | undefined => {
  if (given === undefined) return undefined;
  const parts = split(given);
  const unknown = parts.find((part) => !known.includes(part as T));
  if (parts.length > 0 && unknown === undefined) return parts as readonly string[] as readonly T[];
  throw new UsageError(`${option} takes some of ${known.join(', ')}, not ${JSON.stringify(unknown ?? given)}`);
};

const number = (option: string, text: string, least: number, most: number): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
};

const numbers = (option: string, given: string | undefined, most: number): readonly number[] | undefined => {
  if (given === undefined) return undefined;
  const parts = split(given);
  if (parts.length === 0) throw new UsageError(`${option} takes numbers, not ${JSON.stringify(given)}`);
  return parts.map((part) => number(option, part, 1, most));
};

const readExperiments = (positionals: readonly string[]): readonly Experiment[] | 'all' | undefined => {
  const [word, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one experiment at a time, got also: ${rest.join(' ')}`);
  if (word === undefined || word === 'all') return word;
  return names('bench', word, EXPERIMENTS);
};

/** @throws UsageError */
export const readOptions = (args: readonly string[]): LaboratoryOptions => {
  const { values, positionals } = parse(args);
  const asked = readExperiments(positionals);
  const usual = asked === undefined;
  const one = (option: keyof typeof values & string, standard: number, least: number, most: number): number => {
    const given = values[option] as string | undefined;
    return given === undefined ? standard : number(`--${option}`, given, least, most);
  };
  const size = one('size', BYTES_DEFAULT, 1, BYTES_MAX);
  const kinds = names('--payload', values.payload, PAYLOAD_KINDS) ?? (usual ? ['pair'] : PAYLOAD_KINDS);
  const rounds = one('rounds', ROUNDS_DEFAULT, 1, ROUNDS_MAX);
  if (rounds % 2 === 0) throw new UsageError(`--rounds takes an odd number, not ${rounds}`);
  const rates = numbers('--rate', values.rate, RATE_MAX) ?? (usual ? RATES_USUAL : RATES_ALL);
  const durationMs = one('duration', DURATION_MS_DEFAULT, 10, DURATION_MS_MAX);
  const paced = (Math.max(...rates) * durationMs) / MS_PER_SECOND;
  if (paced > PACED_MAX) {
    throw new UsageError(`--rate for --duration makes ${PACED_MAX} messages at most, not ${paced}`);
  }
  const { rivals } = values;
  return {
    experiments: usual ? USUAL : asked === 'all' ? EXPERIMENTS : asked,
    waits: names('--wait', values.wait, WAITS) ?? WAITS,
    placements: names('--placement', values.placement, PLACEMENTS) ?? (usual ? ['worker-worker'] : PLACEMENTS),
    payloads: kinds.map((kind) => (kind === 'bytes' ? { kind, size } : { kind })),
    rates,
    inFlight: numbers('--in-flight', values['in-flight'], IN_FLIGHT_MAX) ?? [1, 64],
    idleMs: one('idle', IDLE_MS_DEFAULT, 1, IDLE_MS_MAX),
    pairs: one('pairs', 1, 1, PAIRS_MAX),
    threads: one('threads', Math.min(THREADS_MAX, availableParallelism()), 1, THREADS_MAX),
    actors: one('actors', usual ? ACTORS_USUAL : ACTORS_MAX, 1, ACTORS_MAX),
    durationMs,
    rounds,
    rivals: rivals === undefined ? undefined : rivals === 'none' ? [] : split(rivals),
    rivalFiles: values.rival,
    json: values.json,
    html: values.html,
    compare: values.compare,
  };
};

export const describePayload = (payload: Payload): string =>
  payload.kind === 'bytes' ? `${payload.size} bytes` : payload.kind;
