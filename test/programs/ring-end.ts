/** A thread that is one end of a ring: it sends so many records, or receives and checks them until the ring has ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { RecordConsumer, RecordProducer, type RingPlace } from 'heddle/queues';
import { faultOf, recordBytes, Sequence, strategies, type WaitName, writeRecord } from './ring-traffic.js';

export interface EndTask {
  readonly place: RingPlace;
  readonly role: 'produce' | 'consume';
  readonly records: number;
  /** The number of the first record; those that follow wrap at 2^32. */
  readonly first: number;
  /** Payload words of a record, at most; how many it has, both ends know from the seed. */
  readonly wordsMax: number;
  readonly seed: number;
  readonly wait: WaitName;
}

export interface EndReport {
  readonly records: number;
  readonly fault: string | undefined;
  /** Payload bytes. */
  readonly bytes: number;
  readonly sleeps: number;
  readonly missedWakes: number;
  /** Turns of the event loop that the thread's own timers had. */
  readonly ticks: number;
}

const { place, role, records, first, wordsMax, seed, wait } = workerData as EndTask;
const strategy = strategies[wait]();
const lengths = new Sequence(seed);
const DRAIN_LIMIT = 256;
const PUBLISH_EVERY = 16;

let count = 0;
let payloadWords = 0;
let fault: string | undefined;

/** Blocking strategies give nothing to wait for; an `await` for every record would be what is measured. */
const produce = async (): Promise<void> => {
  const producer = new RecordProducer(place);
  while (count < records) {
    const words = lengths.lengthUpTo(wordsMax);
    while (!writeRecord(producer, (first + count) | 0, words)) {
      const waiting = producer.waitForRoom(recordBytes(words), strategy);
      if (waiting !== undefined) await waiting;
    }
    payloadWords += words;
    if (++count % PUBLISH_EVERY === 0) producer.publish();
  }
  producer.close();
};

const consume = async (): Promise<void> => {
  const consumer = new RecordConsumer(place);
  const sink = {
    receive(type: number, at: number, end: number): void {
      const words = lengths.lengthUpTo(wordsMax);
      if (type !== 1 + words) fault ??= `record ${first + count} has type ${type} and not ${1 + words}`;
      fault ??= faultOf(consumer, (first + count) | 0, type, at, end);
      payloadWords += words;
      count++;
    },
  };
  while (!consumer.ended) {
    if (consumer.drain(sink, DRAIN_LIMIT) > 0) consumer.release();
    else {
      const waiting = consumer.waitForNews(strategy);
      if (waiting !== undefined) await waiting;
    }
  }
};

// Also what keeps the thread alive while it waits on its event loop.
let ticks = 0;
const timer = setInterval(() => ticks++, 1);
await (role === 'produce' ? produce() : consume());
clearInterval(timer);
const report: EndReport = { records: count, fault, bytes: payloadWords * 4, ...strategy.counters, ticks };
parentPort!.postMessage(report);
