/** What a supervisor and its children are told to do, checked when they are planned. */
import { describe } from '../base/describe.js';
import { AlreadyRegistered, InvalidOptions } from '../base/errors.js';
import {
  BACK_OFF_FACTOR_DEFAULT,
  BACK_OFF_FACTOR_MAX,
  BACK_OFF_JITTER_DEFAULT,
  BACK_OFF_MAX_MS_DEFAULT,
  BACK_OFF_MIN_MS_DEFAULT,
  BACK_OFF_RESET_MS_DEFAULT,
  CHILDREN_DEFAULT,
  CHILDREN_MAX,
  NAME_MAX,
  RESTARTS_DEFAULT,
  RESTARTS_MAX,
  RESTARTS_WITHIN_MS_DEFAULT,
  TIMEOUT_MS_MAX,
} from '../base/limits.js';
import { checkMembers } from '../base/members.js';

/** When a child that ended is started again: always, after an abnormal end, or never. */
export type Restart = 'permanent' | 'transient' | 'temporary';

/**
 * Who is started again with a child that failed: nobody else, all others, or those started after it. A `dynamic`
 * supervisor is one for one, and forgets each child that has ended for good.
 */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one' | 'dynamic';

/** Whether a supervisor ends when significant children have ended by themselves: the first, or the last of them. */
export type AutoShutdown = 'never' | 'any-significant' | 'all-significant';

export interface ChildPlan {
  readonly id: string;
  readonly restart: Restart;
  /** Whether its end can be its supervisor's, see `AutoShutdown`. */
  readonly significant: boolean;
}

/** More restarts than `restarts` within `withinMs`, both ends included, and the supervisor fails. */
export interface Intensity {
  readonly restarts: number;
  readonly withinMs: number;
}

/** The n-th restart of a child in a row waits `minMs * factor ** (n - 1)`, at most `maxMs`. */
export interface BackOff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** Which part of the wait is random, 0 to 1: it takes away up to that much. */
  readonly jitter: number;
  /** A child that ran for so long begins again with `minMs`. */
  readonly resetAfterMs: number;
}

export interface SupervisorPlan {
  readonly strategy: Strategy;
  readonly intensity: Intensity;
  readonly autoShutdown: AutoShutdown;
  /** Undefined: children are restarted at once. */
  readonly backOff: BackOff | undefined;
  readonly maxChildren: number;
}

/** A plan as its author writes it. */
export interface SupervisorOptions {
  /** Default `one-for-one`. */
  readonly strategy?: Strategy;
  /** `restarts` is an integer from 0 to 10,000, `withinMs` 1 to 2^30. Default 3 within 5,000 ms. */
  readonly intensity?: Partial<Intensity>;
  /** Default `never`. */
  readonly autoShutdown?: AutoShutdown;
  /**
   * `minMs`, `maxMs` and `resetAfterMs` are 0 to 2^30, `factor` 1 to 100, `jitter` 0 to 1. Default none; what a given
   * one leaves out is 100 ms, 30,000 ms (or `minMs`, if that is more), a reset after 60,000 ms, factor 2 and jitter 0.2.
   */
  readonly backOff?: Partial<BackOff>;
  /** 1 to 65,536, counting those that have ended and may be started again. Default 1,024. */
  readonly maxChildren?: number;
}

export interface ChildOptions {
  /** Unique among the children of the supervisor; 1 to 200 characters. */
  readonly id: string;
  /** Default `permanent`. */
  readonly restart?: Restart;
  /** Default false. */
  readonly significant?: boolean;
}

const PLAN_MEMBERS: ReadonlySet<string> = new Set<keyof SupervisorPlan>([
  'strategy',
  'intensity',
  'autoShutdown',
  'backOff',
  'maxChildren',
]);
const INTENSITY_MEMBERS: ReadonlySet<string> = new Set<keyof Intensity>(['restarts', 'withinMs']);
const BACK_OFF_MEMBERS: ReadonlySet<string> = new Set<keyof BackOff>([
  'minMs',
  'maxMs',
  'factor',
  'jitter',
  'resetAfterMs',
]);
const CHILD_MEMBERS: ReadonlySet<string> = new Set<keyof ChildPlan>(['id', 'restart', 'significant']);

const STRATEGIES: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one', 'dynamic'];
const AUTO_SHUTDOWNS: readonly AutoShutdown[] = ['never', 'any-significant', 'all-significant'];
const RESTARTS: readonly Restart[] = ['permanent', 'transient', 'temporary'];

const oneOf = <T extends string>(what: string, value: unknown, known: readonly T[]): T => {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw new InvalidOptions(`${what} is one of ${known.join(', ')}`, { got: describe(value) });
};

const number = (what: string, value: unknown, least: number, most: number): number => {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new InvalidOptions(`${what} is a number from ${least} to ${most}`, { got: describe(value) });
};

const integer = (what: string, value: unknown, least: number, most: number): number => {
  if (Number.isInteger(value)) return number(what, value, least, most);
  throw new InvalidOptions(`${what} is an integer from ${least} to ${most}`, { got: describe(value) });
};

const checkIntensity = (where: string, given: Partial<Intensity>): Intensity => {
  checkMembers(where, given, INTENSITY_MEMBERS);
  const { restarts = RESTARTS_DEFAULT, withinMs = RESTARTS_WITHIN_MS_DEFAULT } = given;
  return {
    restarts: integer(`${where}.restarts`, restarts, 0, RESTARTS_MAX),
    withinMs: number(`${where}.withinMs`, withinMs, 1, TIMEOUT_MS_MAX),
  };
};

const checkBackOff = (where: string, given: Partial<BackOff>): BackOff => {
  checkMembers(where, given, BACK_OFF_MEMBERS);
  const {
    minMs: least = BACK_OFF_MIN_MS_DEFAULT,
    factor = BACK_OFF_FACTOR_DEFAULT,
    jitter = BACK_OFF_JITTER_DEFAULT,
    resetAfterMs = BACK_OFF_RESET_MS_DEFAULT,
  } = given;
  const minMs = number(`${where}.minMs`, least, 0, TIMEOUT_MS_MAX);
  const { maxMs: most = Math.max(minMs, BACK_OFF_MAX_MS_DEFAULT) } = given;
  const maxMs = number(`${where}.maxMs`, most, 0, TIMEOUT_MS_MAX);
  if (maxMs < minMs) throw new InvalidOptions(`${where}.maxMs is at least minMs`, { minMs, maxMs });
  return {
    minMs,
    maxMs,
    factor: number(`${where}.factor`, factor, 1, BACK_OFF_FACTOR_MAX),
    jitter: number(`${where}.jitter`, jitter, 0, 1),
    resetAfterMs: number(`${where}.resetAfterMs`, resetAfterMs, 0, TIMEOUT_MS_MAX),
  };
};

/**
 * @param where what errors call the supervisor
 * @throws InvalidOptions
 */
export const checkPlan = (where: string, given: SupervisorOptions = {}): SupervisorPlan => {
  checkMembers(where, given, PLAN_MEMBERS);
  const {
    strategy = 'one-for-one',
    intensity = {},
    autoShutdown = 'never',
    backOff,
    maxChildren = CHILDREN_DEFAULT,
  } = given;
  return {
    strategy: oneOf(`${where}: strategy`, strategy, STRATEGIES),
    intensity: checkIntensity(`${where}: intensity`, intensity),
    autoShutdown: oneOf(`${where}: autoShutdown`, autoShutdown, AUTO_SHUTDOWNS),
    backOff: backOff === undefined ? undefined : checkBackOff(`${where}: backOff`, backOff),
    maxChildren: integer(`${where}: maxChildren`, maxChildren, 1, CHILDREN_MAX),
  };
};

/**
 * @param where what errors call the supervisor
 * @param plan that of the supervisor, which decides whether children can be significant
 * @throws InvalidOptions
 */
export const checkChild = (where: string, given: ChildOptions, plan: SupervisorPlan): ChildPlan => {
  checkMembers(`${where}: a child`, given, CHILD_MEMBERS);
  const { id, restart: kind = 'permanent', significant = false } = given;
  if (typeof id !== 'string' || id.length === 0 || id.length > NAME_MAX) {
    throw new InvalidOptions(`${where}: the id of a child is a string of 1 to ${NAME_MAX} characters`, {
      got: describe(id),
    });
  }
  const child = `${where}: child ${JSON.stringify(id)}`;
  const restart = oneOf(`${child}: restart`, kind, RESTARTS);
  if (typeof significant !== 'boolean') {
    throw new InvalidOptions(`${child}: significant is true or false`, { got: describe(significant) });
  }
  if (significant && restart === 'permanent') {
    throw new InvalidOptions(
      `${child}: a permanent child never ends for good; a significant one is transient or temporary`,
    );
  }
  if (significant && plan.autoShutdown === 'never') {
    throw new InvalidOptions(`${child}: to have significant children, set autoShutdown of the supervisor`);
  }
  return { id, restart, significant };
};

/** @throws AlreadyRegistered */
export const checkIds = (children: readonly ChildPlan[]): void => {
  const ids = new Set<string>();
  for (const { id } of children) {
    if (ids.has(id)) throw new AlreadyRegistered('two children of a supervisor have one id; give each its own', { id });
    ids.add(id);
  }
};
