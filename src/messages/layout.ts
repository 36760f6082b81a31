/**
 * Where the fields of a record lie.
 *
 * A record is a fixed part, then a variable part. The fixed part holds a bit for each optional field and all scalars,
 * the widest first, so that nothing is lost to alignment; scalars of nested records lie there as well. The variable
 * part holds texts, bytes, arrays, lists, unions and general values in the order of their declaration, each
 * beginning at a multiple of 4.
 *
 * ```
 *   { id: i32, name: text, ts: f64, note: optional(text) }
 *
 *   byte  0  ts       f64
 *         8  id       i32
 *        12  optional bits (bit 0: note)
 *        16  name     length, UTF-8, filled up to a multiple of 4
 *         +  note     the same, if its bit is set
 * ```
 */
import type { ElementKind, RecordShape, ScalarKind, Shape } from './shape.js';

export const ELEMENT_BYTES: Readonly<Record<ElementKind, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f32: 4,
  f64: 8,
};

const SCALAR_BYTES: Readonly<Record<ScalarKind, number>> = { ...ELEMENT_BYTES, bool: 1, date: 8 };

/** A ref is thread, slot and generation, a word each. */
export const REF_BYTES = 12;
const WORD_BYTES = 4;
const BITS_PER_WORD = 32;
/** Texts of a `oneOf` that fit one byte. */
const ONE_OF_BYTE_MAX = 0x100;

/** Bytes of a shape in the fixed part; undefined if it belongs to the variable part. */
export const fixedBytes = (shape: Shape): number | undefined => {
  switch (shape.kind) {
    case 'oneOf':
      return shape.values.length <= ONE_OF_BYTE_MAX ? 1 : 2;
    case 'ref':
      return REF_BYTES;
    case 'shared':
      return WORD_BYTES;
    case 'text':
    case 'bytes':
    case 'view':
    case 'array':
    case 'list':
    case 'union':
    case 'any':
    case 'record':
    case 'optional':
      return undefined;
    default:
      return SCALAR_BYTES[shape.kind];
  }
};

const alignmentOf = (bytes: number): number => (bytes === REF_BYTES ? WORD_BYTES : bytes);

/** A field with its place. */
export interface PlacedField {
  readonly name: string;
  /** The shape without `optional`. */
  readonly shape: Shape;
  /** Which bit of the record says whether it is there; -1 if it always is. */
  readonly optionalBit: number;
  /** Byte in the fixed part, of a scalar; -1 for everything else. */
  readonly at: number;
  /** Of a nested record: its fields, which lie in the same fixed and variable parts. */
  readonly fields: readonly PlacedField[] | undefined;
}

export interface RecordLayout {
  readonly fields: readonly PlacedField[];
  /** Bytes of the fixed part, a multiple of 4. */
  readonly fixedBytes: number;
  /** Byte of the word with the first 32 optional bits. */
  readonly bitsAt: number;
  readonly bitWords: number;
  /** Whether there is a variable part. */
  readonly varies: boolean;
  /** 8 if something in the fixed part needs it, else 4. */
  readonly alignment: 4 | 8;
}

interface Draft {
  name: string;
  shape: Shape;
  optionalBit: number;
  at: number;
  fields: Draft[] | undefined;
}

export const layOut = (record: RecordShape): RecordLayout => {
  let bits = 0;
  let varies = false;
  const scalars: { draft: Draft; bytes: number }[] = [];

  const place = (fields: RecordShape['fields']): Draft[] =>
    fields.map(([name, declared]) => {
      const optionalBit = declared.kind === 'optional' ? bits++ : -1;
      const shape = declared.kind === 'optional' ? declared.of : declared;
      const draft: Draft = { name, shape, optionalBit, at: -1, fields: undefined };
      const bytes = fixedBytes(shape);
      if (bytes !== undefined) scalars.push({ draft, bytes });
      else if (shape.kind === 'record') draft.fields = place(shape.fields);
      else varies = true;
      return draft;
    });

  const fields = place(record.fields);
  const bitWords = Math.ceil(bits / BITS_PER_WORD);
  const aligned = scalars.sort((a, b) => alignmentOf(b.bytes) - alignmentOf(a.bytes));
  let at = 0;
  let bitsAt = -1;
  const placeBits = (): void => {
    bitsAt = at;
    at += bitWords * WORD_BYTES;
  };
  for (const { draft, bytes } of aligned) {
    if (bitsAt < 0 && alignmentOf(bytes) <= WORD_BYTES) placeBits();
    draft.at = at;
    at += bytes;
  }
  if (bitsAt < 0) placeBits();
  const widest = aligned[0];
  return {
    fields,
    fixedBytes: (at + WORD_BYTES - 1) & -WORD_BYTES,
    bitsAt,
    bitWords,
    varies,
    alignment: widest !== undefined && alignmentOf(widest.bytes) === 8 ? 8 : 4,
  };
};

/** Bytes of the fixed part of a record in a list or union: never nothing, so that a forged count cannot cost much. */
export const nestedBytes = ({ fixedBytes: bytes, varies }: RecordLayout): number =>
  bytes === 0 && !varies ? WORD_BYTES : bytes;

/** A value that is no record is laid out as a record with one field of this name. */
export const VALUE_FIELD = 'value';

export const recordOf = (shape: Shape): RecordShape =>
  shape.kind === 'record' ? shape : { kind: 'record', fields: [[VALUE_FIELD, shape]] };
