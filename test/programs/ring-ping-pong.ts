/** A thread that blocks for each ping of one ring and answers by another, until the first has ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { blockWait, openRing, RecordConsumer, RecordProducer } from 'heddle/queues';

export interface PingPongTask {
  readonly pings: SharedArrayBuffer;
  readonly pongs: SharedArrayBuffer;
  /** The thread that begins, and goes on until it has slept so often; 0: the one that answers. */
  readonly sleeps: number;
  readonly roundsMax: number;
}

const { pings, pongs, sleeps, roundsMax } = workerData as PingPongTask;
const begins = sleeps > 0;
const consumer = new RecordConsumer(openRing(begins ? pongs : pings));
const producer = new RecordProducer(openRing(begins ? pings : pongs));
const wait = blockWait();
const EMPTY = new Uint8Array(0);

const send = (): void => {
  producer.tryWrite(1, EMPTY);
  producer.publish();
};

let rounds = 0;
if (begins) send();
while (!consumer.ended) {
  const count = consumer.drain({ receive: () => undefined }, 1);
  if (count === 0) consumer.waitForNews(wait);
  else {
    consumer.release();
    rounds++;
    if (!begins || (wait.counters.sleeps < sleeps && rounds < roundsMax)) send();
    else break;
  }
}
producer.close();
parentPort!.postMessage({ rounds, ...wait.counters });
