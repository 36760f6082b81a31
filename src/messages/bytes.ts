/**
 * Bytes and typed arrays in a record: a word with the length in bytes, a gap where the elements need alignment, the
 * elements, filled up to a multiple of 4. Whatever is longer than 64 bytes begins at a multiple of 8, because V8 copies
 * to and from shared memory byte by byte where the two sides are not aligned alike (1.8 M messages of 1 KiB a second
 * instead of 3.7).
 *
 * What is read is a copy that lies in a slab: making an array of its own for each kilobyte costs 1,100 ns, a place
 * in a slab 170. A kept message therefore pins a slab of 64 KiB at most; larger arrays get memory of their own.
 */

import { ELEMENT_BYTES } from './layout.js';
import { ATTACH_BYTES, ATTACHED, advance, alignWord, corrupt, type Memory, NO_ROOM } from './memory.js';
import type { ElementKind } from './shape.js';
import { byteLengthOf, bytesOf, elementConstructor } from './typed-arrays.js';

type Elements = ArrayLike<unknown> & ArrayBufferView;

export interface BytesCodec {
  /** Writes bytes at `at`, a multiple of 4. Returns where they end, a multiple of 4, or `NO_ROOM`. */
  write(value: Uint8Array, at: number, end: number): number;
  /** Reads a copy of the bytes at `memory.at` and steps over them. */
  read(): Uint8Array;
  /** Reads the bytes where they lie. */
  readView(): Uint8Array;
  writeArray(value: ArrayBufferView, element: ElementKind, at: number, end: number): number;
  readArray(element: ElementKind): Elements;
}

const SLAB_BYTES = 1 << 16;
/** Larger arrays do not share a slab. */
const SHARED_MAX = SLAB_BYTES >> 2;
/** Up to here a loop over words is faster than a call. */
const LOOP_MAX = 64;
const HEADER_BYTES = 4;

export const bindBytes = (memory: Memory): BytesCodec => {
  const { i32, u8, buffer } = memory;
  let slab = new ArrayBuffer(0);
  let slabBytes = new Uint8Array(slab);
  let slabWords = new Int32Array(slab);
  // Behind the end, so that the first copy, even an empty one, gets a slab.
  let slabAt = SLAB_BYTES + 1;

  /** A copy of the bytes from `at`, in memory that nobody else writes, aligned to 8. */
  const copy = (at: number, length: number): { buffer: ArrayBuffer; at: number } => {
    if (length > SHARED_MAX) {
      const own = new Uint8Array(length);
      own.set(u8.subarray(at, at + length));
      return { buffer: own.buffer, at: 0 };
    }
    if (slabAt + length > SLAB_BYTES) {
      slab = new ArrayBuffer(SLAB_BYTES);
      slabBytes = new Uint8Array(slab);
      slabWords = new Int32Array(slab);
      slabAt = 0;
    }
    const to = slabAt;
    slabAt = (to + length + 7) & ~7;
    if (length > LOOP_MAX) slabBytes.set(u8.subarray(at, at + length), to);
    else {
      // Whole words: what is copied too much is padding here and overwritten by the next array there.
      const words = Math.min((length + 3) >> 2, (SLAB_BYTES - to) >> 2);
      for (let i = 0; i < words; i++) slabWords[(to >> 2) + i] = i32[(at >> 2) + i]!;
    }
    return { buffer: slab, at: to };
  };

  const takeAttached = (): Uint8Array<ArrayBuffer> => {
    const id = i32[advance(memory, HEADER_BYTES) >> 2]!;
    return memory.source?.take(id) ?? corrupt(`attachment ${id} has not arrived`);
  };

  /** Where the elements of `width` bytes begin that follow the length, which is at `at`. */
  const dataAt = (at: number, width: number, length: number): number =>
    width === 8 || length > LOOP_MAX ? (at + HEADER_BYTES + 7) & ~7 : at + HEADER_BYTES;

  const writeRaw = (value: Uint8Array, width: number, at: number, end: number): number => {
    const length = byteLengthOf(value);
    const from = dataAt(at, width, length);
    const next = from + alignWord(length);
    if (length > ATTACH_BYTES && memory.sink !== undefined) {
      if (at + 2 * HEADER_BYTES > end) return NO_ROOM;
      i32[at >> 2] = ATTACHED;
      i32[(at >> 2) + 1] = memory.sink.attach(bytesOf(value));
      return at + 2 * HEADER_BYTES;
    }
    if (next > end) return NO_ROOM;
    i32[at >> 2] = length;
    if (length > 0) u8.set(value, from);
    return next;
  };

  /** Reads the length; steps over the elements. Returns where they begin, and leaves the length in `lengthRead`. */
  let lengthRead = 0;
  const readRaw = (width: number): number => {
    const lengthAt = advance(memory, HEADER_BYTES);
    lengthRead = i32[lengthAt >> 2]!;
    if (lengthRead === ATTACHED) return -1;
    const gap = dataAt(lengthAt, width, lengthRead) - memory.at;
    if (lengthRead < 0 || lengthRead % width !== 0) corrupt(`an array of ${lengthRead} bytes`);
    return advance(memory, gap + alignWord(lengthRead)) + gap;
  };

  const readArray = (element: ElementKind): Elements => {
    const Constructor = elementConstructor(element);
    const width = ELEMENT_BYTES[element];
    const at = readRaw(width);
    if (at < 0) {
      const whole = takeAttached();
      if (whole.byteLength % width !== 0) corrupt(`an array of ${whole.byteLength} bytes`);
      return new Constructor(whole.buffer, whole.byteOffset, whole.byteLength / width);
    }
    const place = copy(at, lengthRead);
    return new Constructor(place.buffer, place.at, lengthRead / width);
  };

  return {
    write: (value, at, end) => writeRaw(value, 1, at, end),
    read: () => {
      const at = readRaw(1);
      if (at < 0) return takeAttached();
      const length = lengthRead;
      const place = copy(at, length);
      return new Uint8Array(place.buffer, place.at, length);
    },
    readView: () => {
      const at = readRaw(1);
      return at < 0 ? takeAttached() : new Uint8Array(buffer, at, lengthRead);
    },
    writeArray: (value, element, at, end) => writeRaw(bytesOf(value), ELEMENT_BYTES[element], at, end),
    readArray,
  };
};
