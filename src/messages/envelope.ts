/**
 * Errors between threads. Classes do not cross, so an error arrives as a plain `Error` that says all it said where it
 * was made: `name`, `message`, `code`, its stack, and the same for the errors that caused it. Compare `code`.
 */
import { textOf } from '../base/describe.js';
import { withoutStack } from '../base/errors.js';
import { CAUSES_MAX, ERROR_TEXT_MAX } from '../base/limits.js';

/** An error as data, for the general codec. */
export interface ErrorEnvelope {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorEnvelope;
}

/** An error that came from another thread. */
export interface RemoteError extends Error {
  readonly code?: string;
  /** Where it was made, on its own thread. */
  readonly remoteStack?: string;
}

/** Whether a value is an Error; of a proxy even that question may throw. */
export const isError = (value: unknown): value is Error => {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
};

/** What a value says of itself, as far as it is worth sending. */
const shorten = (value: unknown): string => {
  const text = textOf(value);
  return text.length > ERROR_TEXT_MAX ? `${text.slice(0, ERROR_TEXT_MAX)}…` : text;
};

/** Whatever was thrown, as data. Things that are no errors are described. */
export const packError = (thrown: unknown, causes = CAUSES_MAX): ErrorEnvelope => {
  if (!isError(thrown)) {
    return { name: 'Error', message: `something that is no Error was thrown: ${shorten(thrown)}` };
  }
  try {
    const { name, message, stack, cause } = thrown;
    const { code } = thrown as { code?: unknown };
    return {
      name: shorten(name),
      message: shorten(message),
      ...(code === undefined ? {} : { code: shorten(code) }),
      ...(typeof stack === 'string' ? { stack: shorten(stack) } : {}),
      ...(!('cause' in thrown) || causes === 0 ? {} : { cause: packError(cause, causes - 1) }),
    };
  } catch (error) {
    return { name: 'Error', message: `an Error whose members throw: ${shorten(error)}` };
  }
};

const read = (envelope: unknown, member: keyof ErrorEnvelope): unknown =>
  typeof envelope === 'object' && envelope !== null && Object.hasOwn(envelope, member)
    ? (envelope as Record<string, unknown>)[member]
    : undefined;

const readText = (envelope: unknown, member: keyof ErrorEnvelope): string | undefined => {
  const value = read(envelope, member);
  return typeof value === 'string' ? value : undefined;
};

/**
 * The error that an envelope describes; `from` says in its stack where it came from. The way of the record to here, which
 * would be its own stack, tells nothing and would cost more than all the rest.
 */
export const unpackError = (envelope: unknown, from: string): RemoteError => {
  const cause = read(envelope, 'cause');
  const message = readText(envelope, 'message') ?? 'an error without a message';
  const options = cause === undefined ? undefined : { cause: unpackError(cause, from) };
  const error = withoutStack(() => new Error(message, options));
  const name = readText(envelope, 'name') ?? 'Error';
  const stack = readText(envelope, 'stack');
  const code = readText(envelope, 'code');
  const define = (property: string, value: unknown): void => {
    Object.defineProperty(error, property, { value, configurable: true, writable: true });
  };
  define('name', name);
  if (code !== undefined) define('code', code);
  if (stack !== undefined) define('remoteStack', stack);
  define('stack', `${name}: ${message}${stack === undefined ? '' : `\n  ${from}:\n${stack}`}`);
  return error;
};
