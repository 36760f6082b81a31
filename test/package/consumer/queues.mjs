// One program, two threads: the first sends numbers through a ring, the second answers with their sum.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { blockWait, createRing, openRing, RecordConsumer, RecordProducer } from 'heddle/queues';

const COUNT = 100;
const RECORD_BYTES = 16;
/** Where in a record its payload begins, as an index of 32-bit words. */
const payloadWord = (at) => (at + 8) >> 2;

const produce = (place) => {
  const producer = new RecordProducer(place);
  for (let n = 1; n <= COUNT; n++) {
    const at = producer.claim(RECORD_BYTES);
    place.words[payloadWord(at)] = n;
    producer.commit(at, RECORD_BYTES, 1);
  }
  producer.close();
};

const consume = (place) => {
  const consumer = new RecordConsumer(place);
  const wait = blockWait();
  let sum = 0;
  const sink = {
    receive(_type, at) {
      sum += place.words[payloadWord(at)];
    },
  };
  parentPort.postMessage('ready');
  while (!consumer.ended) {
    if (consumer.drain(sink, COUNT) > 0) consumer.release();
    else wait.wait(consumer.bell, () => consumer.hasNews() || consumer.ended);
  }
  return sum;
};

if (isMainThread) {
  const place = createRing(1 << 16);
  const worker = new Worker(new URL(import.meta.url), { workerData: place.words.buffer });
  await once(worker, 'message');
  produce(place);
  const [sum] = await once(worker, 'message');
  console.log(JSON.stringify({ sum }));
} else {
  parentPort.postMessage(consume(openRing(workerData)));
}
