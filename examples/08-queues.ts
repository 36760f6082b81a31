/** `heddle/queues` alone: a ring between two threads of your own, without actors. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { blockWait, createRing, openRing, RecordConsumer, RecordProducer } from 'heddle/queues';

const RING_BYTES = 1 << 16;
const RECORDS = 1_000_000;
const BATCH = 64;
/** The type of a record is a number of the user's choice; its payload begins after 8 bytes. */
const NUMBER = 1;
const HEADER_BYTES = 8;
const RECORD_BYTES = 16;

const produce = async (): Promise<void> => {
  const place = createRing(RING_BYTES);
  const worker = new Worker(new URL(import.meta.url), { workerData: place.words.buffer });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const producer = new RecordProducer(place);
  for (let value = 1; value <= RECORDS; value++) {
    let at = producer.claim(RECORD_BYTES);
    // A full ring refuses; the consumer is on a thread of its own, so trying again is all it takes.
    while (at < 0) at = producer.claim(RECORD_BYTES);
    place.words[(at + HEADER_BYTES) >> 2] = value;
    producer.commit(at, RECORD_BYTES, NUMBER);
  }
  producer.close();
  await ended;
};

const consume = (): void => {
  const place = openRing(workerData);
  const consumer = new RecordConsumer(place);
  const wait = blockWait();
  let [records, sum] = [0, 0];
  const sink = {
    receive(_type: number, at: number): void {
      records++;
      sum += place.words[(at + HEADER_BYTES) >> 2]!;
    },
  };
  while (!consumer.ended) {
    if (consumer.drain(sink, BATCH) > 0) consumer.release();
    else wait.wait(consumer.bell, () => consumer.hasNews() || consumer.ended);
  }
  console.log(`${records} records, sum ${sum}, lost wake-ups ${wait.counters.missedWakes}`);
};

if (isMainThread) await produce();
else consume();
