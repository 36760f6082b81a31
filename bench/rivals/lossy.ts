/** Records of an i32 and an f64 that a single thread writes into rings which nobody reads meanwhile. */
import { createLossyRing, LossyConsumer, LossyProducer } from 'heddle/queues';
import { check } from '../harness/check.js';
import { makePairRing, PairReader, PairWriter } from './pair-ring.js';
import { serve } from './serve.js';

interface Stream {
  readonly count: number;
  /** Records that the lossy ring holds, or that are taken out of the other one at once. */
  readonly capacity: number;
}

interface Outcome {
  readonly ms: number;
  /** Records that were lost, or had to be taken out. */
  readonly lost: number;
  /** The sum of all fields of what was left in the end. */
  readonly left: number;
}

const PAIR_BYTES = 16;
const FLOAT = 0.5;

/** The i32 of a record. */
const intOf = (id: number): number => id & 1023;

/** Of every `step`-th record below `count`. */
const sumOfInts = (count: number, step: number): number => {
  let sum = 0;
  for (let id = 0; id < count; id += step) sum += intOf(id);
  return sum;
};

export const tasks = {
  /** heddle's: each record beyond the capacity overwrites the oldest one. */
  overwrite({ capacity, count }: Stream): Outcome & { readonly lostSum: number } {
    const place = createLossyRing({ capacity, slotBytes: PAIR_BYTES });
    const ints = place.words;
    const floats = new Float64Array(place.words.buffer);
    const producer = new LossyProducer(place);
    let lost = 0;
    let lostSum = 0;
    const began = performance.now();
    for (let id = 0; id < count; id++) {
      const at = producer.claim();
      ints[at >> 2] = intOf(id);
      floats[(at >> 3) + 1] = FLOAT;
      const lostId = producer.publish(PAIR_BYTES);
      if (lostId < 0) continue;
      lost++;
      lostSum += intOf(lostId) + FLOAT;
    }
    const ms = performance.now() - began;
    const consumer = new LossyConsumer(place);
    let left = 0;
    for (let index = 0, taken = consumer.take(); index < taken; index++) {
      const at = consumer.at(index);
      left += ints[at >> 2]! + floats[(at >> 3) + 1]!;
    }
    return { ms, lost, left, lostSum };
  },

  /**
   * By hand: a ring that refuses, published record by record. Whenever it is full its own thread takes so many of the
   * oldest records out, and looks at the first of them.
   */
  takeOut({ count, capacity: atOnce }: Stream): Outcome {
    const ring = makePairRing();
    const writer = new PairWriter(ring, 1);
    const reader = new PairReader(ring);
    let lost = 0;
    let lostInts = 0;
    const began = performance.now();
    for (let id = 0; id < count; id++) {
      if (writer.write(intOf(id), FLOAT)) continue;
      lostInts += reader.int(0);
      reader.release(atOnce);
      lost += atOnce;
      writer.write(intOf(id), FLOAT);
    }
    const ms = performance.now() - began;
    check('the first records taken out', lostInts, sumOfInts(lost, atOnce));
    let left = 0;
    for (let index = 0, count = reader.look(); index < count; index++) left += reader.int(index) + reader.float(index);
    return { ms, lost, left };
  },
};

serve(tasks);
