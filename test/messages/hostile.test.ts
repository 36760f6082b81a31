/** Messages with code of their own: whatever it does, what is written stays within its room and can be read. */
import { any, bytes, f64, f64s, i32, list, record, text, union } from 'heddle';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidMessage } from '../../src/base/errors.js';
import { CorruptRecord, NO_ROOM } from '../../src/messages/memory.js';
import type { Entry } from '../../src/messages/protocol.js';
import { AT, BYTES, doorsOf, makeTools, UNTOUCHED } from '../support/codecs.js';
import { expectSame } from '../support/same.js';

/** Members in the order in which they are given, each time. */
const inTurn = <T>(...values: readonly T[]): (() => T) => {
  let reads = 0;
  return () => values[Math.min(reads++, values.length - 1)]!;
};

const END = AT + 4096;

/**
 * Sends a message made by `make`, through each door. It must be refused, or find no room, or arrive as something that
 * the declaration allows, with nothing written elsewhere.
 */
const survives = (declared: Entry, make: () => unknown, allowed: (arrived: unknown) => boolean): void => {
  const tools = makeTools(1 << 16);
  for (const { name, codec } of doorsOf(declared, { tools })) {
    tools.memory.u8.fill(UNTOUCHED);
    try {
      const end = codec.encode(make(), AT, END);
      if (end !== NO_ROOM) expect(allowed(codec.decode(AT, end)), `${name}: what arrives`).toBe(true);
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
    }
    const { u8 } = tools.memory;
    const untouched = (from: number, to: number): boolean => u8.subarray(from, to).every((byte) => byte === UNTOUCHED);
    expect(untouched(0, AT) && untouched(END, u8.length), `${name}: what lies around`).toBe(true);
    try {
      expect(allowed(codec.take(make())), `${name}: what is taken`).toBe(true);
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
    }
  }
};

const isText = (value: unknown): boolean => typeof value === 'string';

describe('a member that is another value each time', () => {
  it('is read once', () => {
    const isMessage = (value: unknown): boolean =>
      isText((value as { t: unknown }).t) && (value as { ts: unknown[] }).ts.every(isText);
    survives(
      { t: text, ts: list(text) },
      () => {
        const ts: unknown[] = ['a', 'b'];
        Object.defineProperty(ts, 1, { get: inTurn<unknown>('b', 1) });
        return Object.defineProperties({ ts }, { t: { get: inTurn<unknown>('a', 12) } });
      },
      isMessage,
    );
  });

  it('may be the tag of a union', () => {
    survives(
      { u: union('k', { a: { n: i32 }, b: { t: text } }), n: i32 },
      () => ({ u: Object.defineProperties({ n: 1, t: 'x' }, { k: { get: inTurn('a', 'b', 'c', 'd') } }), n: 5 }),
      (value) => (value as { n: unknown }).n === 5 && ['a', 'b'].includes((value as { u: { k: string } }).u.k),
    );
  });
});

describe('a list', () => {
  it.each([-1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 33, '2', {}, undefined])(
    'may say that its length is %s',
    (length) => {
      for (const of of [f64, text, record({ x: i32 }), any()]) {
        survives(
          { xs: list(of as never), n: i32 },
          () => ({ xs: new Proxy([], { get: (_, name) => (name === 'length' ? length : undefined) }), n: 5 }),
          (value) => (value as { n: unknown }).n === 5,
        );
      }
    },
  );

  it('may grow and shrink while it is walked', () => {
    const changing = (change: (xs: unknown[]) => void) => (): unknown => {
      const xs: unknown[] = [1, 2, 3, 4];
      Object.defineProperty(xs, 1, {
        get: () => {
          change(xs);
          return 2;
        },
        configurable: true,
      });
      return { xs, v: xs, n: 5 };
    };
    for (const change of [(xs: unknown[]) => xs.push(9), (xs: unknown[]) => xs.splice(2)]) {
      survives({ xs: list(f64), n: i32 }, changing(change), (value) => (value as { n: unknown }).n === 5);
      survives({ v: any(), n: i32 }, changing(change), (value) => (value as { n: unknown }).n === 5);
    }
  });
});

describe('a Map or Set', () => {
  it('may grow and shrink while it is walked', () => {
    const make = (change: (map: Map<unknown, unknown>, set: Set<unknown>) => void) => (): unknown => {
      const map = new Map<unknown, unknown>();
      const set = new Set<unknown>();
      const evil = {
        get a(): number {
          change(map, set);
          return 1;
        },
      };
      map.set('evil', evil).set('b', 1).set('c', 2);
      set.add(evil).add('b').add('c');
      return { map, set, n: 5 };
    };
    let key = 0;
    for (const change of [
      (map: Map<unknown, unknown>, set: Set<unknown>) => void [map.set(key++, 1), set.add(key++)],
      (map: Map<unknown, unknown>, set: Set<unknown>) => void [map.delete('c'), set.delete('c')],
    ]) {
      survives({ map: any(), n: i32 }, make(change), (value) => (value as { n: unknown }).n === 5);
      survives({ set: any(), n: i32 }, make(change), (value) => (value as { n: unknown }).n === 5);
    }
  });
});

describe('a typed array', () => {
  const lying = (length: number): Uint8Array =>
    Object.defineProperties(new Uint8Array(64).fill(7), {
      length: { value: length },
      byteLength: { value: length },
      byteOffset: { value: length },
      buffer: { value: new ArrayBuffer(length) },
    });

  it.each([0, 8, 100_000])('may say that its length is %d', (length) => {
    const isWhole = (xs: unknown): boolean => xs instanceof Uint8Array && xs.length === 64 && xs.every((x) => x === 7);
    for (const declared of [bytes, any()]) {
      const tools = makeTools(1 << 16);
      for (const { codec } of doorsOf({ xs: declared }, { tools })) {
        tools.memory.u8.fill(UNTOUCHED);
        const end = codec.encode({ xs: lying(length) }, AT, END);
        expect(tools.memory.u8.subarray(end).every((byte) => byte === UNTOUCHED)).toBe(true);
        expect(isWhole((codec.decode(AT, end) as { xs: unknown }).xs)).toBe(true);
      }
    }
  });

  it('may have members that throw', () => {
    class Evil extends Float64Array {
      override get length(): number {
        throw new Error('no');
      }
      override get byteLength(): number {
        throw new Error('no');
      }
    }
    const tools = makeTools(1 << 16);
    for (const { codec } of doorsOf({ xs: f64s }, { tools })) {
      const end = codec.encode({ xs: new Evil([1, 2]) }, AT, END);
      expectSame(codec.decode(AT, end), { xs: Float64Array.of(1, 2) });
    }
  });
});

describe('a message that sends another with the same codec while it is written', () => {
  it('does not lose its place', () => {
    const tools = makeTools();
    for (const { name, codec, pass } of doorsOf({ v: any(), t: text }, { tools })) {
      const outer = {
        v: {
          before: 1,
          get inner(): unknown {
            expect(() => codec.take({ v: [() => 1], t: 'x' })).toThrow('v[0]: expected');
            expectSame(codec.take({ v: { a: [1] }, t: 'x' }), { v: { a: [1] }, t: 'x' });
            return 2;
          },
          after: 3,
          bad: [Symbol('x')],
        },
        t: 'text',
      };
      // The refusal of the outer one names its own path, and hands back itself.
      expect(() => pass(outer), name).toThrow(
        expect.objectContaining({ refused: outer, message: expect.stringContaining(': v.bad[0]: ') }),
      );
    }
  });
});

describe('what is corrupt', () => {
  afterEach(() => expect({}).not.toHaveProperty('polluted'));

  it('is known from a message that is too short for its fixed part', () => {
    for (const { codec } of doorsOf({ a: f64, b: f64 })) expect(() => codec.decode(AT, AT + 8)).toThrow(CorruptRecord);
  });

  it('is a key that would be a prototype', () => {
    const tools = makeTools();
    for (const { codec } of doorsOf({ v: any() }, { tools })) {
      const end = codec.encode({ v: { __protO__: { polluted: true } } }, AT, BYTES);
      const at = tools.memory.text.indexOf('__protO__', AT);
      tools.memory.text.write('__proto__', at);
      expect(() => codec.decode(AT, end)).toThrow(CorruptRecord);
    }
  });

  it('is a general value of more than 64 levels', () => {
    const tools = makeTools();
    // An array in an array, and so on, with one element each.
    doorsOf(any(), { tools })[0]!.codec.encode([], AT, BYTES);
    const emptyArray = tools.memory.i32[AT >> 2]!;
    tools.memory.i32.fill(emptyArray | (1 << 8), AT >> 2, BYTES >> 2);
    for (const { codec } of doorsOf(any(), { tools }))
      expect(() => codec.decode(AT, BYTES)).toThrow('more than 64 levels');
  });

  it('is an array that ends within an element', () => {
    const tools = makeTools();
    for (const { codec } of doorsOf({ xs: f64s }, { tools })) {
      const end = codec.encode({ xs: Float64Array.of(1, 2) }, AT, BYTES);
      tools.memory.i32[AT >> 2] = 12;
      expect(() => codec.decode(AT, end)).toThrow(CorruptRecord);
    }
  });
});
