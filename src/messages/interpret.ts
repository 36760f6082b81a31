/**
 * The same codec as `generate.ts` makes, without making code: for processes that forbid it. It walks the shapes at
 * run time and is some ten times slower. The tests run both on the same random declarations.
 */
import { describe } from '../base/describe.js';
import { elementConstructor } from './bytes.js';
import type { MessageCodec } from './codec.js';
import type { GenerateOptions } from './generate.js';
import {
  ELEMENT_BYTES,
  fixedBytes,
  layOut,
  nestedBytes,
  type PlacedField,
  type RecordLayout,
  recordOf,
} from './layout.js';
import { advance, corrupt, NO_ROOM, readFrom } from './memory.js';
import { type ElementKind, INTEGER_RANGES, isInteger, nameShape, type RecordShape, type Shape } from './shape.js';
import {
  isDate,
  plainBytes,
  refuse,
  refuseExtra,
  refuseGeneral,
  refuseValue,
  type Tools,
  takeGeneral,
  timeOf,
  wellFormed,
} from './tools.js';

type Bag = Record<string, unknown>;

const memberPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

export const interpretMessage = (shape: Shape, tools: Tools, { where, strict }: GenerateOptions): MessageCodec => {
  const { memory, text, bytes, general, refs } = tools;
  const { i32, u8, u16, f64 } = memory;
  /** The message that is being worked on, for refusals. */
  let message: unknown;

  const layouts = new Map<RecordShape, RecordLayout>();
  const layoutOf = (record: RecordShape): RecordLayout => {
    const known = layouts.get(record) ?? layOut(record);
    layouts.set(record, known);
    return known;
  };
  const records = new Map<Shape, RecordShape>();
  const asRecord = (of: Shape): RecordShape => {
    const known = records.get(of) ?? recordOf(of);
    records.set(of, known);
    return known;
  };

  const accepts = (of: Shape, value: unknown): boolean => {
    switch (of.kind) {
      case 'bool':
        return typeof value === 'boolean';
      case 'f32':
      case 'f64':
        return typeof value === 'number';
      case 'u64':
        return typeof value === 'bigint' && BigInt.asUintN(64, value) === value;
      case 'i64':
        return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
      case 'date':
        return isDate(value);
      case 'text':
        return typeof value === 'string';
      case 'bytes':
      case 'view':
        return value instanceof Uint8Array;
      case 'array':
        return value instanceof elementConstructor(of.element);
      case 'oneOf':
        return of.values.includes(value as string);
      case 'list':
        return Array.isArray(value);
      case 'record':
      case 'union':
        return typeof value === 'object' && value !== null;
      default:
        if (!isInteger(of.kind)) return true;
        return (
          typeof value === 'number' &&
          Number.isInteger(value) &&
          value >= INTEGER_RANGES[of.kind][0] &&
          value <= INTEGER_RANGES[of.kind][1]
        );
    }
  };

  const check = (of: Shape, value: unknown, path: string): void => {
    if (of.kind === 'ref') {
      const expected = refs.refuses(value, of.target);
      if (expected !== undefined) refuse(where, message, path, expected, describe(value));
    }
    if (!accepts(of, value)) refuseValue(where, message, path, nameShape(of), value);
    if (of.kind !== 'union') return;
    const tag = (value as Bag)[of.tag];
    if (of.variants.some(([name]) => name === tag)) return;
    const expected = of.variants.map(([name]) => JSON.stringify(name)).join(', ');
    refuseValue(where, message, memberPath(path, of.tag), `one of ${expected}`, tag);
  };

  const writeScalar = (of: Shape, value: unknown, at: number): void => {
    switch (of.kind) {
      case 'bool':
        u8[at] = value === true ? 1 : 0;
        return;
      case 'date':
        f64[at >> 3] = timeOf(value as Date);
        return;
      case 'oneOf':
        if (fixedBytes(of) === 1) u8[at] = of.values.indexOf(value as string);
        else u16[at >> 1] = of.values.indexOf(value as string);
        return;
      case 'ref':
        refs.write(value, i32, at >> 2);
        return;
      default: {
        const kind = of.kind as ElementKind;
        (memory[kind] as Float64Array)[at / ELEMENT_BYTES[kind]] = value as number;
      }
    }
  };

  const readScalar = (of: Shape, at: number): unknown => {
    switch (of.kind) {
      case 'bool':
        return u8[at] !== 0;
      case 'date':
        return new Date(f64[at >> 3]!);
      case 'oneOf':
        return (
          of.values[fixedBytes(of) === 1 ? u8[at]! : u16[at >> 1]!] ?? corrupt('a text that is not one of the declared')
        );
      case 'ref':
        return refs.read(of.target, i32, at >> 2);
      default: {
        const kind = of.kind as ElementKind;
        return memory[kind][at / ELEMENT_BYTES[kind]];
      }
    }
  };

  const writeVariable = (of: Shape, value: unknown, path: string, at: number, end: number): number => {
    switch (of.kind) {
      case 'text':
        return text.write(value as string, at, end);
      case 'bytes':
      case 'view':
        return bytes.write(value as Uint8Array, at, end);
      case 'array':
        return bytes.writeArray(value as Float64Array, of.element, at, end);
      case 'any':
        try {
          return general.write(value, at, end);
        } catch (error) {
          return refuseGeneral(where, message, path, error);
        }
      case 'list':
        return writeList(of.of, value as unknown[], path, at, end);
      case 'union': {
        const tag = (value as Bag)[of.tag];
        const index = of.variants.findIndex(([name]) => name === tag);
        if (at + 4 > end) return NO_ROOM;
        i32[at >> 2] = index;
        return writeRecord(of.variants[index]![1], value, path, at + 4, end, false, [of.tag]);
      }
      default:
        return writeRecord(asRecord(of), value, path, at, end, of.kind !== 'record');
    }
  };

  const writeList = (of: Shape, values: unknown[], path: string, at: number, end: number): number => {
    const count = values.length;
    if (at + 4 > end) return NO_ROOM;
    i32[at >> 2] = count;
    const size = fixedBytes(of);
    let next = at + 4;
    if (size === 8) next = (next + 7) & -8;
    if (size !== undefined && next + count * size > end) return NO_ROOM;
    for (let k = 0; k < count && next >= 0; k++) {
      const element = `${path}[${k}]`;
      check(of, values[k], element);
      if (size === undefined) next = writeVariable(of, values[k], element, next, end);
      else writeScalar(of, values[k], next + k * size);
    }
    if (size === undefined) return next;
    next = (next + count * size + 3) & -4;
    return next > end ? NO_ROOM : next;
  };

  const checkFields = (
    fields: readonly PlacedField[],
    value: unknown,
    path: string,
    bare: boolean,
    extra: readonly string[],
  ): void => {
    if (strict && !bare) {
      refuseExtra(where, message, path, value as object, new Set([...fields.map(({ name }) => name), ...extra]));
    }
    for (const field of fields) {
      const inner = bare ? value : (value as Bag)[field.name];
      const at = bare ? path : memberPath(path, field.name);
      if (inner === undefined && field.optionalBit >= 0) continue;
      check(field.shape, inner, at);
      if (field.fields !== undefined) checkFields(field.fields, inner, at, false, []);
    }
  };

  const writeRecord = (
    shapeOf: RecordShape,
    value: unknown,
    path: string,
    from: number,
    end: number,
    bare: boolean,
    extra: readonly string[] = [],
  ): number => {
    const layout = layoutOf(shapeOf);
    const base = layout.alignment === 8 ? (from + 7) & -8 : from;
    checkFields(layout.fields, value, path, bare, extra);
    let next = base + bytesOf(layout);
    if (next > end) return NO_ROOM;
    i32.fill(0, (base + layout.bitsAt) >> 2, ((base + layout.bitsAt) >> 2) + layout.bitWords);

    const writeFields = (fields: readonly PlacedField[], of: unknown, at: string, bareHere: boolean): void => {
      for (const field of fields) {
        const inner = bareHere ? of : (of as Bag)[field.name];
        if (field.optionalBit >= 0) {
          if (inner === undefined) continue;
          const word = ((base + layout.bitsAt) >> 2) + (field.optionalBit >> 5);
          i32[word] = i32[word]! | (1 << (field.optionalBit & 31));
        }
        const innerPath = bareHere ? at : memberPath(at, field.name);
        if (field.fields !== undefined) writeFields(field.fields, inner, innerPath, false);
        else if (field.at >= 0) writeScalar(field.shape, inner, base + field.at);
        else if (next >= 0) next = writeVariable(field.shape, inner, innerPath, next, end);
      }
    };
    writeFields(layout.fields, value, path, bare);
    return next;
  };

  const readVariable = (of: Shape): unknown => {
    switch (of.kind) {
      case 'text':
        return text.read();
      case 'bytes':
        return bytes.read();
      case 'view':
        return bytes.readView();
      case 'array':
        return bytes.readArray(of.element);
      case 'any':
        return general.read();
      case 'list':
        return readList(of.of);
      case 'union': {
        const index = i32[advance(memory, 4) >> 2]!;
        const [name, variant] = of.variants[index] ?? corrupt(`variant ${index} of a union`);
        return { [of.tag]: name, ...(readNested(variant, false) as object) };
      }
      default:
        return readNested(asRecord(of), of.kind !== 'record');
    }
  };

  const readList = (of: Shape): unknown[] => {
    const count = i32[advance(memory, 4) >> 2]!;
    const size = fixedBytes(of);
    const least = size ?? 4;
    if (count < 0 || count * least > memory.end - memory.at) {
      corrupt(`a list of ${count} elements is longer than its record`);
    }
    if (size === undefined) return Array.from({ length: count }, () => readVariable(of));
    if (size === 8) memory.at = (memory.at + 7) & -8;
    const at = advance(memory, (count * size + 3) & -4);
    return Array.from({ length: count }, (_, k) => readScalar(of, at + k * size));
  };

  const readNested = (of: RecordShape, bare: boolean): unknown => {
    const layout = layoutOf(of);
    if (layout.alignment === 8) memory.at = (memory.at + 7) & -8;
    return readFields(layout, layout.fields, advance(memory, bytesOf(layout)), bare);
  };

  const readFields = (layout: RecordLayout, fields: readonly PlacedField[], base: number, bare: boolean): unknown => {
    const value: Bag = {};
    for (const field of fields) {
      const { optionalBit: bit } = field;
      const word = ((base + layout.bitsAt) >> 2) + (bit >> 5);
      const absent = bit >= 0 && (i32[word]! & (1 << (bit & 31))) === 0;
      if (absent) value[field.name] = undefined;
      else if (field.fields !== undefined) value[field.name] = readFields(layout, field.fields, base, false);
      else if (field.at >= 0) value[field.name] = readScalar(field.shape, base + field.at);
      else value[field.name] = readVariable(field.shape);
      if (bare) return value[field.name];
    }
    return value;
  };

  const take = (of: Shape, value: unknown, path: string, extra: readonly string[] = []): unknown => {
    check(of, value, path);
    switch (of.kind) {
      case 'text':
        return wellFormed(value as string);
      case 'bytes':
      case 'view':
        return plainBytes(value as Uint8Array);
      case 'date':
        return new Date(timeOf(value as Date));
      case 'f32':
        return Math.fround(value as number);
      case 'any':
        try {
          return takeGeneral(value);
        } catch (error) {
          return refuseGeneral(where, message, path, error);
        }
      case 'list':
        return Array.from(value as unknown[], (element, k) => take(of.of, element, `${path}[${k}]`));
      case 'optional':
        return value === undefined ? undefined : take(of.of, value, path);
      case 'union': {
        const tag = (value as Bag)[of.tag];
        const [name, variant] = of.variants.find(([candidate]) => candidate === tag)!;
        return { [of.tag]: name, ...(take(variant, value, path, [of.tag]) as object) };
      }
      case 'record': {
        if (strict) {
          const known = new Set([...of.fields.map(([name]) => name), ...extra]);
          refuseExtra(where, message, path, value as object, known);
        }
        const taken: Bag = {};
        for (const [name, inner] of of.fields) taken[name] = take(inner, (value as Bag)[name], memberPath(path, name));
        return taken;
      }
      default:
        // Integers: -0 arrives as 0.
        return typeof value === 'number' && of.kind !== 'f64' ? value + 0 : value;
    }
  };

  const bare = shape.kind !== 'record';
  const root = asRecord(shape);
  /** The message itself may be empty; it stands in a list with nothing. */
  const bytesOf = (layout: RecordLayout): number =>
    layout === layoutOf(root) ? layout.fixedBytes : nestedBytes(layout);
  return {
    encode(value, at, end) {
      message = value;
      if (!bare) check(shape, value, '');
      return writeRecord(asRecord(shape), value, '', at, end, bare);
    },
    decode(at, end) {
      readFrom(memory, at, end);
      return readNested(asRecord(shape), bare);
    },
    take(value) {
      message = value;
      return take(shape, value, '');
    },
  };
};
