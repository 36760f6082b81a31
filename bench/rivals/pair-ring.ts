/**
 * The ring that a careful programmer writes for one purpose: records of an i32 and an f64, one writer, one reader, no
 * runtime around it. It is the limit that heddle is held against.
 *
 * ```
 *   bytes  0        128       256                          256 + 16 n
 *          head     tail      record | record | ...
 *                             i32, -, f64
 * ```
 *
 * `head` is written by the reader, `tail` by the writer; both run free, and each side keeps a copy of the other's. The
 * cache lines between them keep one side's writes from disturbing the other.
 */
const HEAD = 0;
const TAIL = 32;
const RECORDS_AT = 256;
const RECORD_BYTES = 16;
export const RECORDS = 8192;
const MASK = RECORDS - 1;
/** Looks that a reader skips after one that found nothing: each look takes the cache line away from the writer. */
const BACK_OFF = 40;

export const makePairRing = (): SharedArrayBuffer => new SharedArrayBuffer(RECORDS_AT + RECORDS * RECORD_BYTES);

export class PairWriter {
  readonly #words: Int32Array;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #batch: number;
  #tail: number;
  #head: number;

  /** Publishes after `batch` records, a power of two. */
  constructor(ring: SharedArrayBuffer, batch: number) {
    this.#words = new Int32Array(ring, 0, RECORDS_AT / 4);
    this.#ints = new Int32Array(ring, RECORDS_AT);
    this.#floats = new Float64Array(ring, RECORDS_AT);
    this.#batch = batch - 1;
    this.#tail = Atomics.load(this.#words, TAIL);
    this.#head = Atomics.load(this.#words, HEAD);
  }

  /** False: the ring is full; what was written is published. */
  write(i: number, f: number): boolean {
    const tail = this.#tail;
    if (((tail - this.#head) | 0) > MASK) {
      this.publish();
      this.#head = Atomics.load(this.#words, HEAD);
      if (((tail - this.#head) | 0) > MASK) return false;
    }
    const place = tail & MASK;
    this.#ints[place * 4] = i;
    this.#floats[place * 2 + 1] = f;
    this.#tail = (tail + 1) | 0;
    if ((this.#tail & this.#batch) === 0) this.publish();
    return true;
  }

  publish(): void {
    Atomics.store(this.#words, TAIL, this.#tail);
  }
}

export class PairReader {
  readonly #words: Int32Array;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  #head: number;

  constructor(ring: SharedArrayBuffer) {
    this.#words = new Int32Array(ring, 0, RECORDS_AT / 4);
    this.#ints = new Int32Array(ring, RECORDS_AT);
    this.#floats = new Float64Array(ring, RECORDS_AT);
    this.#head = Atomics.load(this.#words, HEAD);
  }

  /** How many records there are to read. */
  look(): number {
    return (Atomics.load(this.#words, TAIL) - this.#head) | 0;
  }

  /** Of the record of number `index` among these. */
  int(index: number): number {
    return this.#ints[((this.#head + index) & MASK) * 4]!;
  }

  float(index: number): number {
    return this.#floats[((this.#head + index) & MASK) * 2 + 1]!;
  }

  /** Gives back the room of the first `count` records. */
  release(count: number): void {
    this.#head = (this.#head + count) | 0;
    Atomics.store(this.#words, HEAD, this.#head);
  }
}

/** Lets the writer have its cache line for a moment. */
export const backOff = (): void => {
  for (let k = 0; k < BACK_OFF; k++) pause();
};

/** Something that takes a nanosecond and cannot be left out. */
let paused = 0;
const pause = (): void => {
  paused = (paused + 1) | 0;
};
