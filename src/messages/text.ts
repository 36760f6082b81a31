/**
 * Texts in a record: a word `length * 2 + (1 if UTF-8)`, the text in UTF-8 or else in Latin-1, filled up with zeros to
 * a multiple of 4.
 *
 * A native call costs 80 to 130 ns here, which is more than all the rest of a small message, so short texts do
 * without one. They are written four characters to a word, and read back through a cache that is keyed by those
 * words: the same names and tags come again and again (11 M messages/s instead of 5.6 in the measurement behind it).
 */
import { Buffer } from 'node:buffer';
import { compile, generationAllowed } from './compile.js';
import { ATTACH_BYTES, ATTACHED, advance, alignWord, corrupt, type Memory, NO_ROOM } from './memory.js';

export interface TextCodec {
  /** Writes a text at `at`, a multiple of 4. Returns where it ends, a multiple of 4, or `NO_ROOM`. */
  write(value: string, at: number, end: number): number;
  /** Reads the text at `memory.at` and steps over it. */
  read(): string;
}

/** Longest text that goes character by character, and that the cache keeps. */
const SHORT_MAX = 32;
const SHORT_WORDS = SHORT_MAX / 4;
/** Longest text that `String.fromCharCode` makes from arguments; beyond it the native call is faster. */
const SPELLED_MAX = 16;
const CACHE_BITS = 10;
const CACHE_ENTRIES = 1 << CACHE_BITS;
/** Words of a cache entry: the length, then the characters. */
const ENTRY_WORDS = 1 + SHORT_WORDS;
const HASH_MULTIPLIER = 0x9e3779b1;
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const UTF8_BYTES_MAX = 3;
const LATIN1_MAX = 0xff;
const HEADER_BYTES = 4;

/** Node has it in all versions; the public `buf.toString('latin1')` is the same with checks that are not needed. */
type FastBuffer = Buffer & {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
};

type SpellAscii = (at: number, length: number) => string;

/** A function that makes a text of up to 16 characters from a call with that many arguments. */
const makeSpell = (u8: Uint8Array, slice: SpellAscii): SpellAscii => {
  if (!generationAllowed) return slice;
  const cases = Array.from({ length: SPELLED_MAX }, (_, i) => {
    const args = Array.from({ length: i + 1 }, (_, k) => `u8[at + ${k}]`);
    return `case ${i + 1}: return fromCharCode(${args.join(', ')});`;
  });
  const body = `return (at, length) => { switch (length) { case 0: return ''; ${cases.join('\n')} } return slice(at, length); };`;
  return compile<SpellAscii>('text', body, { u8, slice, fromCharCode: String.fromCharCode });
};

export const bindText = (memory: Memory): TextCodec => {
  const { i32, u8 } = memory;
  const buffer = memory.text as FastBuffer;
  const spell = makeSpell(u8, (at, length) => buffer.latin1Slice(at, at + length));
  const cachedKeys = new Int32Array(CACHE_ENTRIES * ENTRY_WORDS).fill(-1);
  const cachedTexts: string[] = new Array(CACHE_ENTRIES).fill('');

  const writeLong = (value: string, at: number, end: number): number => {
    const room = end - at - HEADER_BYTES;
    if (value.length * UTF8_BYTES_MAX > room || value.length > ATTACH_BYTES) {
      const bytes = Buffer.byteLength(value, 'utf8');
      if (bytes > ATTACH_BYTES && memory.sink !== undefined) {
        if (room < HEADER_BYTES) return NO_ROOM;
        i32[at >> 2] = ATTACHED;
        i32[(at >> 2) + 1] = memory.sink.attach(value);
        return at + 2 * HEADER_BYTES;
      }
      if (bytes > room) return NO_ROOM;
    }
    const length = buffer.write(value, at + HEADER_BYTES, room, 'utf8');
    const padded = alignWord(length);
    if (padded > room) return NO_ROOM;
    for (let i = length; i < padded; i++) u8[at + HEADER_BYTES + i] = 0;
    i32[at >> 2] = (length << 1) | (length === value.length ? 0 : 1);
    return at + HEADER_BYTES + padded;
  };

  const write = (value: string, at: number, end: number): number => {
    const { length } = value;
    if (length > SHORT_MAX) return writeLong(value, at, end);
    const next = at + HEADER_BYTES + ((length + 3) & ~3);
    if (next > end) return NO_ROOM;
    let word = (at >> 2) + 1;
    let seen = 0;
    let i = 0;
    for (const whole = length & ~3; i < whole; i += 4, word++) {
      const a = value.charCodeAt(i);
      const b = value.charCodeAt(i + 1);
      const c = value.charCodeAt(i + 2);
      const d = value.charCodeAt(i + 3);
      seen |= a | b | c | d;
      i32[word] = a | (b << 8) | (c << 16) | (d << 24);
    }
    if (i < length) {
      let last = value.charCodeAt(i);
      seen |= last;
      for (let shift = 8; ++i < length; shift += 8) {
        const code = value.charCodeAt(i);
        seen |= code;
        last |= code << shift;
      }
      i32[word] = last;
    }
    if (seen > LATIN1_MAX) return writeLong(value, at, end);
    i32[at >> 2] = length << 1;
    return next;
  };

  const readAttached = (): string => {
    const id = i32[advance(memory, HEADER_BYTES) >> 2]!;
    const whole = memory.source?.take(id) ?? corrupt(`attachment ${id} has not arrived`);
    return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8');
  };

  const readShort = (at: number, length: number): string => {
    const first = at >> 2;
    const words = (length + 3) >> 2;
    let hash = length;
    for (let i = 0; i < words; i++) hash = Math.imul(hash ^ i32[first + i]!, HASH_MULTIPLIER);
    const index = (hash ^ (hash >>> 15)) & (CACHE_ENTRIES - 1);
    const key = index * ENTRY_WORDS;
    let same = cachedKeys[key] === length;
    for (let i = 0; same && i < words; i++) same = cachedKeys[key + 1 + i] === i32[first + i];
    if (same) return cachedTexts[index]!;
    const value = spell(at, length);
    cachedKeys[key] = length;
    for (let i = 0; i < words; i++) cachedKeys[key + 1 + i] = i32[first + i]!;
    cachedTexts[index] = value;
    return value;
  };

  const read = (): string => {
    const header = i32[advance(memory, HEADER_BYTES) >> 2]!;
    if (header === ATTACHED) return readAttached();
    const length = header >>> 1;
    const at = advance(memory, alignWord(length));
    if ((header & 1) !== 0) return buffer.utf8Slice(at, at + length);
    return length <= SHORT_MAX ? readShort(at, length) : buffer.latin1Slice(at, at + length);
  };

  return { write, read };
};
