/** A thread that is one end of a ring: it sends so many records, or receives and checks them until the ring has ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { openRing, RecordConsumer, RecordProducer } from 'heddle/queues';
import { faultOf, recordBytes, Sequence, strategies, type WaitName, writeRecord } from './ring-traffic.js';

export interface EndTask {
  readonly buffer: SharedArrayBuffer;
  readonly role: 'produce' | 'consume';
  readonly records: number;
  readonly seed: number;
  readonly wait: WaitName;
}

export interface EndReport {
  readonly records: number;
  readonly fault: string | undefined;
  readonly sleeps: number;
  readonly missedWakes: number;
  /** Turns of the event loop that the thread's own timers had. */
  readonly ticks: number;
}

const { buffer, role, records, seed, wait } = workerData as EndTask;
const place = openRing(buffer);
const strategy = strategies[wait]();
const sequence = new Sequence(seed);
const DRAIN_LIMIT = 256;
const PUBLISH_EVERY = 16;

/** Blocking strategies give nothing to wait for; an `await` for every record would be what is measured. */
const produce = async (): Promise<number> => {
  const producer = new RecordProducer(place);
  for (let i = 0; i < records; i++) {
    const words = sequence.words();
    while (!writeRecord(producer, i, words)) {
      const waiting = producer.waitForRoom(recordBytes(words), strategy);
      if (waiting !== undefined) await waiting;
    }
    if (i % PUBLISH_EVERY === 0) producer.publish();
  }
  producer.close();
  return records;
};

let fault: string | undefined;

const consume = async (): Promise<number> => {
  const consumer = new RecordConsumer(place);
  let count = 0;
  const sink = {
    receive(type: number, at: number, end: number): void {
      fault ??= faultOf(consumer, count, sequence.words(), { type, at, end });
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
  return count;
};

// Also what keeps the thread alive while it waits on its event loop.
let ticks = 0;
const timer = setInterval(() => ticks++, 1);
const done = await (role === 'produce' ? produce() : consume());
clearInterval(timer);
const report: EndReport = { records: done, fault, ...strategy.counters, ticks };
parentPort!.postMessage(report);
