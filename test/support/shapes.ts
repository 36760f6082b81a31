/** Random shapes of messages, and random values that fit them. */
import fc from 'fast-check';
import type { RecordShape, Shape } from '../../src/messages/shape.js';

const scalarKinds = ['bool', 'u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64', 'date'] as const;
const elementKinds = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64'] as const;

const fieldName = fc
  .oneof(
    fc.constantFrom('id', 'name', 'value', 'x y', "it's", 'ünï', 'constructor', '0', ''),
    fc.string({ maxLength: 6 }),
  )
  .filter((name) => name !== '__proto__');

const fieldsOf = (shape: fc.Arbitrary<Shape>, max: number): fc.Arbitrary<RecordShape> =>
  fc
    .uniqueArray(fc.tuple(fieldName, shape), { maxLength: max, selector: ([name]) => name })
    .map((fields) => ({ kind: 'record', fields }) as const);

const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.constantFrom(...scalarKinds).map((kind) => ({ kind }) as Shape),
  fc.constantFrom<Shape>({ kind: 'text' }, { kind: 'bytes' }, { kind: 'view' }, { kind: 'any' }),
  fc.constantFrom(...elementKinds).map((element) => ({ kind: 'array', element }) as Shape),
  fc
    .uniqueArray(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 5 })
    .map((values) => ({ kind: 'oneOf', values }) as Shape),
  fc.constant<Shape>({ kind: 'oneOf', values: Array.from({ length: 300 }, (_, i) => `v${i}`) }),
);

/** Any shape but refs, nested to `depth`. */
export const shapes = (depth: number): fc.Arbitrary<Shape> => {
  if (depth === 0) return leaf;
  const inner = shapes(depth - 1);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: inner.filter(({ kind }) => kind !== 'optional').map((of) => ({ kind: 'optional', of }) as Shape),
    },
    { weight: 2, arbitrary: inner.map((of) => ({ kind: 'list', of }) as Shape) },
    { weight: 2, arbitrary: fieldsOf(inner, 5) },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(fc.tuple(fc.string({ maxLength: 4 }), fieldsOf(inner, 3)), {
          minLength: 1,
          maxLength: 3,
          selector: ([name]) => name,
        })
        .map(
          (variants) =>
            ({
              kind: 'union',
              tag: 'tag!',
              variants: variants.map(([name, of]) => [name, of] as const),
            }) as Shape,
        ),
    },
  );
};

/** Records as a protocol declares them. */
export const recordShapes: fc.Arbitrary<RecordShape> = fieldsOf(shapes(2), 8);

/** Strings of every kind, lone surrogates too. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\ud800',
    'a\udc00b',
    'é'.repeat(33),
    '\u0000',
    'x'.repeat(31),
    'x'.repeat(32),
    'x'.repeat(33),
    '😀',
  ),
);

const integers = {
  u8: [0, 0xff],
  i8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  i16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
} as const;

const buffersOf = (width: number): fc.Arbitrary<ArrayBuffer> =>
  fc.uint8Array({ maxLength: 100 }).map((raw) => raw.slice(0, raw.length - (raw.length % width)).buffer);

const arrays: Record<(typeof elementKinds)[number], fc.Arbitrary<ArrayBufferView>> = {
  u8: buffersOf(1).map((b) => new Uint8Array(b)),
  i8: buffersOf(1).map((b) => new Int8Array(b)),
  u16: buffersOf(2).map((b) => new Uint16Array(b)),
  i16: buffersOf(2).map((b) => new Int16Array(b)),
  u32: buffersOf(4).map((b) => new Uint32Array(b)),
  i32: buffersOf(4).map((b) => new Int32Array(b)),
  u64: buffersOf(8).map((b) => new BigUint64Array(b)),
  i64: buffersOf(8).map((b) => new BigInt64Array(b)),
  f32: fc.float32Array({ maxLength: 20 }),
  f64: fc.float64Array({ maxLength: 20 }),
};

/** General values: everything that `any()` takes. */
export const generals: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 23, -(2 ** 23) - 1),
    fc.double(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    texts,
    fc.date({ noInvalidDate: true }),
    fc.oneof(...Object.values(arrays)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .dictionary(
        texts.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 5 },
      )
      .map((value) => ({ ...value })),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => new Set(values)),
  ),
})).value;

/** Values that a field of this shape accepts. */
export const valuesOf = (shape: Shape): fc.Arbitrary<unknown> => {
  switch (shape.kind) {
    case 'bool':
      return fc.boolean();
    case 'f64':
      return fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.MAX_VALUE, Number.MIN_VALUE));
    case 'f32':
      return fc.oneof(fc.double(), fc.constantFrom(0.1, -0, Number.NaN));
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'i64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'date':
      return fc.date({ noInvalidDate: true });
    case 'text':
      return texts;
    case 'bytes':
    case 'view':
      return fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 100 }).map((raw) => Buffer.from(raw)),
      );
    case 'array':
      return arrays[shape.element];
    case 'oneOf':
      return fc.constantFrom(...shape.values);
    case 'optional':
      return fc.option(valuesOf(shape.of), { nil: undefined });
    case 'list':
      return fc.array(valuesOf(shape.of), { maxLength: 6 });
    case 'record':
      return recordsOf(shape);
    case 'union':
      return fc.oneof(
        ...shape.variants.map(([name, variant]) =>
          recordsOf(variant).map((value) => ({ ...(value as object), [shape.tag]: name })),
        ),
      );
    case 'any':
      return generals;
    case 'ref':
    case 'shared':
      throw new Error('refs need actors, and shared buffers a system');
    default: {
      const [min, max] = integers[shape.kind];
      return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, min < 0 ? -0 : 0));
    }
  }
};

/** Own properties only, so that fields called like members of Object.prototype are missing when they are. */
const recordsOf = (shape: RecordShape): fc.Arbitrary<unknown> =>
  fc.tuple(...shape.fields.map(([, of]) => valuesOf(of))).map((values) => {
    const record: Record<string, unknown> = {};
    shape.fields.forEach(([name], i) => {
      record[name] = values[i];
    });
    return record;
  });
