/** Who is told of an actor's end, and what is recorded of it on either side: watches, parents and children. */
import type { AnyRef } from './ref.js';

/** How an actor has ended. */
export interface Ended {
  readonly reason: 'stopped' | 'killed' | 'drained' | 'failed' | 'thread-lost' | 'no-such-actor';
  /** What `stop`, `kill` or `drain` was given, or the message of the error. */
  readonly detail: string;
  /** What a handler or hook threw, or what its thread died of. */
  readonly error?: Error;
}

/** Whether somebody has asked for this end: it is nobody's failure. */
export const isNormal = ({ reason }: Ended): boolean => reason === 'stopped' || reason === 'drained';

declare const watched: unique symbol;

/** One watch of an actor; gives one notice. */
export interface Watch {
  readonly ref: AnyRef;
  /** Only for the type checker; no value has it. */
  readonly [watched]?: never;
}

/** What an actor's `onSupervision` is told. */
export type SupervisionEvent =
  /** A child has ended. */
  | {
      readonly kind: 'child';
      readonly ref: AnyRef;
      readonly ended: Ended;
      /** Whether this actor has stopped, killed or drained it. */
      readonly isAsked: boolean;
    }
  /** An actor that it watches has ended. */
  | { readonly kind: 'down'; readonly ref: AnyRef; readonly ended: Ended; readonly watch: Watch };

/** Somebody who wants to know when an actor has ended. */
export interface Watcher {
  /** This thread, or one life of another. */
  readonly origin: number;
  readonly call: number;
  /** What the notice must not overtake: messages to this slot; negative: none. */
  readonly key: number;
  /** Whether the end of the present life is meant, also if another one follows. */
  readonly ofLife?: boolean;
}

/** The parent of an actor, as the actor's thread knows it. */
export interface Parent {
  readonly origin: number;
  readonly slot: number;
  readonly generation: number;
  /** Who is told of the end. -1: has been told, and has not answered yet. */
  call: number;
  /** Whether it decides if the actor is started again when it has ended once it has been born. */
  supervises: boolean;
  /** Whether an `init` has succeeded. */
  isBorn: boolean;
  /** How long the actor may take to end when its parent does, in ms. */
  readonly shutdownMs: number;
}

/** A child, as its parent's thread knows it. */
export interface Child {
  readonly ref: AnyRef;
  /** The call that its end is the answer to; -1: it has ended, and may be started again. */
  call: number;
  /** The call of whoever awaits its start; -1: nobody. */
  readonly start: number;
  /** How long it may take to end when its parent does, in ms; Infinity: as long as it likes. */
  readonly shutdownMs: number;
  /** Whether it stays a child when it has ended, to be started again. */
  readonly isSupervised: boolean;
  /** Until its `init` has ended. */
  starting: boolean;
  /** Whether its parent ends it: then that is no failure to answer for. */
  isAsked: boolean;
}
