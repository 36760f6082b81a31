/**
 * Records that claim to be far more than they are. Each is refused by what has arrived of it: what its decoding costs is
 * in proportion to the bytes received, whatever they declare.
 */
import { any, bytes, f64, f64s, i32, list, optional, record, text, union } from 'heddle';
import { describe, expect, it } from 'vitest';
import { CorruptRecord } from '../../src/messages/memory.js';
import type { Entry } from '../../src/messages/protocol.js';
import { AT, type Door, doorsOf, makeTools } from '../support/codecs.js';

const tools = makeTools();
const { i32: words } = tools.memory;
const FIRST = AT >> 2;

const MIB = 1 << 20;
/** What a decoder may allocate for each byte that it has received; a word can be a record, and the interpreter makes more of it. */
const COST_PER_BYTE = 256;
/** And besides: the slab that small arrays share, an error with its stack, what V8 keeps of code that runs for the first times. */
const COST_MAX = 1 << 20;
const TRIES = 3;

const memoryUsed = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Both codecs refuse the record of these words; each of them allocates little. */
const expectRefused = (entry: Entry, record: Iterable<number>): void => {
  const end = AT + write(record);
  for (const { name, codec } of doorsOf(entry, { tools })) {
    const refused = (): void => expect(() => codec.decode(AT, end), name).toThrow(CorruptRecord);
    // Once for the code.
    refused();
    const costs = Array.from({ length: TRIES }, () => {
      const before = memoryUsed();
      refused();
      return memoryUsed() - before;
    });
    // What V8 does for itself meanwhile is not in all of them.
    expect(Math.min(...costs), name).toBeLessThan((end - AT) * COST_PER_BYTE + COST_MAX);
  }
};

/** Returns how many bytes they are. */
const write = (record: Iterable<number>): number => {
  words.fill(0, FIRST);
  let at = FIRST;
  for (const word of record) words[at++] = word;
  return (at - FIRST) * 4;
};

/** The first word of a general value: its tag, and a count that is zero. */
const wordOf = (value: unknown): number => {
  const [door] = doorsOf(any(), { tools }) as [Door];
  door.codec.encode(value, AT, AT + 64);
  return words[FIRST]!;
};

const withCount = (word: number, count: number): number => word | (count << 8);
const COUNT_MAX = 2 ** 24 - 1;

const ARRAY = wordOf([]);
const OBJECT = wordOf({});
const MAP = wordOf(new Map());
const SET = wordOf(new Set());
const TEXT = wordOf('');
const BYTES_WORD = wordOf(new Uint8Array());
const FLOATS = wordOf(new Float64Array());
const EMPTY_KEY = 0;
const UNDEFINED = wordOf(undefined);

const LEVELS = 10_000;
const levels = (level: readonly number[]): number[] => Array.from({ length: LEVELS }, () => level).flat();

describe('a general value that is 10,000 levels deep', () => {
  it.each([
    ['arrays', [withCount(ARRAY, 1)]],
    ['Sets', [withCount(SET, 1)]],
    ['keys of Maps', [withCount(MAP, 1)]],
    ['values of Maps', [withCount(MAP, 1), UNDEFINED]],
    ['objects', [withCount(OBJECT, 1), EMPTY_KEY]],
    ['objects in arrays in Sets', [withCount(OBJECT, 1), EMPTY_KEY, withCount(ARRAY, 1), withCount(SET, 1)]],
  ])('is refused: %s', (_name, level) => {
    expectRefused(any(), [...levels(level), UNDEFINED]);
    expectRefused({ before: i32, v: any() }, [1, ...levels(level), UNDEFINED]);
  });

  it.each([
    ['arrays', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ inner })],
    ['Maps', (inner: unknown) => new Map([[inner, 1]])],
    ['Sets', (inner: unknown) => new Set([inner])],
  ])('is refused at its sender: %s', (_name, wrap) => {
    let value: unknown = 1;
    for (let level = 0; level < LEVELS; level++) value = wrap(value);
    for (const door of doorsOf(any(), { tools })) {
      expect(() => door.pass(value), door.name).toThrow('at most 64 levels');
    }
  });
});

describe('a count that no record has room for', () => {
  it.each([
    ['array', ARRAY],
    ['object', OBJECT],
    ['Map', MAP],
    ['Set', SET],
  ])('is refused in a general value: %s', (_name, word) => {
    // Little else, nothing else, and as much as there can be in a record of a ring of 256 KiB.
    for (const rest of [2, 0, 8 << 10]) {
      expectRefused(any(), [withCount(word, COUNT_MAX), ...new Array(rest).fill(UNDEFINED)]);
    }
  });

  it.each([2 ** 31 - 1, 2 ** 30, 2 ** 29, 2 ** 28 + 1, -1, -(2 ** 31), -(2 ** 31) + 8])(
    'is refused in a list: %i',
    (count) => {
      const elements = [i32, f64, text, any(), record({}), record({ a: optional(text) }), list(f64), list(record({}))];
      for (const of of elements) {
        expectRefused({ xs: list(of as typeof text) }, [count, 0, 0, 0, 0]);
        expectRefused(list(of as typeof text), [count]);
      }
    },
  );

  it('is refused in lists of lists, each of which claims what all of them share', () => {
    const inner = 4096;
    const outer = 1024;
    // The first takes up what is there, and the second finds little. If elements without a field took no room at all,
    // each would be as long as it says.
    const claims = new Array(outer + inner).fill(inner);
    expectRefused(list(list(record({}))), [outer, ...claims]);
    expectRefused(list(list(record({ r: record({}) }))), [outer, ...claims]);
  });

  it('is refused in the variants of a union', () => {
    for (const variant of [2, 2 ** 31 - 1, -1, -(2 ** 31)]) {
      expectRefused({ u: union('k', { a: {}, b: { t: text } }) }, [variant, 0, 0, 0]);
    }
  });
});

describe('64 MiB that are declared in 20 bytes', () => {
  const declared = 64 * MIB;

  it('are refused', () => {
    for (const length of [declared, 2 ** 31 - 1, 2 ** 31 - 8, -2, -(2 ** 31)]) {
      expectRefused({ b: bytes }, [length, 0, 0, 0, 0]);
      expectRefused({ xs: f64s }, [length & -8, 0, 0, 0, 0]);
      expectRefused({ v: any() }, [BYTES_WORD, length, 0, 0, 0]);
      expectRefused({ v: any() }, [FLOATS, length & -8, 0, 0, 0]);
    }
    // The length of a text is above a bit that says how it is written.
    for (const header of [declared << 1, (declared << 1) | 1, -2, -3, -(2 ** 31), 2 ** 31 - 1]) {
      expectRefused({ t: text }, [header, 0, 0, 0, 0]);
      expectRefused({ v: any() }, [TEXT, header, 0, 0, 0]);
      expectRefused({ v: any() }, [withCount(OBJECT, 1), header, 0, 0, 0]);
    }
  });

  it('are refused where they should have come in pieces, and none has', () => {
    const attached = -1;
    for (const id of [0, 1, -1, 2 ** 31 - 1]) {
      expectRefused({ t: text }, [attached, id]);
      expectRefused({ b: bytes }, [attached, id]);
      expectRefused({ xs: f64s }, [attached, id]);
      expectRefused({ v: any() }, [TEXT, attached, id]);
    }
  });
});

describe('an array that is nearly empty', () => {
  it('is refused at its sender, at its first hole', () => {
    const sparse: unknown[] = [];
    sparse[2 ** 24 - 2] = 'the only one';
    const huge: unknown[] = [];
    huge.length = 2 ** 32 - 1;
    for (const door of doorsOf(any(), { tools })) {
      expect(() => door.pass(sparse), door.name).toThrow(
        '[0]: expected a value that can travel, got a hole in an array',
      );
      expect(() => door.pass(huge), door.name).toThrow('at most 16777215 elements');
    }
    for (const door of doorsOf({ xs: list(text) }, { tools })) {
      expect(() => door.pass({ xs: sparse }), door.name).toThrow('xs[0]: expected text, got a hole in an array');
      expect(() => door.pass({ xs: huge }), door.name).toThrow('xs: expected at most 16777215 elements');
    }
  });
});
