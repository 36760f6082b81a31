/**
 * A thread to be ended by others. It does one step of its task at a time, each when it is told to, and never stops by
 * itself:
 *
 * | task      | first step              | then                                                                       |
 * | --------- | ----------------------- | -------------------------------------------------------------------------- |
 * | `write`   | takes the producer over | at once: writes records of random lengths for ever                         |
 * | `read`    | takes the consumer over | at once: sleeps until there is news and reads it, for ever                 |
 * | `publish` | takes the producer over | second step: publishes some records, and stops where the bell is rung      |
 * | `release` | takes the consumer over | second step: gives some records' room back, and stops where it is rung     |
 */
import { workerData } from 'node:worker_threads';
import { blockWait, Doorbell, pause, RECORD_HEADER_BYTES, RecordConsumer, RecordProducer } from 'heddle/queues';
import { faultOf, recordBytes, Sequence, writePayload, writeRecord } from './ring-traffic.js';
import { ControlWord, type VictimTask } from './ring-victim-task.js';

const { place, does, seed, control, stop, bellWord = 0, records = 0 } = workerData as VictimTask;
const random = new Sequence(seed);
const WORDS_MAX = 1000;
const AWAKE = 0;

const awaitStep = (step: number): void => {
  for (let told = 0; told < step; told = Atomics.load(control, ControlWord.told)) {
    Atomics.wait(control, ControlWord.told, told);
  }
};

const sayReached = (step: number): void => {
  Atomics.store(control, ControlWord.reached, step);
  Atomics.notify(control, ControlWord.reached);
};

/** A bell at which its ringer stands still. */
class FatalBell extends Doorbell {
  override ring(): boolean {
    if (stop === 'before the wake') Atomics.exchange(place.words, bellWord, AWAKE);
    sayReached(2);
    for (;;) pause();
  }
}

const fatalBell = (): Doorbell => new FatalBell(place.words, bellWord);

/** Takes its time for each word: V8 ends a thread at the edges of loops and at calls, and most of them are to be here. */
const writeSlowly = (first: number, sequence: number, words: number): void => {
  const payload = new Int32Array(words);
  writePayload(payload, 0, sequence, words);
  for (let i = 0; i < words; i++) {
    place.words[first + i] = payload[i]!;
    pause();
  }
};

const write = (): never => {
  const producer = new RecordProducer(place);
  sayReached(1);
  for (let begun = 0; ; ) {
    const words = random.upTo(WORDS_MAX);
    let at = producer.claim(recordBytes(words));
    while (at < 0) at = producer.claim(recordBytes(words));
    const payload = (at + RECORD_HEADER_BYTES) >> 2;
    control[ControlWord.number] = producer.number;
    control[ControlWord.words] = words;
    control[ControlWord.payload] = payload;
    Atomics.store(control, ControlWord.begun, ++begun);
    writeSlowly(payload, producer.number, words);
    producer.commit(at, recordBytes(words), 1 + words);
    Atomics.store(control, ControlWord.done, begun);
    if (random.upTo(2) === 0) producer.publish();
  }
};

const publish = (): void => {
  const producer = new RecordProducer(place, { consumer: fatalBell() });
  sayReached(1);
  awaitStep(2);
  for (let i = 0; i < records; i++) writeRecord(producer, producer.number, random.upTo(2));
  producer.publish();
};

/** Takes so many records; notes which, and whether they are whole. */
const take = (consumer: RecordConsumer, limit: number): number =>
  consumer.drain(
    {
      receive(type, at, end) {
        const done = control[ControlWord.done]!;
        const fault = faultOf(consumer, (control[ControlWord.first]! + done) | 0, type, at, end);
        if (fault !== undefined) control[ControlWord.faulty] = 1;
        Atomics.store(control, ControlWord.done, done + 1);
      },
    },
    limit,
  );

const release = (): void => {
  const consumer = new RecordConsumer(place, { producer: fatalBell() });
  sayReached(1);
  awaitStep(2);
  take(consumer, records);
  consumer.release();
};

const read = (): never => {
  const consumer = new RecordConsumer(place);
  const wait = blockWait(Number.POSITIVE_INFINITY);
  sayReached(1);
  for (;;) {
    if (take(consumer, 1) > 0) consumer.release();
    else consumer.waitForNews(wait);
  }
};

awaitStep(1);
({ write, publish, release, read })[does]();
