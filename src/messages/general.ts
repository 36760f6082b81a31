/**
 * Values without a declared layout: what a field `any()`, a `message<T>()` and the arguments of a spawn carry.
 *
 * | accepted                                                       | arrives as                               |
 * | -------------------------------------------------------------- | ---------------------------------------- |
 * | `undefined`, `null`, booleans, numbers (NaN, -0), strings      | itself; a lone surrogate becomes U+FFFD  |
 * | bigints from -2^63 to 2^64 - 1                                 | itself                                   |
 * | Date, also invalid                                             | Date                                     |
 * | typed arrays of the field types, Buffer                        | a copy; a Buffer as Uint8Array           |
 * | arrays without holes, Map, Set                                 | the same                                 |
 * | plain objects, also with a null prototype                      | plain objects                            |
 *
 * Everything else is refused before anything is sent, with the path to it: functions, symbols, instances of classes,
 * Errors, accessors and symbols as keys, `__proto__` as a key, holes, cycles, and anything below depth 64.
 *
 * The format is a sequence of words. Each value begins with one: its tag in the low byte, a count or a small integer
 * above it. No count can make a reader allocate more than what the record itself has room for.
 */
import { types } from 'node:util';
import { describe } from '../base/describe.js';
import type { BytesCodec } from './bytes.js';
import {
  ACCEPTED,
  checkCount,
  checkElement,
  checkKey,
  checkSize,
  DEPTH_MAX,
  elementKind,
  isPlain,
  isUnsigned,
  plainKeys,
  Walk,
} from './general-walk.js';
import { advance, corrupt, type Memory, NO_ROOM } from './memory.js';
import type { ElementKind } from './shape.js';
import type { TextCodec } from './text.js';

export interface GeneralCodec {
  /** Writes a value at `at`, a multiple of 4. Returns where it ends, or `NO_ROOM`. @throws Unsendable */
  write(value: unknown, at: number, end: number): number;
  /** Reads the value at `memory.at` and steps over it. */
  read(): unknown;
}

const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
/** An integer of 24 bits, in the word itself. */
const SMALL = 4;
const NUMBER = 5;
const BIGINT = 6;
const UNSIGNED_BIGINT = 7;
const TEXT = 8;
const DATE = 9;
const ARRAY = 10;
const OBJECT = 11;
const MAP = 12;
const SET = 13;
/** And above: typed arrays, in the order of `ELEMENTS`. */
const TYPED = 16;

const ELEMENTS: readonly ElementKind[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64'];

const TAG_BITS = 8;
const TAG_MASK = (1 << TAG_BITS) - 1;
const SMALL_MIN = -(2 ** 23);
const SMALL_MAX = 2 ** 23 - 1;
const WORD_BYTES = 4;
const LONG_BYTES = 8;

export const bindGeneral = (memory: Memory, text: TextCodec, bytes: BytesCodec): GeneralCodec => {
  const { i32 } = memory;
  const walk = new Walk();
  // One value of 64 bits, and its two words.
  const words = new Int32Array(2);
  const float = new Float64Array(words.buffer);
  const signed = new BigInt64Array(words.buffer);
  const unsigned = new BigUint64Array(words.buffer);

  const writeWord = (word: number, at: number, end: number): number => {
    if (at + WORD_BYTES > end) return NO_ROOM;
    i32[at >> 2] = word;
    return at + WORD_BYTES;
  };

  const writeLong = (tag: number, at: number, end: number): number => {
    if (at + WORD_BYTES + LONG_BYTES > end) return NO_ROOM;
    i32[at >> 2] = tag;
    i32[(at >> 2) + 1] = words[0]!;
    i32[(at >> 2) + 2] = words[1]!;
    return at + WORD_BYTES + LONG_BYTES;
  };

  const writeFloat = (tag: number, value: number, at: number, end: number): number => {
    float[0] = value;
    return writeLong(tag, at, end);
  };

  const writeNumber = (value: number, at: number, end: number): number => {
    if (value >= SMALL_MIN && value <= SMALL_MAX && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
      return writeWord((value << TAG_BITS) | SMALL, at, end);
    }
    return writeFloat(NUMBER, value, at, end);
  };

  const writeText = (value: string, at: number, end: number): number =>
    at + WORD_BYTES > end ? NO_ROOM : text.write(value, writeWord(TEXT, at, end), end);

  const writeBigint = (value: bigint, at: number, end: number): number => {
    const tag = isUnsigned(value, walk) ? UNSIGNED_BIGINT : BIGINT;
    unsigned[0] = value;
    return writeLong(tag, at, end);
  };

  const writeAny = (value: unknown, at: number, end: number): number => {
    switch (typeof value) {
      case 'number':
        return writeNumber(value, at, end);
      case 'string':
        return writeText(value, at, end);
      case 'boolean':
        return writeWord(value ? TRUE : FALSE, at, end);
      case 'undefined':
        return writeWord(UNDEFINED, at, end);
      case 'bigint':
        return writeBigint(value, at, end);
      case 'object':
        return value === null ? writeWord(NULL, at, end) : writeObject(value, at, end);
      default:
        return walk.refuse(ACCEPTED, describe(value));
    }
  };

  const writeObject = (value: object, at: number, end: number): number => {
    walk.enter();
    let next: number;
    // The most frequent first: what `types` tells is asked outside of JavaScript, which costs more than a small object.
    if (Array.isArray(value)) next = writeArray(value, at, end);
    else if (isPlain(value)) next = writePlain(value, at, end);
    else if (ArrayBuffer.isView(value)) next = writeTyped(value, at, end);
    else if (types.isDate(value)) next = writeFloat(DATE, Date.prototype.getTime.call(value), at, end);
    else if (types.isMap(value)) next = writeMap(value, at, end);
    else if (types.isSet(value)) next = writeSet(value, at, end);
    else next = walk.refuse(ACCEPTED, describe(value));
    walk.leave();
    return next;
  };

  const writeCount = (tag: number, count: number, at: number, end: number): number =>
    writeWord((checkCount(count, walk) << TAG_BITS) | tag, at, end);

  const writeArray = (value: readonly unknown[], at: number, end: number): number => {
    // Of a Proxy it may be anything; and it may change on the way.
    const length = value.length >>> 0;
    let next = writeCount(ARRAY, length, at, end);
    for (let i = 0; i < length && next >= 0; i++) {
      walk.step(i);
      next = writeAny(checkElement(value, i, walk), next, end);
    }
    return next;
  };

  const writePlain = (value: object, at: number, end: number): number => {
    const keys = plainKeys(value, walk);
    let next = writeCount(OBJECT, keys.length, at, end);
    for (let i = 0; i < keys.length && next >= 0; i++) {
      const key = keys[i]!;
      walk.step(key);
      checkKey(key, walk);
      next = text.write(key, next, end);
      if (next >= 0) next = writeAny((value as Record<string, unknown>)[key], next, end);
    }
    return next;
  };

  const writeMap = (value: ReadonlyMap<unknown, unknown>, at: number, end: number): number => {
    const { size } = value;
    let next = writeCount(MAP, size, at, end);
    let visited = 0;
    for (const [key, element] of value) {
      if (next < 0) return next;
      if (visited++ === size) break;
      walk.stepInMap('key', key);
      next = writeAny(key, next, end);
      walk.stepInMap('get', key);
      if (next >= 0) next = writeAny(element, next, end);
    }
    checkSize(visited, size, walk);
    return next;
  };

  const writeSet = (value: ReadonlySet<unknown>, at: number, end: number): number => {
    const { size } = value;
    let next = writeCount(SET, size, at, end);
    let visited = 0;
    for (const element of value) {
      if (next < 0) return next;
      walk.step(visited);
      if (visited++ === size) break;
      next = writeAny(element, next, end);
    }
    checkSize(visited, size, walk);
    return next;
  };

  const writeTyped = (value: ArrayBufferView, at: number, end: number): number => {
    const element = elementKind(value, walk);
    const next = writeWord(TYPED + ELEMENTS.indexOf(element), at, end);
    return next < 0 ? next : bytes.writeArray(value, element, next, end);
  };

  const readCount = (word: number, bytesEach: number): number => {
    const count = word >>> TAG_BITS;
    // Each element takes this many bytes at least, so a forged count is found out before anything is allocated.
    if (count * bytesEach > memory.end - memory.at) corrupt(`${count} elements in ${memory.end - memory.at} bytes`);
    return count;
  };

  const readLong = (): void => {
    const index = advance(memory, LONG_BYTES) >> 2;
    words[0] = i32[index]!;
    words[1] = i32[index + 1]!;
  };

  const readNested = (tag: number, word: number, depth: number): unknown => {
    if (depth > DEPTH_MAX) corrupt(`more than ${DEPTH_MAX} levels`);
    switch (tag) {
      case ARRAY: {
        const values: unknown[] = [];
        for (let left = readCount(word, WORD_BYTES); left > 0; left--) values.push(readAny(depth));
        return values;
      }
      case OBJECT: {
        const value: Record<string, unknown> = {};
        for (let left = readCount(word, 2 * WORD_BYTES); left > 0; left--) {
          const key = text.read();
          if (key === '__proto__') corrupt('"__proto__" as a key');
          value[key] = readAny(depth);
        }
        return value;
      }
      case MAP: {
        const value = new Map<unknown, unknown>();
        for (let left = readCount(word, 2 * WORD_BYTES); left > 0; left--) {
          const key = readAny(depth);
          value.set(key, readAny(depth));
        }
        return value;
      }
      case SET: {
        const value = new Set<unknown>();
        for (let left = readCount(word, WORD_BYTES); left > 0; left--) value.add(readAny(depth));
        return value;
      }
      default:
        return bytes.readArray(ELEMENTS[tag - TYPED] ?? corrupt(`tag ${tag}`));
    }
  };

  const readAny = (depth: number): unknown => {
    const word = i32[advance(memory, WORD_BYTES) >> 2]!;
    const tag = word & TAG_MASK;
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case SMALL:
        return word >> TAG_BITS;
      case NUMBER:
        readLong();
        return float[0];
      case BIGINT:
        readLong();
        return signed[0];
      case UNSIGNED_BIGINT:
        readLong();
        return unsigned[0];
      case TEXT:
        return text.read();
      case DATE:
        readLong();
        return new Date(float[0]!);
      default:
        return readNested(tag, word, depth + 1);
    }
  };

  return {
    write: (value, at, end) => {
      try {
        return writeAny(value, at, end);
      } catch (error) {
        return walk.rethrow(error);
      } finally {
        walk.reset();
      }
    },
    read: () => readAny(0),
  };
};
