/**
 * A thread that is one end of a tiny ring and sends or receives record by record, with random tiny delays, so that the
 * ends arm their bells, look once more, and sleep or do not, at every distance to what the other end is just doing.
 *
 * `produce` and `consume` find the ring full and empty again and again. `ask` and `answer` have a ring for each
 * direction and send a record only after they have received one: there is never a second one whose wake would make up
 * for one that is lost.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { RecordConsumer, RecordProducer, type RingPlace } from 'heddle/queues';
import { faultOf, recordBytes, Sequence, strategies, type WaitName, wordsMaxOf, writeRecord } from './ring-traffic.js';

export interface NapTask {
  readonly role: 'produce' | 'consume' | 'ask' | 'answer';
  readonly place: RingPlace;
  /** For the answers. */
  readonly back: RingPlace;
  /** Number of the first record, in both rings. */
  readonly first: number;
  readonly seed: number;
  readonly wait: WaitName;
  /** `produce` and `ask` go on until both ends together have begun so many waits. */
  readonly cycles: number;
  /** Waits that have been begun, by `produce` or `ask` and by the other end. */
  readonly begun: Int32Array;
}

export interface NapReport {
  /** Sent by `produce` and `answer`, received by the others. */
  readonly records: number;
  readonly fault: string | undefined;
  readonly cycles: number;
  readonly sleeps: number;
}

const { role, place, back, first, seed, wait, cycles, begun } = workerData as NapTask;
const strategy = strategies[wait]();
const leads = role === 'produce' || role === 'ask';
const delays = new Sequence(seed + Number(leads));
const mine = leads ? 0 : 1;
/** Turns of an empty loop: up to a few hundred nanoseconds, what the other end needs for a record when it is awake. */
const SHORT_DELAY_MAX = 400;
/** Some ten microseconds, what it needs when it is asleep. */
const LONG_DELAY_MAX = 40_000;
/** One delay of so many is a long one. */
const LONG_DELAY_EVERY = 8;

let spun = 0;
const delay = (): void => {
  const turnsMax = delays.upTo(LONG_DELAY_EVERY - 1) === 0 ? LONG_DELAY_MAX : SHORT_DELAY_MAX;
  for (let left = delays.upTo(turnsMax); left > 0; left--) spun = (spun + left) | 0;
};

/** Before each wait. */
const countCycle = (): void => {
  Atomics.store(begun, mine, begun[mine]! + 1);
  delay();
};

const isEnough = (): boolean => begun[mine]! + Atomics.load(begun, 1 - mine) >= cycles;

let sent = 0;
const send = async (producer: RecordProducer, words: number): Promise<void> => {
  while (!writeRecord(producer, (first + sent) | 0, words)) {
    countCycle();
    const waiting = producer.waitForRoom(recordBytes(words), strategy);
    if (waiting !== undefined) await waiting;
  }
  sent++;
  producer.publish();
};

let received = 0;
let fault: string | undefined;
/** Resolves with false when the ring has ended. */
const receive = async (consumer: RecordConsumer): Promise<boolean> => {
  const sink = {
    receive(type: number, at: number, end: number): void {
      fault ??= faultOf(consumer, (first + received++) | 0, type, at, end);
    },
  };
  while (consumer.drain(sink, 1) === 0) {
    if (consumer.ended) return false;
    countCycle();
    const waiting = consumer.waitForNews(strategy);
    if (waiting !== undefined) await waiting;
  }
  consumer.release();
  return true;
};

const roles: Record<NapTask['role'], () => Promise<void>> = {
  async produce() {
    const producer = new RecordProducer(place);
    const words = wordsMaxOf(place.capacityBytes);
    for (; !isEnough(); delay()) await send(producer, words);
    producer.close();
  },
  async consume() {
    const consumer = new RecordConsumer(place);
    while (await receive(consumer)) delay();
  },
  async ask() {
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(back);
    for (; !isEnough(); delay()) {
      await send(producer, 2);
      await receive(consumer);
    }
    producer.close();
  },
  async answer() {
    const consumer = new RecordConsumer(place);
    const producer = new RecordProducer(back);
    for (; await receive(consumer); await send(producer, 2)) delay();
  },
};

// A promise of the event loop's wait keeps no thread alive.
const alive = setInterval(() => undefined, 1000);
await roles[role]();
clearInterval(alive);
const records = role === 'produce' || role === 'answer' ? sent : received;
const report: NapReport = { records, fault, cycles: begun[mine]!, sleeps: strategy.counters.sleeps };
parentPort!.postMessage(report);
