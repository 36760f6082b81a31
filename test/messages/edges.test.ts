/** Values at the edges of what is accepted arrive as they are, at every door. */
import {
  any,
  bytes,
  date,
  f32,
  f64,
  f64s,
  i8,
  i16,
  i16s,
  i32,
  i64,
  i64s,
  list,
  oneOf,
  optional,
  record,
  text,
  u8,
  u16,
  u32,
  u64,
  union,
} from 'heddle';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/messages/protocol.js';
import { AT, BYTES, doorsOf, makeTools, UNTOUCHED } from '../support/codecs.js';
import { expectSame } from '../support/same.js';

const tools = makeTools();

const passes = (declared: Entry, given: unknown, arrives: unknown = given): void => {
  for (const door of doorsOf(declared, { tools })) expectSame(door.pass(given), arrives);
};

describe('numbers', () => {
  it.each([
    ['u8', u8, [0, 0xff]],
    ['i8', i8, [-0x80, 0x7f]],
    ['u16', u16, [0, 0xffff]],
    ['i16', i16, [-0x8000, 0x7fff]],
    ['u32', u32, [0, 0x8000_0000, 0xffff_ffff]],
    ['i32', i32, [-0x8000_0000, -1, 0x7fff_ffff]],
    ['u64', u64, [0n, 2n ** 63n, 2n ** 64n - 1n]],
    ['i64', i64, [-(2n ** 63n), -1n, 2n ** 63n - 1n]],
    [
      'f64',
      f64,
      [
        -0,
        0,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.MIN_VALUE,
        Number.MAX_VALUE,
        2 ** 53,
      ],
    ],
    ['f32', f32, [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Math.fround(0.1)]],
  ] as const)('of type %s reach as far as they go', (_name, field, values) => {
    for (const value of values) {
      passes({ value: field }, { value });
      passes(list(field), [value, value]);
      passes({ value: optional(field) }, { value });
      passes({ value: any() }, { value });
    }
  });

  it('that are -0 arrive as 0 in integer fields', () => {
    for (const field of [u8, i8, u16, i16, u32, i32]) passes({ value: field }, { value: -0 }, { value: 0 });
  });

  it('of f32 are rounded', () => passes({ value: f32 }, { value: 0.1 }, { value: Math.fround(0.1) }));

  it('of a general value are exact around the size of a small integer', () => {
    for (const edge of [2 ** 23, -(2 ** 23), 2 ** 31, -(2 ** 31), 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      for (const value of [edge - 1, edge, edge + 1, edge + 0.5]) passes(any(), value);
    }
  });
});

describe('dates', () => {
  it.each([0, -1, 8.64e15, -8.64e15, Number.NaN])('of %d ms arrive', (ms) => {
    for (const door of doorsOf({ when: date, any: any() }, { tools })) {
      const { when, any: other } = door.pass({ when: new Date(ms), any: new Date(ms) }) as Record<string, Date>;
      expect([when!.getTime(), other!.getTime()], door.name).toEqual([ms, ms]);
    }
  });
});

describe('texts', () => {
  /** Lengths around those at which the codec changes its way. */
  const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65, 4095, 4096, 4097, 32_767, 32_768, 32_769];
  const characters = {
    ascii: 'a',
    nul: '\0',
    'two bytes': 'é',
    'three bytes': '€',
    'four bytes': '😀',
    latin1: '\x80',
  };

  it.each(Object.entries(characters))('of every length: %s', (_name, character) => {
    for (const length of lengths) {
      const whole = character.repeat(length);
      for (const given of [whole, `${whole}x`, `x${whole}`, `${whole}é`]) {
        passes({ before: i32, given: optional(text) }, { before: 1, given });
        passes({ given: text, after: text }, { given, after: 'z' });
        passes({ given: any(), after: text }, { given: { [given]: given }, after: 'z' });
      }
    }
  });

  it('have U+FFFD for each lone surrogate, in fields, lists, general values and keys', () => {
    const lone = ['\ud800', 'a\udc00b', '\udc00\ud800', `${'x'.repeat(40)}\udbff`, '\ud83d', `${'😀'.repeat(9)}\ud83d`];
    for (const given of lone) {
      const arrived = given.toWellFormed();
      expect(arrived).not.toBe(given);
      passes({ t: text }, { t: given }, { t: arrived });
      passes(list(text), [given, 'a'], [arrived, 'a']);
      passes(any(), given, arrived);
      passes(any(), { [given]: [given] }, { [arrived]: [arrived] });
      passes(any(), new Map([[given, new Set([given])]]), new Map([[arrived, new Set([arrived])]]));
    }
  });

  it('that are not repeated do not take the place of one another', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `name ${i % 4_100}`);
    passes(list(text), many);
  });

  it('of a oneOf may be anything', () => {
    for (const value of ['', '__proto__', 'constructor', '\ud800', '\'"\\\n\u2028']) {
      passes({ x: oneOf('other', '', '__proto__', 'constructor', '\ud800', '\'"\\\n\u2028') }, { x: value });
    }
  });
});

describe('arrays', () => {
  it('are copied from wherever they lie', () => {
    const memory = new ArrayBuffer(64);
    new Uint8Array(memory).forEach((_, i, all) => {
      all[i] = i;
    });
    passes({ xs: f64s }, { xs: new Float64Array(memory, 8, 3) });
    passes({ xs: i16s }, { xs: new Int16Array(memory, 2, 5) });
    passes({ raw: bytes }, { raw: new Uint8Array(memory, 3, 7) });
    passes({ raw: bytes }, { raw: Buffer.from(memory, 5, 9) }, { raw: new Uint8Array(memory, 5, 9) });
    passes(
      any(),
      [new Float32Array(memory, 4, 2), Buffer.from(memory, 1, 2)],
      [new Float32Array(memory, 4, 2), new Uint8Array(memory, 1, 2)],
    );
    passes({ raw: bytes }, { raw: new Uint8Array(new SharedArrayBuffer(8)) });
  });

  it('may be empty', () => {
    passes(
      { xs: f64s, raw: bytes, ys: i64s, t: text },
      { xs: new Float64Array(), raw: new Uint8Array(), ys: new BigInt64Array(), t: 'x' },
    );
    passes({ xs: list(f64), ys: list(text), zs: list(record({})) }, { xs: [], ys: [], zs: [] });
    passes({}, {});
    passes(any(), [[], {}, new Map(), new Set(), new Uint8Array(), '']);
    passes({ us: list(union('k', { a: {} })) }, { us: [{ k: 'a' }, { k: 'a' }] });
    passes(list(record({})), [{}, {}]);
  });

  it('whose memory was transferred away are empty', () => {
    const gone = (): Float64Array => {
      const xs = new Float64Array(4);
      structuredClone(xs, { transfer: [xs.buffer] });
      return xs;
    };
    for (const door of doorsOf({ xs: f64s, v: any(), n: i32 }, { tools })) {
      const arrived = door.pass({ xs: gone(), v: gone(), n: 1 }) as { xs: Float64Array; v: Float64Array; n: number };
      expect([arrived.xs.length, arrived.v.length, arrived.n]).toEqual([0, 0, 1]);
    }
  });

  it('of a subclass arrive as the class that was declared', () => {
    class Samples extends Float64Array {}
    class Stack extends Array<number> {}
    class Table extends Map<string, number> {}
    class Names extends Set<string> {}
    class Day extends Date {}
    const xs = Samples.of(1, 2);
    passes({ xs: f64s }, { xs }, { xs: Float64Array.of(1, 2) });
    passes(list(f64), Stack.of(1, 2), [1, 2]);
    passes(
      any(),
      { xs, stack: Stack.of(1), table: new Table([['a', 1]]), names: new Names(['a']), day: new Day(5) },
      { xs: Float64Array.of(1, 2), stack: [1], table: new Map([['a', 1]]), names: new Set(['a']), day: new Date(5) },
    );
  });
});

describe('objects', () => {
  it('with the names of members of Object.prototype are data', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then', '0', ''];
    const values = Object.fromEntries(names.map((name) => [name, 7]));
    passes(Object.fromEntries(names.map((name) => [name, i32])), values);
    passes(any(), values);
  });

  it('without a prototype, or of another realm, arrive as plain ones', () => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    passes(any(), bare, { a: 1 });
    passes({ a: u8 }, bare, { a: 1 });
  });

  it('never touch a prototype', () => {
    const hostile = JSON.parse('{ "a": 1, "__proto__": { "polluted": true } }') as object;
    for (const door of doorsOf({ a: i32 }, { tools })) expectSame(door.pass(hostile), { a: 1 });
    for (const door of doorsOf(any(), { tools })) {
      expect(() => door.pass(hostile)).toThrow('__proto__');
      expectSame(door.pass(new Map([['__proto__', 1]])), new Map([['__proto__', 1]]));
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it('may be 64 levels deep', () => {
    let value: unknown = 1;
    for (let i = 0; i < 64; i++) value = i % 2 === 0 ? [value] : { value };
    passes(any(), value);
  });
});

describe('many fields', () => {
  it('may be optional: more than fit one word of bits', () => {
    const names = Array.from({ length: 100 }, (_, i) => `f${i}`);
    const declared = Object.fromEntries(names.map((name, i) => [name, optional(i % 2 ? text : f64)]));
    const all = Object.fromEntries(names.map((name, i) => [name, i % 2 ? name : i]));
    const none = Object.fromEntries(names.map((name) => [name, undefined]));
    passes(declared, all);
    passes(declared, {}, none);
    for (const name of names) passes(declared, { [name]: all[name] }, { ...none, [name]: all[name] });
  });
});

describe('a message that has no room', () => {
  it('is not begun behind its end', () => {
    const given = {
      xs: Array.from({ length: 5 }, (_, i) => ({ n: i, t: 'abc' })),
      v: { a: [1, 2.5, 'x'] },
      t: 'é'.repeat(41),
    };
    for (const { codec, name } of doorsOf({ xs: list(record({ n: f64, t: text })), v: any(), t: text }, { tools })) {
      const end = codec.encode(given, AT, BYTES);
      for (let limit = AT; limit < end; limit++) {
        tools.memory.u8.fill(UNTOUCHED, AT, end + 64);
        expect(codec.encode(given, AT, limit), name).toBe(-1);
        const behind = limit + (-limit & 3);
        expect(
          tools.memory.u8.subarray(behind, end + 64).every((b) => b === UNTOUCHED),
          `${name}, ${limit}`,
        ).toBe(true);
      }
    }
  });
});
