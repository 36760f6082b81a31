/** Messages that are sent by name: what `callAll`, `forward` and `pipe` are given, and users may have mistaken. */
import type { AnyRef, CallOptions } from '../actor/ref.js';
import { classesOf } from '../actor/ref-classes.js';
import { describe } from '../base/describe.js';
import { InvalidMessage } from '../base/errors.js';
import type { Core } from './core.js';

type Send = (message: unknown, options?: CallOptions) => unknown;

/**
 * What sends this message to the actor of a ref.
 *
 * @param verb what the user called
 * @throws InvalidMessage something that is no ref of this system, or has no such message
 */
export const messageOf = (core: Core, verb: string, ref: AnyRef, kind: 'cast' | 'call', name: string): Send => {
  core.checkRef(ref);
  const { details, methods } = classesOf(ref);
  const known = (details?.plan ?? [])
    .filter((entry) => entry.isCall === (kind === 'call') && Object.hasOwn(methods, entry.name))
    .map((entry) => entry.name);
  if (known.includes(name)) {
    return (message, options) => (ref as unknown as Record<string, Send>)[name]!(message, options);
  }
  const asked = typeof name === 'string' ? JSON.stringify(name) : describe(name);
  throw new InvalidMessage(
    `${verb}: ${details?.name ?? 'the actor'} has no ${kind} ${asked}; it has: ${known.join(', ') || 'none'}`,
  );
};
