/** What is known of an item that could not be processed, or sent, where that is emitted by an output of its stage. */
import { f64, record, text } from '../messages/fields.js';

/**
 * The type of an output that failures lead to, by `onError: { port }`.
 *
 * @example
 * const Parse = defineStage(import.meta.url, 'Parse', { in: text, out: { parsed: entry, failed: itemFailure }, ... });
 * const parse = flow.stage(Parse, undefined, { onError: { port: 'failed' } });
 */
export const itemFailure = record({
  /** What the stage is called in the graph. */
  stage: text,
  /** Where the item came in, or, if it could not be sent, where it would have gone out; empty if there was none. */
  port: text,
  /** The number of the item; -1 if there was none. */
  id: f64,
  code: text,
  message: text,
});
