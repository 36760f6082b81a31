/**
 * A ring of bytes made by hand, one writer, one reader. What is written in it are frames of at most `FRAME_BYTES_MAX`; a
 * frame never wraps, so whoever stands too near to the end goes on at the beginning.
 *
 * ```
 *   bytes  0        128       256
 *          head     tail      length | frame | length | frame | ...
 * ```
 */
import { backOff } from './pair-ring.js';

const HEAD = 0;
const TAIL = 32;
const FRAMES_AT = 256;
const WORD_BYTES = 4;
/** A length, and a gap: V8 copies byte by byte what is not aligned alike on both sides. */
const LENGTH_BYTES = 8;
/** Positions are places in the ring; this many bytes are left free, so that a full one differs from an empty one. */
const RING_BYTES = 1 << 20;
export const FRAME_BYTES_MAX = 2048;
const LAST_FRAME_AT = RING_BYTES - FRAME_BYTES_MAX;

export const makeByteRing = (): SharedArrayBuffer => new SharedArrayBuffer(FRAMES_AT + RING_BYTES);

/** Where the frame after the one at `at` begins: a multiple of the length's size. */
const following = (at: number, length: number): number => {
  const next = at + LENGTH_BYTES + ((length + LENGTH_BYTES - 1) & -LENGTH_BYTES);
  return next > LAST_FRAME_AT ? 0 : next;
};

export class FrameWriter {
  readonly #words: Int32Array;
  readonly #lengths: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #batch: number;
  #unpublished = 0;
  #tail = 0;
  #head = 0;

  /** Publishes after `batch` frames. */
  constructor(ring: SharedArrayBuffer, batch: number) {
    this.#words = new Int32Array(ring, 0, FRAMES_AT / 4);
    this.#lengths = new Int32Array(ring, FRAMES_AT);
    this.#bytes = new Uint8Array(ring, FRAMES_AT);
    this.#batch = batch;
  }

  /** Waits for room, if need be. */
  write(frame: Uint8Array): void {
    while (!this.tryWrite(frame)) this.publish();
  }

  /** False: there is no room. */
  tryWrite(frame: Uint8Array): boolean {
    if (!this.#hasRoom()) {
      this.#head = Atomics.load(this.#words, HEAD);
      if (!this.#hasRoom()) return false;
    }
    const at = this.#tail;
    this.#lengths[at / WORD_BYTES] = frame.length;
    this.#bytes.set(frame, at + LENGTH_BYTES);
    this.#tail = following(at, frame.length);
    if (++this.#unpublished === this.#batch) this.publish();
    return true;
  }

  #hasRoom(): boolean {
    const ahead = this.#head - this.#tail;
    return (ahead > 0 ? ahead : ahead + RING_BYTES) > 2 * FRAME_BYTES_MAX;
  }

  publish(): void {
    this.#unpublished = 0;
    Atomics.store(this.#words, TAIL, this.#tail);
  }
}

type EachFrame = (frames: Buffer, start: number, end: number) => void;

export class FrameReader {
  readonly #words: Int32Array;
  readonly #lengths: Int32Array;
  readonly #frames: Buffer;
  #head = 0;

  constructor(ring: SharedArrayBuffer) {
    this.#words = new Int32Array(ring, 0, FRAMES_AT / 4);
    this.#lengths = new Int32Array(ring, FRAMES_AT);
    this.#frames = Buffer.from(ring, FRAMES_AT);
  }

  /** Reads all frames that are there; how many those were. `each` is told where in the ring they lie. */
  take(each: EachFrame): number {
    const tail = Atomics.load(this.#words, TAIL);
    let head = this.#head;
    if (tail === head) return 0;
    let count = 0;
    while (head !== tail) {
      const length = this.#lengths[head / WORD_BYTES]!;
      each(this.#frames, head + LENGTH_BYTES, head + LENGTH_BYTES + length);
      head = following(head, length);
      count++;
    }
    this.#head = head;
    Atomics.store(this.#words, HEAD, head);
    return count;
  }
}

/** Reads `count` frames. */
export const readFrames = (ring: SharedArrayBuffer, count: number, each: EachFrame): void => {
  const reader = new FrameReader(ring);
  for (let left = count; left > 0; ) {
    const got = reader.take(each);
    if (got === 0) backOff();
    left -= got;
  }
};
