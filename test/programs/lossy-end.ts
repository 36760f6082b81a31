/** A thread that is one end of a lossy ring: it writes so many records, or takes and checks them until the ring has ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { LossyConsumer, type LossyPlace, LossyProducer, readLossyCounters } from 'heddle/queues';
import { lossyFault, lossyWords } from './lossy-traffic.js';
import { strategies, type WaitName, writePayload } from './ring-traffic.js';

export interface LossyEndTask {
  readonly place: LossyPlace;
  readonly role: 'produce' | 'consume';
  /** How many the producer writes, and more until the consumer has got so many. */
  readonly records: number;
  readonly readMin: number;
  /** The producer looks around so often before each record, or the consumer before each take. */
  readonly idling: number;
  readonly wait: WaitName;
}

export interface LossyEndReport {
  /** Records written, or taken. */
  readonly count: number;
  /** Records that this end says are lost. */
  readonly lost: number;
  /** Sum of the ids that were taken, or told as lost, each counted from the first one. */
  readonly sum: number;
  readonly fault: string | undefined;
  readonly sleeps: number;
  readonly missedWakes: number;
}

const { place, role, records, readMin, idling, wait } = workerData as LossyEndTask;
const strategy = strategies[wait]();
let lost = 0;
let sum = 0;
let fault: string | undefined;

const idle = (): void => {
  for (let i = 0; i < idling; i++) Atomics.load(place.words, 0);
};

const produce = (): number => {
  const producer = new LossyProducer(place);
  const firstId = producer.nextId;
  while (producer.written < records || readLossyCounters(place).readCount < readMin) {
    idle();
    const id = producer.nextId;
    const words = lossyWords(id, place.slotBytes);
    writePayload(place.words, producer.claim() >> 2, id | 0, words);
    const lostId = producer.publish(words * 4, words);
    if (lostId < 0) continue;
    if (lostId !== id - place.capacity) fault ??= `record ${lostId} is lost for ${id}`;
    lost++;
    sum += lostId - firstId;
  }
  producer.close();
  return producer.written;
};

const consume = async (): Promise<number> => {
  const consumer = new LossyConsumer(place);
  const firstId = consumer.from;
  let expected = firstId;
  while (!consumer.ended) {
    idle();
    const count = consumer.take();
    if (consumer.from < expected) fault ??= `a batch begins with ${consumer.from} behind ${expected}`;
    lost += consumer.from - expected;
    expected = consumer.to;
    for (let index = 0; index < count; index++) {
      const id = consumer.from + index;
      sum += id - firstId;
      fault ??= lossyFault(consumer, id, index);
    }
    if (count > 0) continue;
    const waiting = consumer.waitForNews(strategy);
    if (waiting !== undefined) await waiting;
  }
  if (lost !== consumer.lost) fault ??= `${consumer.lost} are said to be lost, not ${lost}`;
  return consumer.read;
};

// Keeps the thread alive while it waits on its event loop.
const timer = setInterval(() => undefined, 1000);
const count = role === 'produce' ? produce() : await consume();
clearInterval(timer);
const report: LossyEndReport = { count, lost, sum, fault, ...strategy.counters };
parentPort!.postMessage(report);
