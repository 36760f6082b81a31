/** What a supervisor knows of one child. */
import type { ChildPlan } from './plan.js';

export type Phase =
  /** Told to start; has not answered. */
  | 'starting'
  | 'running'
  /** Told to stop, and will be started again; has not ended yet. */
  | 'halting'
  /** Told to stop for good; has not ended yet. */
  | 'ending'
  /** Does not run, and will be started: when its back-off is over, when it is its turn. */
  | 'waiting'
  /** Does not run, and will not be started again by its supervisor, or only together with its group. */
  | 'terminated';

/** Why a child is started, which decides what becomes of it if it cannot start. */
export type Cause =
  /** Its supervisor begins, which fails with it. */
  | 'begin'
  /** It was added, and is forgotten. */
  | 'add'
  /** Somebody asked for it, and it is as terminated as before. */
  | 'request'
  /** It had started before, and that is tried again. */
  | 'restart';

export interface Child {
  readonly plan: ChildPlan;
  /** Children are started in the order of their places; no place is given twice. */
  readonly place: number;
  readonly phase: Phase;
  readonly cause: Cause;
  /** While it starts or halts: it is to be terminated as soon as that is done. */
  readonly isLeaving: boolean;
  /** While it waits: until its back-off is over. */
  readonly isArmed: boolean;
  /** When terminated: it does not start together with its group either. */
  readonly isHeld: boolean;
  /** When it has started; undefined when it does not run. */
  readonly since: number | undefined;
  /** Restarts in a row, none of which lasted. */
  readonly restarts: number;
  /** When it last ended its thread. */
  readonly culpritAt: number | undefined;
}

export const newChild = (plan: ChildPlan, place: number, cause: Cause): Child => ({
  plan,
  place,
  phase: 'waiting',
  cause,
  isLeaving: false,
  isArmed: false,
  isHeld: false,
  since: undefined,
  restarts: 0,
  culpritAt: undefined,
});

/** Whether there is something that has yet to answer or to end. */
export const isAlive = ({ phase }: Child): boolean => phase !== 'waiting' && phase !== 'terminated';

/** Whether it waits for nothing but its turn. */
export const isNext = ({ phase, isArmed }: Child): boolean => phase === 'waiting' && !isArmed;
