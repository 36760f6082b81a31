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
const RECORDS = 8192;
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

  /** Reads what there is; returns how many records. */
  read(each: (i: number, f: number) => void): number {
    const tail = Atomics.load(this.#words, TAIL);
    const count = (tail - this.#head) | 0;
    if (count === 0) return 0;
    for (let head = this.#head; head !== tail; head = (head + 1) | 0) {
      const place = head & MASK;
      each(this.#ints[place * 4]!, this.#floats[place * 2 + 1]!);
    }
    this.#head = tail;
    Atomics.store(this.#words, HEAD, tail);
    return count;
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
