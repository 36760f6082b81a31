/**
 * What goes through a ring between real threads: records that tell by themselves whether they are whole.
 *
 * ```
 *   type     1 + number of payload words
 *   payload  sequence number | content ... | checksum of the content and the sequence number
 * ```
 *
 * A record of one word has only the sequence number, one of no words only its length.
 */
import {
  type AsyncWait,
  adaptiveWait,
  alignRecord,
  type BlockingWait,
  blockWait,
  eventLoopWait,
  RECORD_HEADER_BYTES,
  type RecordConsumer,
  type RecordProducer,
  recordBytesMax,
  spinWait,
} from 'heddle/queues';

export type WaitName = 'spin' | 'adaptive' | 'block' | 'blockWithoutBelt' | 'eventLoop';

export const strategies: Record<WaitName, () => BlockingWait | AsyncWait> = {
  spin: spinWait,
  adaptive: adaptiveWait,
  block: blockWait,
  blockWithoutBelt: () => blockWait(Number.POSITIVE_INFINITY),
  eventLoop: eventLoopWait,
};

/** Payload words of the longest record. */
export const wordsMaxOf = (capacityBytes: number): number => (recordBytesMax(capacityBytes) - RECORD_HEADER_BYTES) >> 2;

export const recordBytes = (words: number): number => alignRecord(RECORD_HEADER_BYTES + words * 4);

/** Random numbers that both sides make from one seed. */
export class Sequence {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A 32-bit integer by xorshift32 (Marsaglia, 2003). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x;
  }

  /** 0 <= result <= max, below 2^31. */
  upTo(max: number): number {
    return (this.next() >>> 1) % (max + 1);
  }

  /** The same, but every order of magnitude is as likely as any other: mostly short. */
  lengthUpTo(max: number): number {
    return this.upTo(max >> this.upTo(32 - Math.clz32(max)));
  }
}

const contentWord = (sequence: number, i: number): number => Math.imul(sequence + i, 0x9e37_79b1);
const addToSum = (sum: number, word: number): number => Math.imul(sum ^ word, 0x0100_0193);

/** Writes the payload of record number `sequence`, the first word at `first`. */
export const writePayload = (memory: Int32Array, first: number, sequence: number, words: number): void => {
  if (words > 0) memory[first] = sequence;
  if (words < 2) return;
  let sum = sequence;
  for (let i = 1; i < words - 1; i++) {
    const word = contentWord(sequence, i);
    memory[first + i] = word;
    sum = addToSum(sum, word);
  }
  memory[first + words - 1] = sum;
};

/** Claims, writes and commits record number `sequence`; false when there is no room. */
export const writeRecord = (producer: RecordProducer, sequence: number, words: number): boolean => {
  const bytes = recordBytes(words);
  const at = producer.claim(bytes);
  if (at < 0) return false;
  writePayload(producer.words, (at + RECORD_HEADER_BYTES) >> 2, sequence, words);
  producer.commit(at, bytes, 1 + words);
  return true;
};

/** How many words from `first` on are as `writeRecord` writes them: those that it came to before it was ended. */
export const writtenWords = (memory: Int32Array, first: number, sequence: number, words: number): number => {
  const whole = new Int32Array(words);
  writePayload(whole, 0, sequence, words);
  const different = whole.findIndex((word, i) => memory[first + i] !== word);
  return different < 0 ? words : different;
};

/** What is wrong with the payload of record number `sequence`, whose first word is at `first`; undefined if nothing is. */
export const payloadFault = (
  memory: Int32Array,
  first: number,
  sequence: number,
  words: number,
): string | undefined => {
  if (words > 0 && memory[first] !== sequence) return `record ${sequence} says that it is ${memory[first]}`;
  if (words < 2) return undefined;
  let sum = sequence;
  for (let i = 1; i < words - 1; i++) sum = addToSum(sum, memory[first + i]!);
  return memory[first + words - 1] === sum ? undefined : `record ${sequence} of ${words} words has a wrong checksum`;
};

/** What is wrong with record number `sequence`, as it arrived; undefined if nothing is. */
export const faultOf = (
  consumer: RecordConsumer,
  sequence: number,
  type: number,
  at: number,
  end: number,
): string | undefined => {
  const memory = consumer.words;
  const words = type - 1;
  const first = (at + RECORD_HEADER_BYTES) >> 2;
  if (end < at + RECORD_HEADER_BYTES + words * 4) return `record ${sequence} is too short for ${words} words`;
  return payloadFault(memory, first, sequence, words);
};
