/**
 * The trace that the running code belongs to: the text that W3C Trace Context calls `traceparent`. It follows the code
 * over its awaits and timers on one thread; in systems with `traceContext` it travels with calls to others.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe } from './describe.js';
import { InvalidOptions } from './errors.js';
import { TRACEPARENT_MAX } from './limits.js';

const storage = new AsyncLocalStorage<string | undefined>();

/**
 * Runs `fn` as part of a trace, and all that it begins; returns what it returns.
 *
 * @param value a text of 1 to 512 characters; heddle does not look into it
 * @throws InvalidOptions
 *
 * @example
 * const quote = await withTraceparent(request.headers.traceparent, () => quotes.find({ id }));
 */
export const withTraceparent = <T>(value: string, fn: () => T): T => {
  if (typeof value !== 'string' || value.length === 0 || value.length > TRACEPARENT_MAX) {
    throw new InvalidOptions(`withTraceparent: a traceparent is a text of 1 to ${TRACEPARENT_MAX} characters`, {
      got: describe(value),
    });
  }
  return storage.run(value, fn);
};

/** The trace that the running code belongs to. */
export const traceparent = (): string | undefined => storage.getStore();

/** The same for a trace that came with a call; without a closure, for those who run much. */
export const runTraced = <A extends readonly unknown[], T>(value: string, fn: (...args: A) => T, ...args: A): T =>
  storage.run(value, fn, ...args);

/** Runs what belongs to no trace, although whoever began it does. */
export const withoutTraceparent = <T>(fn: () => T): T =>
  storage.getStore() === undefined ? fn() : storage.run(undefined, fn);
