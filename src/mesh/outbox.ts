/**
 * Records that wait for room in a ring, oldest first. They are kept as they will lie in the ring, so that sending
 * them is a copy. Private to the producing thread.
 */
import type { RecordProducer } from '../../native-free-queues/index.js';

const CHUNK_BYTES = 1 << 16;
/** Words in front of a record: its type and its bytes in the ring. */
const PREFIX_WORDS = 2;
/** Up to here a loop is faster than a call. */
const LOOP_WORDS = 32;
/** The ring's own header, which `commit` writes. */
const HEADER_WORDS = 2;

export class Outbox {
  /** Bytes of the records that wait. */
  bytes = 0;
  #chunks: Int32Array[] = [];
  #readAt = 0;
  #writeAt = 0;

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** Copies the record of `bytes` bytes at `at` of `words`; its header there is not looked at. */
  append(type: number, words: Int32Array, at: number, bytes: number): void {
    const size = bytes >> 2;
    const needed = PREFIX_WORDS + size;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#writeAt + needed > chunk.length) {
      chunk = new Int32Array(Math.max(CHUNK_BYTES >> 2, needed));
      // A record never spans chunks; a zero ends one early.
      this.#chunks.push(chunk);
      this.#writeAt = 0;
    }
    chunk[this.#writeAt] = type;
    chunk[this.#writeAt + 1] = bytes;
    copyWords(words, at >> 2, chunk, this.#writeAt + PREFIX_WORDS, size);
    this.#writeAt += needed;
    this.bytes += bytes;
  }

  /** Moves records into the ring until one does not fit. Returns whether none is left. */
  drainInto(producer: RecordProducer, claim: (bytes: number) => number): boolean {
    while (this.bytes > 0) {
      const chunk = this.#chunks[0]!;
      const last = this.#chunks.length === 1;
      if (this.#readAt >= chunk.length || (last ? this.#readAt >= this.#writeAt : chunk[this.#readAt] === 0)) {
        this.#chunks.shift();
        this.#readAt = 0;
        continue;
      }
      const bytes = chunk[this.#readAt + 1]!;
      const at = claim(bytes);
      if (at < 0) return false;
      const size = bytes >> 2;
      const body = this.#readAt + PREFIX_WORDS + HEADER_WORDS;
      copyWords(chunk, body, producer.words, (at >> 2) + HEADER_WORDS, size - HEADER_WORDS);
      producer.commit(at, bytes, chunk[this.#readAt]!);
      this.#readAt += PREFIX_WORDS + size;
      this.bytes -= bytes;
    }
    this.#chunks = [];
    this.#readAt = 0;
    this.#writeAt = 0;
    return true;
  }

  /** Hands every record that waits to `visit` (its type, and where it begins and ends in `words`) and forgets it. */
  clear(visit: (type: number, words: Int32Array, at: number, end: number) => void): void {
    for (const [index, chunk] of this.#chunks.entries()) {
      const end = index === this.#chunks.length - 1 ? this.#writeAt : chunk.length;
      let at = index === 0 ? this.#readAt : 0;
      while (at < end && chunk[at] !== 0) {
        const bytes = chunk[at + 1]!;
        visit(chunk[at]!, chunk, (at + PREFIX_WORDS) << 2, ((at + PREFIX_WORDS) << 2) + bytes);
        at += PREFIX_WORDS + (bytes >> 2);
      }
    }
    this.#chunks = [];
    this.#readAt = 0;
    this.#writeAt = 0;
    this.bytes = 0;
  }
}

const copyWords = (from: Int32Array, fromAt: number, to: Int32Array, toAt: number, count: number): void => {
  if (count > LOOP_WORDS) {
    to.set(from.subarray(fromAt, fromAt + count), toAt);
    return;
  }
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
};
