/** What another thread does for the producer of a lossy ring whose thread has ended. */
import { Doorbell } from './doorbell.js';
import type { LossyPlace } from './lossy-contract.js';
import { LOSSY_BELL_WORD, LOSSY_CLOSED_WORD } from './lossy-layout.js';
import { checkLossyPlace } from './lossy-place.js';
import { publish } from './memory.js';

/**
 * Closes the ring in its place, and wakes the consumer, whom that thread may have been about to ring.
 *
 * @param options.consumer the consumer's bell, if it is not the one in the ring
 * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`
 */
export const settleLossyProducer = (place: LossyPlace, { consumer }: { consumer?: Doorbell } = {}): void => {
  checkLossyPlace(place);
  const { words, atBytes } = place;
  const header = atBytes >> 2;
  // Pairs with `LossyConsumer.ended`, as in `LossyProducer.close`.
  publish(words, header + LOSSY_CLOSED_WORD, 1);
  (consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD)).rouse();
};
