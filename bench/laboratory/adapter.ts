/**
 * What the laboratory wants to know of a system that it measures. A file whose default export is an `Adapter` takes part
 * by `--rival FILE`; those that come with the laboratory are made in the same way.
 *
 * A system need not be able to do everything: it takes part in the tasks that it has.
 */
import type { LatencySamples } from './results.js';

/**
 * How whoever waits for a message waits: it never sleeps, it sleeps after a while, at once, or at once and with its event
 * loop standing still.
 */
export const WAITS = ['hot', 'adaptive', 'parked', 'blocked'] as const;
export type Wait = (typeof WAITS)[number];

export const PLACEMENTS = ['worker-worker', 'host-worker', 'same-thread'] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** What each message carries: two numbers, a small order of texts and numbers, or bytes. */
export type Payload =
  | { readonly kind: 'pair' }
  | { readonly kind: 'order' }
  | { readonly kind: 'bytes'; readonly size: number };

export interface Situation {
  readonly wait: Wait;
  readonly placement: Placement;
  readonly payload: Payload;
}

/** The distribution of one sample: percentile and nanoseconds. */
export type Distribution = LatencySamples['curve'];

export interface Timed {
  readonly distribution: Distribution;
  /** How many messages were timed. */
  readonly count: number;
}

/** Whoever answers does its work again and again, and checks each time that the result is right. */
export interface Tasks {
  /** One message there and back, `count` times, one after the other. Each trip is timed. */
  readonly 'round trip': (order: { readonly count: number }) => Promise<Timed>;
  /**
   * One way, at a rate that is kept whatever happens: each message is timed from when it was due, not from when it could be
   * sent. Resolves when all have arrived.
   */
  readonly 'at a fixed rate': (order: { readonly perSecond: number; readonly forMs: number }) => Promise<Timed>;
  /** One way, as fast as it goes: how long messages are under way when the sender never waits but for room. */
  readonly 'at saturation': (order: { readonly count: number }) => Promise<Timed>;
  /** A single message after both sides have had nothing to do for so long, `count` times. */
  readonly 'after idling': (order: { readonly count: number; readonly idleMs: number }) => Promise<Timed>;
  /** Requests with answers, so many at a time. */
  readonly calls: (order: { readonly count: number; readonly inFlight: number }) => Promise<Timed>;
  /** `count` messages one way; resolves with the seconds from the first to the last. */
  readonly stream: (order: { readonly count: number }) => Promise<number>;
  /** Does nothing for so long, while the laboratory looks at the processor time of the process, or of `processIds`. */
  readonly idling: (order: { readonly forMs: number }) => Promise<void>;
}

export interface Session {
  readonly tasks: Partial<Tasks>;
  /** Processes besides this one that work for it. */
  readonly processIds?: readonly number[];
  close(): Promise<void>;
}

export interface Adapter {
  readonly name: string;
  /** Its version, or why it cannot take part on this machine. */
  probe(): Promise<{ readonly version: string } | { readonly missing: string }>;
  /** Undefined: not in this situation. */
  open(situation: Situation): Promise<Session | undefined>;
}
