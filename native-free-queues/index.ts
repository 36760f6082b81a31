/**
 * `heddle/queues`: single-producer single-consumer rings for records of any length, on shared memory.
 *
 * ```ts
 * // the producing thread
 * const place = createRing(1 << 16);
 * const worker = new Worker(consumerUrl, { workerData: place.words.buffer });
 * const producer = new RecordProducer(place);
 * producer.tryWrite(1, new TextEncoder().encode('hello'));
 * producer.publish();
 *
 * // the consuming thread
 * const consumer = new RecordConsumer(openRing(workerData));
 * const wait = blockWait();
 * while (!consumer.ended) {
 *   if (consumer.drain(sink, 64) > 0) consumer.release();
 *   else wait.wait(consumer.bell, () => consumer.hasNews() || consumer.ended);
 * }
 * ```
 */
export { RecordConsumer } from './consumer.js';
export type { RecordConsumerContract, RecordProducerContract, RecordSink, RingPlace } from './contract.js';
export { type RingCounters, readRingCounters } from './counters.js';
export { Doorbell } from './doorbell.js';
export { QueueError, type QueueErrorCode } from './errors.js';
export { alignRecord, ISOLATION_BYTES, NOTE_COUNT, RECORD_HEADER_BYTES, recordBytesMax, ringBytes } from './layout.js';
export { createRing, openRing } from './place.js';
export { BATCH_BYTES, RecordProducer } from './producer.js';
export {
  type AsyncWait,
  adaptiveWait,
  type BlockingWait,
  blockWait,
  eventLoopWait,
  type Look,
  pause,
  spinWait,
  type WaitCounters,
} from './wait.js';
