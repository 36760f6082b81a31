/**
 * `heddle/queues`: single-producer single-consumer rings for records of any length, on shared memory.
 *
 * ```ts
 * // main.ts, the producing thread
 * const place = createRing(1 << 16);
 * const worker = new Worker(new URL('./consumer.js', import.meta.url), { workerData: place.words.buffer });
 * const producer = new RecordProducer(place);
 * const room = eventLoopWait();
 * const payload = new TextEncoder().encode('hello');
 * while (!producer.tryWrite(1, payload)) await producer.waitForRoom(payloadRecordBytes(payload.length), room);
 * producer.close(); // publishes first
 *
 * // consumer.ts, the consuming thread
 * const consumer = new RecordConsumer(openRing(workerData));
 * const news = blockWait();
 * const sink: RecordSink = {
 *   receive: (type, at) => console.log(type, new TextDecoder().decode(consumer.payload(at))),
 * };
 * while (!consumer.ended) {
 *   if (consumer.drain(sink, 64) > 0) consumer.release();
 *   else consumer.waitForNews(news);
 * }
 * ```
 *
 * And rings for the newest records only, whose producer never waits, see `lossy-contract.ts`.
 */
export { RecordConsumer } from './consumer.js';
export type { RecordConsumerContract, RecordProducerContract, RecordSink, RingPlace } from './contract.js';
export { type RingCounters, readRingCounters } from './counters.js';
export { Doorbell } from './doorbell.js';
export { QueueError, type QueueErrorCode } from './errors.js';
export {
  alignRecord,
  ISOLATION_BYTES,
  NOTE_COUNT,
  payloadBytesMax,
  payloadRecordBytes,
  RECORD_HEADER_BYTES,
  recordBytesMax,
  ringBytes,
} from './layout.js';
export { LossyConsumer } from './lossy-consumer.js';
export type { LossyConsumerContract, LossyPlace, LossyProducerContract } from './lossy-contract.js';
export { type LossyCounters, readLossyCounters } from './lossy-counters.js';
export { lossyRingBytes } from './lossy-layout.js';
export { createLossyRing, type LossyRingOptions, layOutLossyRing, openLossyRing } from './lossy-place.js';
export { LossyProducer } from './lossy-producer.js';
export { settleLossyProducer } from './lossy-settle.js';
export { createRing, openRing } from './place.js';
export { BATCH_BYTES, RecordProducer } from './producer.js';
export { settleConsumer } from './records.js';
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
  type WaitStrategy,
} from './wait.js';
