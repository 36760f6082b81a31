/**
 * What a supervisor is told, and what it wants done. Whoever tells it keeps to this: each `start` is answered by
 * `started`, `start-failed` or, if what it started died meanwhile, `exited`; each `halt` and `end` is answered by
 * `exited`; whatever has started says `exited` once; each `arm` is answered by `due`, unless it is disarmed.
 */
import type { ChildPlan } from './plan.js';

/** How a child ended. */
export interface Exit {
  /** Whether it ended as it should have. */
  readonly normal: boolean;
  /** Its thread ended, and took it along: the same text for all actors of that thread. */
  readonly death?: string;
  /** Its thread ended while this child ran on it. */
  readonly culprit?: boolean;
  readonly detail: string;
}

export type Event =
  /** Start all planned children in order, each after the one before has started. */
  | { readonly kind: 'begin' }
  /** Start one more child, which is the last in order. */
  | { readonly kind: 'add'; readonly child: ChildPlan }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'start-failed'; readonly id: string; readonly detail: string }
  | { readonly kind: 'exited'; readonly id: string; readonly exit: Exit }
  /** The delay of an `arm` is over. */
  | { readonly kind: 'due'; readonly id: string }
  /** Stop a child and do not restart it. It can be started again, unless it is temporary or its supervisor dynamic. */
  | { readonly kind: 'terminate'; readonly id: string }
  /** Start a child that has ended for good. */
  | { readonly kind: 'restart'; readonly id: string }
  /** Forget a child that has ended for good. */
  | { readonly kind: 'remove'; readonly id: string };

export type Effect =
  /** Start it for the first time, or again: at its address, if that was not released. */
  | { readonly kind: 'start'; readonly id: string }
  /** Stop it in such a way that it can be started again under its address. */
  | { readonly kind: 'halt'; readonly id: string }
  /** Stop it for good. */
  | { readonly kind: 'end'; readonly id: string }
  /** It does not run and will not be started again, unless somebody asks for it: forget its address. */
  | { readonly kind: 'release'; readonly id: string }
  | { readonly kind: 'arm'; readonly id: string; readonly delayMs: number }
  | { readonly kind: 'disarm'; readonly id: string }
  /** All planned children have started. */
  | { readonly kind: 'ready' }
  /** It has ended its thread twice within the time of the intensity. Its `release` follows. */
  | { readonly kind: 'poison'; readonly id: string; readonly detail: string }
  /** The supervisor fails, nothing follows: those of its children that live are ended with it. */
  | { readonly kind: 'fail'; readonly detail: string }
  /** The supervisor ends normally, nothing follows. */
  | { readonly kind: 'finish' };
