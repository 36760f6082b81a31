/** A producer to be ended by others: it takes the ring over, sends, and never stops by itself. */
import { workerData } from 'node:worker_threads';
import { openRing, RecordProducer } from 'heddle/queues';
import { recordBytes, writeRecord } from './ring-traffic.js';

export interface VictimTask {
  readonly buffer: SharedArrayBuffer;
  /** `claim`: publishes some records, then writes into a claimed one for ever. `run`: sends as fast as it can. */
  readonly ends: 'claim' | 'run';
  /** Number of the first record. */
  readonly first: number;
  readonly publishes: number;
  /** Records that are committed but not published. */
  readonly commits: number;
  /** One word that is set, and notified, when the victim is where it is to be ended. */
  readonly ready: Int32Array;
}

const { buffer, ends, first, publishes, commits, ready } = workerData as VictimTask;
const producer = new RecordProducer(openRing(buffer));
const WORDS = 12;

let sequence = first;
const next = (): boolean => {
  if (!writeRecord(producer, sequence, WORDS)) return false;
  sequence = (sequence + 1) | 0;
  return true;
};
const sayReady = (): void => {
  Atomics.store(ready, 0, 1);
  Atomics.notify(ready, 0);
};

if (ends === 'claim') {
  for (let i = 0; i < publishes; i++) next();
  producer.publish();
  for (let i = 0; i < commits; i++) next();
  const bytes = recordBytes(WORDS);
  const at = producer.claim(bytes) >> 2;
  sayReady();
  for (let i = 0; ; i++) producer.words[at + (i % (bytes >> 2))] = -i;
}
sayReady();
for (;;) {
  next();
  if (sequence % 3 === 0) producer.publish();
}
