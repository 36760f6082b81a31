/** What is wrong with a message is said by its path, alike at every door, and the message is handed back. */
import {
  any,
  bool,
  bytes,
  date,
  f32,
  f64,
  f64s,
  type InvalidMessage,
  i8,
  i16,
  i32,
  i64,
  list,
  message,
  oneOf,
  optional,
  record,
  text,
  u8,
  u16,
  u32,
  u32s,
  u64,
  union,
  view,
} from 'heddle';
import { describe, expect, it } from 'vitest';
import { InvalidMessage as SourceInvalidMessage } from '../../src/base/errors.js';
import type { Entry } from '../../src/messages/protocol.js';
import { doorsOf } from '../support/codecs.js';

class Socket {
  readonly open = true;
}

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
};

const throwing = {
  get amount(): number {
    throw new TypeError('not today');
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const READ_FAILED = 'something that throws when it is read (TypeError: not today)';

const sparse = [1, 2, 3];
delete sparse[1];

const ACCEPTED = 'a value that can travel';

/** Declaration, message, and what is said of it. */
type Case = readonly [declared: Entry, given: unknown, said: string];

const scalars: Case[] = [
  [{ amount: f64 }, { amount: '12' }, 'amount: expected f64, got string "12"'],
  [{ amount: f64 }, {}, 'amount: expected f64, got nothing'],
  [{ amount: f64 }, { amount: 12n }, 'amount: expected f64, got bigint 12'],
  [{ amount: f64 }, { amount: null }, 'amount: expected f64, got null'],
  [{ amount: f64 }, { amount: new Number(1) }, 'amount: expected f64, got an instance of Number'],
  [{ amount: f64 }, { amount: Symbol('x') }, 'amount: expected f64, got a symbol'],
  [{ amount: f64 }, { amount: () => 1 }, 'amount: expected f64, got a function'],
  [{ amount: f32 }, { amount: [1] }, 'amount: expected f32, got Array(1)'],
  [{ 'my amount': f64 }, {}, '["my amount"]: expected f64, got nothing'],
  [{ größe: f64 }, {}, 'größe: expected f64, got nothing'],
  [{ n: u8 }, { n: 256 }, 'n: expected u8, got number 256'],
  [{ n: u8 }, { n: -1 }, 'n: expected u8, got number -1'],
  [{ n: i8 }, { n: 128 }, 'n: expected i8, got number 128'],
  [{ n: i8 }, { n: -129 }, 'n: expected i8, got number -129'],
  [{ n: u16 }, { n: 65_536 }, 'n: expected u16, got number 65536'],
  [{ n: i16 }, { n: -32_769 }, 'n: expected i16, got number -32769'],
  [{ n: u32 }, { n: 2 ** 32 }, 'n: expected u32, got number 4294967296'],
  [{ n: u32 }, { n: -1 }, 'n: expected u32, got number -1'],
  [{ n: i32 }, { n: 2 ** 31 }, 'n: expected i32, got number 2147483648'],
  [{ n: i32 }, { n: 1.5 }, 'n: expected i32, got number 1.5'],
  [{ n: u8 }, { n: 1.5 }, 'n: expected u8, got number 1.5'],
  [{ n: u32 }, { n: Number.NaN }, 'n: expected u32, got number NaN'],
  [{ n: i16 }, { n: Number.POSITIVE_INFINITY }, 'n: expected i16, got number Infinity'],
  [{ n: i64 }, { n: 1 }, 'n: expected i64, got number 1'],
  [{ n: i64 }, { n: 2n ** 63n }, 'n: expected i64, got bigint 9223372036854775808'],
  [{ n: i64 }, { n: -(2n ** 63n) - 1n }, 'n: expected i64, got bigint -9223372036854775809'],
  [{ n: u64 }, { n: -1n }, 'n: expected u64, got bigint -1'],
  [{ n: u64 }, { n: 2n ** 64n }, 'n: expected u64, got bigint 18446744073709551616'],
  [{ n: u64 }, { n: 10n ** 400n }, 'n: expected u64, got a bigint of many digits'],
  [{ flag: bool }, { flag: 1 }, 'flag: expected bool, got number 1'],
  [{ when: date }, { when: '2020' }, 'when: expected date, got string "2020"'],
  [{ when: date }, { when: Object.create(Date.prototype) }, 'when: expected date, got an instance of Date'],
  [{ name: text }, { name: 12 }, 'name: expected text, got number 12'],
  [{ name: text }, { name: new String('x') }, 'name: expected text, got an instance of String'],
  [{ how: oneOf('cash', 'card') }, { how: 'gold' }, 'how: expected one of "cash", "card", got string "gold"'],
  [
    { how: oneOf('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j') },
    { how: 'x'.repeat(100) },
    `how: expected one of "a", "b", "c", "d", "e", "f", "g", "h", ... (10), got string "${'x'.repeat(32)}…"`,
  ],
];

const arrays: Case[] = [
  [{ raw: bytes }, { raw: 'abc' }, 'raw: expected bytes, got string "abc"'],
  [{ raw: bytes }, { raw: new ArrayBuffer(4) }, 'raw: expected bytes, got an instance of ArrayBuffer'],
  [{ raw: bytes }, { raw: new Uint8ClampedArray(4) }, 'raw: expected bytes, got an instance of Uint8ClampedArray'],
  [{ raw: bytes }, { raw: Object.create(Uint8Array.prototype) }, 'raw: expected bytes, got an instance of Uint8Array'],
  [{ raw: bytes }, { raw: new Proxy(new Uint8Array(4), {}) }, 'raw: expected bytes, got an instance of Uint8Array'],
  [{ raw: view }, { raw: [1, 2] }, 'raw: expected view, got Array(2)'],
  [{ xs: f64s }, { xs: new Float32Array(2) }, 'xs: expected f64s, got an instance of Float32Array'],
  [{ xs: u32s }, { xs: [1, 2] }, 'xs: expected u32s, got Array(2)'],
];

const line = record({ price: f64, tags: list(text) });
const shape = union('kind', { circle: { r: f64 }, square: { side: f64, corner: optional(record({ x: i32 })) } });

const nestings: Case[] = [
  [{ lines: list(line) }, { lines: 'none' }, 'lines: expected list of record, got string "none"'],
  [{ lines: list(line) }, { lines: { length: 1 } }, 'lines: expected list of record, got an object'],
  [
    { lines: list(line) },
    { lines: [0, 1, 2].map((price) => ({ price, tags: [] })).concat({ price: '3' as never, tags: [] }) },
    'lines[3].price: expected f64, got string "3"',
  ],
  [{ lines: list(line) }, { lines: [{ price: 1, tags: ['a', 2] }] }, 'lines[0].tags[1]: expected text, got number 2'],
  [{ lines: list(line) }, { lines: [null] }, 'lines[0]: expected record, got null'],
  [{ xs: list(f64) }, { xs: sparse }, 'xs[1]: expected f64, got a hole in an array'],
  [{ xs: list(f64) }, { xs: [1, undefined] }, 'xs[1]: expected f64, got nothing'],
  [{ xs: list(optional(f64)) }, { xs: sparse }, 'xs[1]: expected f64, got a hole in an array'],
  [{ xs: list(any()) }, { xs: new Array(3) }, 'xs[0]: expected any, got a hole in an array'],
  [{ xs: list(f64) }, { xs: new Array(2 ** 32 - 1) }, 'xs: expected at most 16777215 elements, got 4294967295'],
  [{ v: any() }, { v: new Array(2 ** 24) }, 'v: expected at most 16777215 elements, got 16777216'],
  [{ xs: list(list(u8)) }, { xs: [[1], [2, 300]] }, 'xs[1][1]: expected u8, got number 300'],
  [{ xs: list(optional(u8)) }, { xs: [undefined, 300] }, 'xs[1]: expected u8, got number 300'],
  [{ a: record({ b: record({ c: i32 }) }) }, { a: { b: { c: '1' } } }, 'a.b.c: expected i32, got string "1"'],
  [{ a: record({ b: record({ c: i32 }) }) }, { a: { b: null } }, 'a.b: expected record, got null'],
  [{ a: record({ b: i32 }) }, {}, 'a: expected record, got nothing'],
  [{ a: optional(record({ b: i32 })) }, { a: {} }, 'a.b: expected i32, got nothing'],
  [{ a: optional(i32) }, { a: null }, 'a: expected i32, got null'],
  [{ s: shape }, { s: { kind: 'line' } }, 's.kind: expected one of "circle", "square", got string "line"'],
  [{ s: shape }, { s: {} }, 's.kind: expected one of "circle", "square", got nothing'],
  [{ s: shape }, { s: null }, 's: expected union by "kind", got null'],
  [{ s: shape }, { s: { kind: 'circle' } }, 's.r: expected f64, got nothing'],
  [{ s: shape }, { s: { kind: 'square', side: 1, corner: { x: 0.5 } } }, 's.corner.x: expected i32, got number 0.5'],
  [{ s: list(shape) }, { s: [{ kind: 'circle', r: '1' }] }, 's[0].r: expected f64, got string "1"'],
];

const wholes: Case[] = [
  [{ amount: f64 }, null, 'expected record, got null'],
  [{ amount: f64 }, 'amount', 'expected record, got string "amount"'],
  [text, 12, 'expected text, got number 12'],
  [list(f64), [1, '2'], '[1]: expected f64, got string "2"'],
  [optional(f64), 'x', 'expected f64, got string "x"'],
  [message<unknown>(), () => 1, `expected ${ACCEPTED}, got a function`],
];

const generals: Case[] = [
  [{ v: any() }, { v: () => 1 }, `v: expected ${ACCEPTED}, got a function`],
  [{ v: any() }, { v: { a: { b: Symbol('x') } } }, `v.a.b: expected ${ACCEPTED}, got a symbol`],
  [{ v: any() }, { v: { a: [1, { b: new Socket() }] } }, `v.a[1].b: expected ${ACCEPTED}, got an instance of Socket`],
  [{ v: any() }, { v: { ok: { a: 1 }, bad: new Error('x') } }, `v.bad: expected ${ACCEPTED}, got an instance of Error`],
  [{ v: any() }, { v: [[[1]], new WeakMap()] }, `v[1]: expected ${ACCEPTED}, got an instance of WeakMap`],
  [{ v: any() }, { v: Promise.resolve() }, `v: expected ${ACCEPTED}, got an instance of Promise`],
  [{ v: any() }, { v: /x/ }, `v: expected ${ACCEPTED}, got an instance of RegExp`],
  [{ v: any() }, { v: new ArrayBuffer(8) }, `v: expected ${ACCEPTED}, got an instance of ArrayBuffer`],
  [{ v: any() }, { v: new DataView(new ArrayBuffer(8)) }, `v: expected ${ACCEPTED}, got an instance of DataView`],
  [{ v: any() }, { v: { 'a b': [Symbol.iterator] } }, `v["a b"][0]: expected ${ACCEPTED}, got a symbol`],
  [{ v: any() }, { v: { [Symbol('k')]: 1 } }, `v: expected ${ACCEPTED}, got an object with a symbol as a key`],
  [{ v: any() }, { v: [sparse] }, `v[0][1]: expected ${ACCEPTED}, got a hole in an array`],
  [{ v: any() }, { v: [2n ** 64n] }, 'v[0]: expected a bigint of 64 bits, got bigint 18446744073709551616'],
  [{ v: any() }, { v: [-(2n ** 63n) - 1n] }, 'v[0]: expected a bigint of 64 bits, got bigint -9223372036854775809'],
  [{ v: any() }, { v: new Map([['k', () => 1]]) }, `v.get("k"): expected ${ACCEPTED}, got a function`],
  [{ v: any() }, { v: new Map([[{ f: () => 1 }, 1]]) }, `v.key(an object).f: expected ${ACCEPTED}, got a function`],
  [{ v: any() }, { v: new Set([1, { a: Symbol() }]) }, `v[1].a: expected ${ACCEPTED}, got a symbol`],
  [
    { v: any() },
    { v: JSON.parse('{ "a": { "__proto__": 1 } }') },
    `v.a.__proto__: expected ${ACCEPTED}, got an object with "__proto__" as a key`,
  ],
  [{ v: any() }, { v: cyclic }, `v${'.self'.repeat(64)}: expected at most 64 levels, got more, or a cycle`],
  [{ v: any() }, { v: nested(65) }, `v${'[0]'.repeat(64)}: expected at most 64 levels, got more, or a cycle`],
  [{ rows: list(any()) }, { rows: [1, { f() {} }] }, `rows[1].f: expected ${ACCEPTED}, got a function`],
];

const unreadable: Case[] = [
  [{ amount: f64 }, throwing, `amount: expected a value, got ${READ_FAILED}`],
  [{ a: record({ amount: f64 }) }, { a: throwing }, `a.amount: expected a value, got ${READ_FAILED}`],
  [{ as: list(record({ amount: f64 })) }, { as: [throwing] }, `as[0].amount: expected a value, got ${READ_FAILED}`],
  [{ v: any() }, { v: { deep: [throwing] } }, `v.deep[0].amount: expected ${ACCEPTED}, got ${READ_FAILED}`],
  [{ s: union('amount', { a: { x: f64 } }) }, { s: throwing }, `s.amount: expected a value, got ${READ_FAILED}`],
  [
    { v: any() },
    { v: { inner: revoked.proxy } },
    `v.inner: expected ${ACCEPTED}, got something that throws when it is read (TypeError: Cannot perform 'IsArray' on a proxy that has been revoked)`,
  ],
  [{ amount: f64 }, { amount: revoked.proxy }, 'amount: expected f64, got an object that cannot be looked at'],
];

describe.each(Object.entries({ scalars, arrays, nestings, wholes, generals, unreadable }))(
  'refusals: %s',
  (_group, cases) => {
    it.each(cases.map(([declared, given, said]) => ({ said, declared, given })))(
      '$said',
      ({ said, declared, given }) => {
        for (const door of doorsOf(declared)) {
          let error: unknown;
          try {
            door.pass(given);
          } catch (thrown) {
            error = thrown;
          }
          expect(error, door.name).toBeInstanceOf(SourceInvalidMessage);
          const refusal = error as InvalidMessage;
          expect(refusal.message, door.name).toBe(`Actor.message: ${said}`);
          expect(refusal.code).toBe('HEDDLE_INVALID_MESSAGE');
          expect(refusal.refused === given, 'the message itself is handed back').toBe(true);
        }
      },
    );
  },
);

describe('a refusal', () => {
  it('of a message whose accessor throws has the exception as its cause', () => {
    for (const [declared, given] of unreadable.slice(0, 4)) {
      for (const door of doorsOf(declared)) {
        expect(() => door.pass(given), door.name).toThrow(
          expect.objectContaining({ cause: expect.objectContaining({ message: 'not today' }) }),
        );
      }
    }
  });

  it('comes without a stack, because it can come by the million', () => {
    for (const door of doorsOf({ amount: f64 })) {
      expect(() => door.pass({ amount: '1' })).toThrow(
        expect.objectContaining({ stack: expect.not.stringContaining('\n    at ') }),
      );
    }
  });
});

describe('undeclared fields', () => {
  const declared = {
    a: i32,
    inner: record({ b: i32 }),
    lines: list(record({ c: i32 })),
    s: union('k', { x: { d: i32 } }),
  };
  const plain = { a: 1, inner: { b: 2 }, lines: [{ c: 3 }], s: { k: 'x', d: 4 } };

  it('are dropped', () => {
    const more = { ...plain, z: 1, inner: { b: 2, z: 1 }, lines: [{ c: 3, z: 1 }], s: { k: 'x', d: 4, z: 1 } };
    for (const door of doorsOf(declared)) expect(door.pass(more), door.name).toEqual(plain);
  });

  it.each([
    ['z', { ...plain, z: 'x' }],
    ['inner.z', { ...plain, inner: { b: 2, z: 'x' } }],
    ['lines[0].z', { ...plain, lines: [{ c: 3, z: 'x' }] }],
    ['s.z', { ...plain, s: { k: 'x', d: 4, z: 'x' } }],
  ])('are refused by a strict system: %s', (path, given) => {
    for (const door of doorsOf(declared, { strict: true })) {
      expect(door.pass(plain)).toEqual(plain);
      expect(() => door.pass(given), door.name).toThrow(
        new SourceInvalidMessage(
          `Actor.message: ${path}: expected nothing, as no such field is declared, got string "x"`,
        ),
      );
    }
  });
});
