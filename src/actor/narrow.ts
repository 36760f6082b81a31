/** Refs with a part of the messages of their actors. */
import { describe } from '../base/describe.js';
import { InvalidMessage } from '../base/errors.js';
import { mapTarget } from './bound-refs.js';
import { type AnyRef, isRef } from './ref.js';
import { classesOf, makeRefClasses, type RefClasses, remake } from './ref-classes.js';

/** A ref with only these messages. */
export type Narrowed<R extends AnyRef, M extends keyof R> = AnyRef & Pick<R, M>;

/** By the classes of refs with all messages, then by the names of those that are left. */
const made = new WeakMap<RefClasses, Map<string, RefClasses>>();

const checkNames = ({ details, methods }: RefClasses, names: readonly string[]): void => {
  for (const name of names) {
    if (typeof name === 'string' && Object.hasOwn(methods, name)) continue;
    const asked = typeof name === 'string' ? JSON.stringify(name) : describe(name);
    const known = Object.keys(methods).join(', ') || 'none';
    throw new InvalidMessage(`narrow: ${details?.name ?? 'the actor'} has no message ${asked}; it has: ${known}`);
  }
};

const narrowClasses = (classes: RefClasses, names: readonly string[]): RefClasses => {
  checkNames(classes, names);
  const whole = classes.whole ?? classes;
  const sorted = [...new Set(names)].sort();
  const key = sorted.join('\0');
  const known = made.get(whole) ?? new Map<string, RefClasses>();
  made.set(whole, known);
  let narrowed = known.get(key);
  if (narrowed === undefined) {
    const { kernel, details, methods } = whole;
    const left = Object.fromEntries(sorted.map((name) => [name, methods[name]!]));
    narrowed = makeRefClasses(kernel, details, details?.name ?? '', left, whole);
    known.set(key, narrowed);
  }
  return narrowed;
};

/**
 * The same actor, by a ref with only these messages; for those who are to do no more. It can be compared, watched and
 * stopped as every ref can, and where it is sent in a message the address is: who receives it has what the field declares.
 *
 * The idea is that of object capabilities, an *attenuated* reference (Miller, 2006). It keeps honest code to its part, and is
 * no sandbox.
 *
 * @throws InvalidMessage  something that is no ref, or a message that it does not have
 *
 * @example
 * const payIn = narrow(account, 'deposit');
 * payIn.deposit({ amount: 10 });
 */
export const narrow = <R extends AnyRef, M extends keyof R & string>(
  ref: R,
  ...names: readonly M[]
): Narrowed<R, M> => {
  if (!isRef(ref)) throw new InvalidMessage(`narrow: expected a ref, got ${describe(ref)}`);
  return mapTarget(ref, (target) => remake(target, narrowClasses(classesOf(target), names))) as Narrowed<R, M>;
};
