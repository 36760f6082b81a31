/** Fields that carry refs: the address of an actor travels, and arrives as a ref with the methods of its messages. */
import { InvalidDefinition } from '../base/errors.js';
import { type Field, field, type SelfField } from '../messages/fields.js';
import { type AnyDefinition, detailsOf, type RefOf } from './definition.js';
import type { AnyRef, SelfToken } from './ref.js';

/**
 * A ref to actors of one definition. For a definition that comes later, or two that hold each other's refs, give a
 * function and its type (see `protocol`).
 *
 * @example
 * protocol: { subscribe: { who: ref(Listener) } },
 * protocol: { subscribe: { who: ref<ListenerRef>((): AnyDefinition => Listener) } },
 */
// `R` without `extends AnyRef`, and first: to check either, TypeScript would have to know the ref that is being declared.
export function ref<R>(definition: () => AnyDefinition): Field<R>;
export function ref<D extends AnyDefinition>(definition: D): Field<RefOf<D>>;
export function ref(definition: AnyDefinition | (() => AnyDefinition)): Field<AnyRef> {
  if (typeof definition === 'function') return field({ kind: 'ref', target: definition });
  if (definition === undefined) {
    throw new InvalidDefinition(
      'ref(undefined): the definition is not made yet; give a function, ref<R>(() => Definition)',
    );
  }
  detailsOf(definition);
  return field({ kind: 'ref', target: () => definition });
}

/** A ref to actors of the very definition that declares the field. */
export const selfRef: SelfField<SelfToken> = field({ kind: 'ref', target: 'self' });

/** A ref to any actor; it has no methods, but can be compared, stopped, waited for and sent on. */
export const anyRef: Field<AnyRef> = field({ kind: 'ref', target: 'any' });
