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
  RESOURCE_MB_MAX,
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
import { checkMembers } from '../base/members.js';
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
  /**
   * Modules that every worker imports first: absolute URLs or paths, or package names. Each may take as long as
   * `importTimeoutMs`. Default none.
   */
  readonly workerImports?: readonly string[];
  /** How long a call waits for its reply, in ms, if it does not say. Default 5,000. */
  readonly callTimeoutMs?: number;
  /** How long a worker may take to import the module of a definition, in ms. Default 10,000. */
  readonly importTimeoutMs?: number;
  /** Whether calls carry the `traceparent` of their callers; see `withTraceparent`. Default false. */
  readonly traceContext?: boolean;
  /**
   * What watches over handlers that do not return; see `WatchdogOptions`. False: nothing does, and `budgetMs` of
   * definitions is of no effect. Default: they are counted and named, and threads are ended where a `budgetMs` says so.
   */
  readonly watchdog?: false | WatchdogOptions;
  /** Passed on to the workers (`worker_threads`). */
  readonly resourceLimits?: ResourceLimits;
  /** Passed on to the workers (`worker_threads`): texts; what is undefined is left out. Default: a copy of the host's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Passed on to the workers (`worker_threads`). Default: the host's. */
  readonly execArgv?: readonly string[];
}

/**
 * The watchdog looks every 50 ms at what each thread does. A handler that has run for 100 ms is counted (`slowHandlers`),
 * after a second it is named (`problems`: `slow-handler`). Times in which the whole process stood still do not count.
 */
export interface WatchdogOptions {
  /**
   * A worker whose handler has run this long, or that has not come back for so long from other code, is ended, with all its
   * actors, and replaced; in ms, 1 to 2^30. Never while an inspector is active. Take seconds: a thread that waits for a
   * processor looks no different. Default: none is ended, but for `budgetMs`.
   */
  readonly endAfterMs?: number;
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
  'traceContext',
  'watchdog',
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

const checkImports = (value: unknown): readonly string[] => {
  const specifiers = checkTexts('workerImports', value);
  // Relative to which file? Not to the one that the user has in mind.
  const vague = specifiers.find((specifier) => specifier === '' || /^\.\.?(\/|$)/.test(specifier));
  if (vague === undefined) return specifiers;
  throw new InvalidOptions('workerImports are absolute URLs or paths, or package names; see import.meta.resolve', {
    got: describe(vague),
  });
};

const checkEnv = (value: unknown): NodeJS.ProcessEnv => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOptions('env is an object of texts', { got: describe(value) });
  }
  const entries = Object.entries(value).filter(([, text]) => text !== undefined);
  const wrong = entries.find(([, text]) => typeof text !== 'string');
  if (wrong === undefined) return Object.fromEntries(entries);
  throw new InvalidOptions(`env.${wrong[0]} is not a text`, { got: describe(wrong[1]) });
};

const WATCHDOG: ReadonlySet<string> = new Set<keyof WatchdogOptions>(['endAfterMs']);

const checkWatchdog = (value: unknown): false | WatchdogOptions => {
  if (value === false) return false;
  checkMembers('watchdog', value, WATCHDOG);
  const { endAfterMs } = value as WatchdogOptions;
  if (endAfterMs === undefined) return {};
  if (typeof endAfterMs === 'number' && endAfterMs >= 1 && endAfterMs <= TIMEOUT_MS_MAX) return { endAfterMs };
  throw new InvalidOptions(`watchdog.endAfterMs is a number of milliseconds from 1 to ${TIMEOUT_MS_MAX}`, {
    got: describe(endAfterMs),
  });
};

const RESOURCE_LIMITS: ReadonlySet<string> = new Set<keyof ResourceLimits>([
  'maxYoungGenerationSizeMb',
  'maxOldGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
]);

const checkResourceLimits = (value: unknown): ResourceLimits => {
  checkMembers('resourceLimits', value, RESOURCE_LIMITS);
  const entries = Object.entries(value as ResourceLimits).filter(([, megabytes]) => megabytes !== undefined);
  const wrong = entries.find(([, mb]) => !(typeof mb === 'number' && mb > 0 && mb <= RESOURCE_MB_MAX));
  if (wrong === undefined) return Object.fromEntries(entries);
  throw new InvalidOptions(`resourceLimits.${wrong[0]} is a number of megabytes, more than 0 to ${RESOURCE_MB_MAX}`, {
    got: describe(wrong[1]),
  });
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
  checkMembers('createSystem', given, KNOWN);
  const { threads: wanted = Math.max(1, availableParallelism() - 1) } = given;
  const threads = integer('threads', wanted, 0, THREADS_MAX);
  const ringBytes = checkRing(given.ringBytes === undefined ? defaultRing(threads) : given.ringBytes);
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
  const {
    mailboxLimit = MAILBOX_DEFAULT,
    outboxBytes = OUTBOX_BYTES_DEFAULT,
    spinMicros = SPIN_MICROS_DEFAULT,
    park = 'event-loop',
    strict = false,
    keepAlive = true,
    workerImports = [],
    callTimeoutMs = CALL_TIMEOUT_MS_DEFAULT,
    importTimeoutMs = IMPORT_TIMEOUT_MS_DEFAULT,
    traceContext = false,
    watchdog = {},
    resourceLimits,
    env,
    execArgv,
  } = given;
  return {
    threads,
    ringBytes,
    mailboxLimit: integer('mailboxLimit', mailboxLimit, 1, MAILBOX_MAX),
    outboxBytes: integer('outboxBytes', outboxBytes, OUTBOX_BYTES_MIN, OUTBOX_BYTES_MAX),
    spinMicros: integer('spinMicros', spinMicros, 0, SPIN_MICROS_MAX),
    park: checkPark(park),
    strict: boolean('strict', strict),
    keepAlive: boolean('keepAlive', keepAlive),
    workerImports: checkImports(workerImports),
    callTimeoutMs: milliseconds('callTimeoutMs', callTimeoutMs),
    importTimeoutMs: milliseconds('importTimeoutMs', importTimeoutMs),
    traceContext: boolean('traceContext', traceContext),
    watchdog: checkWatchdog(watchdog),
    ...(resourceLimits === undefined ? {} : { resourceLimits: checkResourceLimits(resourceLimits) }),
    ...(env === undefined ? {} : { env: checkEnv(env) }),
    ...(execArgv === undefined ? {} : { execArgv: checkTexts('execArgv', execArgv) }),
  };
};
