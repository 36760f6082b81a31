/** What goes through a ring between two real threads: records of random lengths whose every word can be told. */
import {
  type AsyncWait,
  adaptiveWait,
  type BlockingWait,
  blockWait,
  eventLoopWait,
  type RecordConsumer,
  type RecordProducer,
  spinWait,
} from 'heddle/queues';

export type WaitName = 'spin' | 'adaptive' | 'block' | 'eventLoop';

export const strategies: Record<WaitName, () => BlockingWait | AsyncWait> = {
  spin: spinWait,
  adaptive: adaptiveWait,
  block: blockWait,
  eventLoop: eventLoopWait,
};

/** Words of payload, at most. */
const PAYLOAD_WORDS_MAX = 24;
const HEADER_BYTES = 8;
const TYPES = 4095;

/** The sequence of random numbers that both sides make from one seed. */
export class Sequence {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** xorshift32 (Marsaglia, 2003). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x;
  }

  words(): number {
    return (this.next() >>> 0) % (PAYLOAD_WORDS_MAX + 1);
  }
}

const mix = (sequence: number, word: number): number => (Math.imul(sequence, 0x9e37_79b1) + word) | 0;
const align = (bytes: number): number => (bytes + 7) & -8;

/** Claims, writes and commits record number `sequence`; false when there is no room. */
export const writeRecord = (producer: RecordProducer, sequence: number, words: number): boolean => {
  const bytes = align(HEADER_BYTES + words * 4);
  const at = producer.claim(bytes);
  if (at < 0) return false;
  const first = (at + HEADER_BYTES) >> 2;
  for (let i = 0; i < words; i++) producer.words[first + i] = mix(sequence, i);
  producer.commit(at, bytes, 1 + ((sequence >>> 0) % TYPES));
  return true;
};

export const recordBytes = (words: number): number => align(HEADER_BYTES + words * 4);

/** What is wrong with record number `sequence`, as it arrived; undefined if nothing is. */
export const faultOf = (
  consumer: RecordConsumer,
  sequence: number,
  words: number,
  record: { readonly type: number; readonly at: number; readonly end: number },
): string | undefined => {
  const { type, at, end } = record;
  if (type !== 1 + ((sequence >>> 0) % TYPES)) return `record ${sequence} has type ${type}`;
  if (end < at + HEADER_BYTES + words * 4) return `record ${sequence} is too short`;
  const first = (at + HEADER_BYTES) >> 2;
  for (let i = 0; i < words; i++) {
    if (consumer.words[first + i] !== mix(sequence, i)) return `record ${sequence} is wrong in word ${i}`;
  }
  return undefined;
};
