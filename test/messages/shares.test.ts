/** Handles to shared memory in messages of any shape: what arrives is the handle, by every codec. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindCodec } from '../../src/messages/codec.js';
import { interpretMessage } from '../../src/messages/interpret.js';
import { CorruptRecord, Memory } from '../../src/messages/memory.js';
import type { Shape } from '../../src/messages/shape.js';
import { type Share, SharedTable } from '../../src/messages/shares.js';
import { bindTools, type RefCodec } from '../../src/messages/tools.js';
import { expectSame } from '../support/same.js';
import { valuesOf } from '../support/shapes.js';

const noRefs: RefCodec = {
  refuses: () => undefined,
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
};
const BYTES = 1 << 16;
const options = { where: 'Actor.message', strict: false };

const shares: Share[] = Array.from({ length: 5 }, (_, number) => ({ number, buffer: new SharedArrayBuffer(number) }));
const table = new SharedTable();
const handles = shares.map((share) => table.add(share));
const memory = new Memory(new SharedArrayBuffer(BYTES));
const tools = bindTools(memory, noRefs, table);

/** A shape that has shared fields among others, and a value that fits it. */
const withShares = (depth: number): fc.Arbitrary<readonly [Shape, unknown]> => {
  const leaf = fc.oneof(
    fc.constantFrom(...handles).map((handle) => [{ kind: 'shared' } as Shape, handle as unknown] as const),
    fc
      .constantFrom<Shape>({ kind: 'u8' }, { kind: 'u64' }, { kind: 'bool' })
      .chain((shape) => valuesOf(shape).map((value) => [shape, value] as const)),
  );
  if (depth === 0) return leaf;
  const inner = withShares(depth - 1);
  return fc.oneof(
    leaf,
    inner
      .filter(([{ kind }]) => kind !== 'optional')
      .chain(([of, value]) =>
        fc.boolean().map((there) => [{ kind: 'optional', of } as Shape, there ? value : undefined] as const),
      ),
    inner.chain(([of, value]) =>
      fc.nat(3).map((count) => [{ kind: 'list', of } as Shape, Array.from({ length: count }, () => value)] as const),
    ),
    fc.array(inner, { maxLength: 4 }).map((fields) => {
      const shape: Shape = { kind: 'record', fields: fields.map(([of], index) => [`f${index}`, of] as const) };
      return [shape, Object.fromEntries(fields.map(([, value], index) => [`f${index}`, value]))] as const;
    }),
  );
};

describe('a handle in a message', () => {
  it('arrives as it is, in shapes of every kind', () => {
    fc.assert(
      fc.property(withShares(3), ([shape, value]) => {
        const codecs = [bindCodec(shape, tools, options), interpretMessage(shape, tools, options)];
        for (const writer of codecs) {
          expectSame(writer.take(value), value);
          for (const reader of codecs) {
            memory.u8.fill(0xa5);
            const end = writer.encode(value, 64, BYTES);
            expectSame(reader.decode(64, end), value);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['generated', bindCodec],
    ['interpreted', interpretMessage],
  ])('whose number nobody has is corrupt (%s)', (_name, bind) => {
    const codec = bind({ kind: 'shared' }, tools, options);
    const end = codec.encode(handles[0], 64, BYTES);
    for (const number of [5, -1, 2 ** 31 - 1]) {
      memory.i32[64 >> 2] = number;
      expect(() => codec.decode(64, end)).toThrow(CorruptRecord);
    }
  });
});

describe('a thread that meets a number which it does not know', () => {
  it('takes what it was told of meanwhile, and no more than once', () => {
    const told = [...shares];
    const late = new SharedTable([], () => told.shift());
    expect(late.read(3).buffer).toBe(shares[3]!.buffer);
    expect(told).toEqual([]);
    expect(late.read(3)).toBe(late.read(3));
    expect([0, 1, 2, 4].map((number) => late.read(number).buffer)).toEqual(
      [0, 1, 2, 4].map((number) => shares[number]!.buffer),
    );
    expect(() => late.read(5)).toThrow(CorruptRecord);
  });

  it('knows from its start what was shared before', () => {
    const heir = new SharedTable(shares.slice(0, 2));
    expect(heir.read(1).buffer).toBe(shares[1]!.buffer);
    expect(heir.has(heir.read(1))).toBe(true);
    expect(heir.has(handles[1])).toBe(false);
  });
});
