/** What the runtime is told: at its start, and by options of its verbs. */
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';
import { SHUTDOWN_MS_DEFAULT, TIMEOUT_MS_MAX } from '../base/limits.js';

/** What a thread's runtime is told when it starts. Plain data: it travels to workers. */
export interface RuntimeOptions {
  readonly strict: boolean;
  readonly mailboxLimit: number;
  readonly outboxBytes: number;
  readonly callTimeoutMs: number;
  readonly importTimeoutMs: number;
  readonly traceContext: boolean;
}

/** A number of milliseconds that an option gives, or `otherwise`. @throws InvalidOptions */
export const checkTimeout = (name: string, timeoutMs: number | undefined, otherwise: number): number => {
  if (timeoutMs === undefined) return otherwise;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw new InvalidOptions(`${name} is a number from 0 to ${TIMEOUT_MS_MAX}`, { got: describe(timeoutMs) });
};

/** How long an actor may take to end when its parent does. @throws InvalidOptions */
export const checkShutdown = (shutdownMs: number | undefined): number =>
  shutdownMs === Number.POSITIVE_INFINITY ? shutdownMs : checkTimeout('shutdownMs', shutdownMs, SHUTDOWN_MS_DEFAULT);
