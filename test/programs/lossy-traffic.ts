/** What goes through a lossy ring between real threads: payloads as in `ring-traffic.ts`, whose lengths the ids tell. */
import type { LossyConsumer } from 'heddle/queues';
import { payloadFault } from './ring-traffic.js';

const WORD_BYTES = 4;

/** Payload words of a record: 1 to as many as fit. */
export const lossyWords = (id: number, slotBytes: number): number => 1 + ((id * 7) % (slotBytes / WORD_BYTES));

/** What is wrong with a record of the batch; undefined if nothing is. */
export const lossyFault = (consumer: LossyConsumer, id: number, index: number): string | undefined => {
  const words = lossyWords(id, consumer.slotBytes);
  if (consumer.bytes(index) !== words * WORD_BYTES || consumer.tag(index) !== words) {
    return `record ${id} has ${consumer.bytes(index)} bytes and the tag ${consumer.tag(index)}`;
  }
  return payloadFault(consumer.words, consumer.at(index) >> 2, id | 0, words);
};
