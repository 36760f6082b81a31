/** What `createSystem` takes, checked all at once. */
import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';
import {
  CALL_TIMEOUT_MS_DEFAULT,
  IMPORT_TIMEOUT_MS_DEFAULT,
  MAILBOX_DEFAULT,
  MAILBOX_MAX,
  OUTBOX_BYTES_DEFAULT,
  OUTBOX_BYTES_MAX,
  OUTBOX_BYTES_MIN,
  RING_BYTES_DEFAULT,
  RING_BYTES_MAX,
  RING_BYTES_MIN,
  RINGS_BYTES_TOTAL,
  SHARED_BYTES_MAX,
  SPIN_MICROS_DEFAULT,
  SPIN_MICROS_MAX,
  THREADS_MAX,
  TIMEOUT_MS_MAX,
} from '../base/limits.js';
import { MeshLayout } from '../mesh/layout.js';
import type { Park } from '../runtime/driver.js';

export interface SystemOptions {
  /**
   * Worker threads, 0 to 250. Default: one fewer than the processor has cores, at least 1, because the host is a
   * thread of the system too and needs a core of its own. 0 runs everything on the host.
   */
  readonly threads?: number;
  /** Room of the ring from one thread to another in bytes: a power of two, 4 KiB to 32 MiB. Default 256 KiB. */
  readonly ringBytes?: number;
  /** Messages that may wait in one actor's mailbox, 1 to 2^30. Default 65,536. */
  readonly mailboxLimit?: number;
  /**
   * Bytes that a thread keeps for another whose ring is full, 64 KiB to 1 GiB; also the size of the largest message.
   * Default 128 MiB.
   */
  readonly outboxBytes?: number;
  /** Longest spin of a thread with nothing to do, in microseconds, 0 to 1,000,000. Default 100. */
  readonly spinMicros?: number;
  /** How a worker with nothing to do sleeps. Default `event-loop`. */
  readonly park?: Park;
  /**
   * For tests: refuses fields that are not declared, sends messages through the codec also when they stay on the
   * thread, freezes plain objects and arrays, and overwrites views when their handler has returned. Default false.
   */
  readonly strict?: boolean;
  /** Whether the system keeps the process alive until `shutdown`. Default true. */
  readonly keepAlive?: boolean;
  /** Modules that every worker imports first: absolute URLs or paths, or package names. Default none. */
  readonly workerImports?: readonly string[];
  /** How long a call waits for its reply, in ms, if it does not say. Default 5,000. */
  readonly callTimeoutMs?: number;
  /** How long a worker may take to import the module of a definition, in ms. Default 10,000. */
  readonly importTimeoutMs?: number;
  /** Passed on to the workers (`worker_threads`). */
  readonly resourceLimits?: ResourceLimits;
  /** Passed on to the workers (`worker_threads`). Default: a copy of the host's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Passed on to the workers (`worker_threads`). Default: the host's. */
  readonly execArgv?: readonly string[];
}

export type CheckedOptions = Required<Omit<SystemOptions, 'resourceLimits' | 'env' | 'execArgv'>> &
  Pick<SystemOptions, 'resourceLimits' | 'env' | 'execArgv'>;

const KNOWN: ReadonlySet<string> = new Set<keyof SystemOptions>([
  'threads',
  'ringBytes',
  'mailboxLimit',
  'outboxBytes',
  'spinMicros',
  'park',
  'strict',
  'keepAlive',
  'workerImports',
  'callTimeoutMs',
  'importTimeoutMs',
  'resourceLimits',
  'env',
  'execArgv',
]);

const integer = (name: keyof SystemOptions, value: unknown, least: number, most: number): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidOptions(`${name} is an integer from ${least} to ${most}`, { got: describe(value) });
};

const milliseconds = (name: keyof SystemOptions, value: unknown): number => {
  if (typeof value === 'number' && value >= 0 && value <= TIMEOUT_MS_MAX) return value;
  throw new InvalidOptions(`${name} is a number of milliseconds from 0 to ${TIMEOUT_MS_MAX}`, { got: describe(value) });
};

const boolean = (name: keyof SystemOptions, value: unknown): boolean => {
  if (typeof value === 'boolean') return value;
  throw new InvalidOptions(`${name} is true or false`, { got: describe(value) });
};

const checkPark = (value: unknown): Park => {
  if (value === 'event-loop' || value === 'block') return value;
  throw new InvalidOptions("park is 'event-loop' or 'block'", { got: describe(value) });
};

const checkTexts = (name: keyof SystemOptions, value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return [...value];
  throw new InvalidOptions(`${name} is an array of strings`, { got: describe(value) });
};

const checkRing = (value: unknown): number => {
  const bytes = integer('ringBytes', value, RING_BYTES_MIN, RING_BYTES_MAX);
  if ((bytes & (bytes - 1)) === 0) return bytes;
  throw new InvalidOptions('ringBytes is a power of two', { got: bytes });
};

/** The largest ring, up to the default, with which all of them together stay within bounds. */
const defaultRing = (threads: number): number => {
  let bytes = RING_BYTES_DEFAULT;
  while (bytes > RING_BYTES_MIN && (threads + 1) ** 2 * bytes > RINGS_BYTES_TOTAL) bytes /= 2;
  return bytes;
};

/** @throws InvalidOptions */
export const checkOptions = (given: SystemOptions = {}): CheckedOptions => {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptions('createSystem takes an object of options', { got: describe(given) });
  }
  const unknown = Object.keys(given).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    throw new InvalidOptions(`there is no option ${JSON.stringify(unknown)}`, { known: [...KNOWN].join() });
  }
  const threads = integer('threads', given.threads ?? Math.max(1, availableParallelism() - 1), 0, THREADS_MAX);
  const ringBytes = checkRing(given.ringBytes ?? defaultRing(threads));
  const { totalBytes } = new MeshLayout({ workers: threads, ringBytes });
  if (totalBytes > SHARED_BYTES_MAX) {
    throw new InvalidOptions(
      'so many threads with rings of that size need more shared memory than one system can have',
      {
        threads,
        ringBytes,
        bytes: totalBytes,
        bytesMax: SHARED_BYTES_MAX,
      },
    );
  }
  return {
    threads,
    ringBytes,
    mailboxLimit: integer('mailboxLimit', given.mailboxLimit ?? MAILBOX_DEFAULT, 1, MAILBOX_MAX),
    outboxBytes: integer('outboxBytes', given.outboxBytes ?? OUTBOX_BYTES_DEFAULT, OUTBOX_BYTES_MIN, OUTBOX_BYTES_MAX),
    spinMicros: integer('spinMicros', given.spinMicros ?? SPIN_MICROS_DEFAULT, 0, SPIN_MICROS_MAX),
    park: checkPark(given.park ?? 'event-loop'),
    strict: boolean('strict', given.strict ?? false),
    keepAlive: boolean('keepAlive', given.keepAlive ?? true),
    workerImports: checkTexts('workerImports', given.workerImports ?? []),
    callTimeoutMs: milliseconds('callTimeoutMs', given.callTimeoutMs ?? CALL_TIMEOUT_MS_DEFAULT),
    importTimeoutMs: milliseconds('importTimeoutMs', given.importTimeoutMs ?? IMPORT_TIMEOUT_MS_DEFAULT),
    ...(given.resourceLimits === undefined ? {} : { resourceLimits: given.resourceLimits }),
    ...(given.env === undefined ? {} : { env: given.env }),
    ...(given.execArgv === undefined ? {} : { execArgv: checkTexts('execArgv', given.execArgv) }),
  };
};
