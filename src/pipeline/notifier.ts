/** Whatever notifies stages, on any thread. */
import type { AnyDefinition } from '../actor/definition.js';
import type { AnyRef } from '../actor/ref.js';
import { ref } from '../actor/ref-fields.js';
import type { Field } from '../messages/fields.js';
import { plainWire } from './protocol.js';

/** Notifies one stage, whose rule is `event`. */
export interface Notifier extends AnyRef {
  notify(): void;
}

/**
 * Carries a notifier, as `job.notifier` returns it, in a message.
 *
 * @example
 * protocol: { watch: { path: text, changed: notifier } },
 */
export const notifier: Field<Notifier> = ref<Notifier>((): AnyDefinition => plainWire());
