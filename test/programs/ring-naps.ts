/**
 * A thread that is one end of a tiny ring and sends or receives record by record, with random tiny delays: the ring is
 * empty or full again and again, so that the ends arm their bells, look once more, and sleep or do not, at every
 * distance to what the other end is just doing.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { RecordConsumer, RecordProducer, type RingPlace } from 'heddle/queues';
import { faultOf, recordBytes, Sequence, strategies, type WaitName, writeRecord } from './ring-traffic.js';

export interface NapTask {
  readonly place: RingPlace;
  readonly role: 'produce' | 'consume';
  readonly first: number;
  readonly seed: number;
  readonly wait: WaitName;
  /** Payload words of each record. */
  readonly recordWords: number;
  /** The producer goes on until both ends together have begun so many waits. */
  readonly cycles: number;
  /** Waits that have been begun: by the producer, and by the consumer. */
  readonly begun: Int32Array;
}

export interface NapReport {
  readonly records: number;
  readonly fault: string | undefined;
  readonly cycles: number;
  readonly sleeps: number;
}

const { place, role, first, seed, wait, recordWords, cycles, begun } = workerData as NapTask;
const strategy = strategies[wait]();
const delays = new Sequence(seed + (role === 'produce' ? 0 : 1));
/** Turns of an empty loop: up to a few hundred nanoseconds, what the other end needs for a record. */
const DELAY_MAX = 400;

let spun = 0;
const delay = (): void => {
  for (let left = delays.upTo(DELAY_MAX); left > 0; left--) spun = (spun + left) | 0;
};

const mine = role === 'produce' ? 0 : 1;
const countCycle = (): void => {
  Atomics.store(begun, mine, begun[mine]! + 1);
};

let records = 0;
let fault: string | undefined;

const produce = async (): Promise<void> => {
  const producer = new RecordProducer(place);
  while (begun[mine]! + Atomics.load(begun, 1 - mine) < cycles) {
    delay();
    while (!writeRecord(producer, (first + records) | 0, recordWords)) {
      countCycle();
      delay();
      const waiting = producer.waitForRoom(recordBytes(recordWords), strategy);
      if (waiting !== undefined) await waiting;
    }
    records++;
    producer.publish();
  }
  producer.close();
};

const consume = async (): Promise<void> => {
  const consumer = new RecordConsumer(place);
  const sink = {
    receive(type: number, at: number, end: number): void {
      fault ??= faultOf(consumer, (first + records) | 0, type, at, end);
      records++;
    },
  };
  while (!consumer.ended) {
    delay();
    if (consumer.drain(sink, 1) > 0) consumer.release();
    else {
      countCycle();
      delay();
      const waiting = consumer.waitForNews(strategy);
      if (waiting !== undefined) await waiting;
    }
  }
};

// A promise of the event loop's wait keeps no thread alive.
const alive = setInterval(() => undefined, 1000);
await (role === 'produce' ? produce() : consume());
clearInterval(alive);
const report: NapReport = { records, fault, cycles: begun[mine]!, sleeps: strategy.counters.sleeps };
parentPort!.postMessage(report);
