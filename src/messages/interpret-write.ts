/** The writing part of the interpreter. */
import { type Picked, type PickOptions, pickList, pickRecord, pickVariant } from './interpret-check.js';
import { asRecord, type Job, layoutOf } from './interpret-context.js';
import { ELEMENT_BYTES, fixedBytes, nestedBytes, type RecordLayout } from './layout.js';
import { NO_ROOM } from './memory.js';
import type { ElementKind, RecordShape, Shape } from './shape.js';
import { refuseGeneral, timeOf } from './tools.js';

/** Writes a record: its fixed part at `base`, the rest from `at` on. Returns where it ends, or `NO_ROOM`. */
export const writeRecord = (
  job: Job,
  layout: RecordLayout,
  picked: readonly Picked[],
  base: number,
  at: number,
  end: number,
): number => {
  if (at > end) return NO_ROOM;
  const { i32 } = job.tools.memory;
  const bitsAt = (base + layout.bitsAt) >> 2;
  i32.fill(0, bitsAt, bitsAt + layout.bitWords);
  let next = at;
  const place = ({ field, value, path, fields }: Picked): void => {
    const { optionalBit: bit } = field;
    if (bit >= 0 && value === undefined) return;
    if (bit >= 0) i32[bitsAt + (bit >> 5)]! |= 1 << (bit & 31);
    if (fields !== undefined) fields.forEach(place);
    else if (field.at >= 0) writeScalar(job, field.shape, value, base + field.at);
    else if (next !== NO_ROOM) next = writeVariable(job, field.shape, value, path, next, end);
  };
  picked.forEach(place);
  return next;
};

const writeScalar = ({ tools: { memory, refs, shares } }: Job, of: Shape, value: unknown, at: number): void => {
  switch (of.kind) {
    case 'bool':
      memory.u8[at] = value === true ? 1 : 0;
      return;
    case 'date':
      memory.f64[at >> 3] = timeOf(value as Date);
      return;
    case 'oneOf':
      if (fixedBytes(of) === 1) memory.u8[at] = of.values.indexOf(value as string);
      else memory.u16[at >> 1] = of.values.indexOf(value as string);
      return;
    case 'ref':
      refs.write(value, memory.i32, at >> 2);
      return;
    case 'shared':
      memory.i32[at >> 2] = shares.numberOf(value);
      return;
    default: {
      const kind = of.kind as ElementKind;
      (memory[kind] as Float64Array)[at / ELEMENT_BYTES[kind]] = value as number;
    }
  }
};

const writeVariable = (job: Job, of: Shape, value: unknown, path: string, at: number, end: number): number => {
  const { text, bytes, general } = job.tools;
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
        return refuseGeneral(job.where, job.message, path, error);
      }
    case 'list':
      return writeList(job, of.of, pickList(job, of.of, value as unknown[], path), path, at, end);
    case 'union': {
      const { index, variant } = pickVariant(job, of, value, path);
      const next = writeWord(job, index, at, end);
      return next === NO_ROOM ? NO_ROOM : writeNested(job, variant, value, path, next, end, { tag: of.tag });
    }
    default:
      return writeNested(job, asRecord(of), value, path, at, end, { bare: of.kind !== 'record' });
  }
};

const WORD_BYTES = 4;

const writeWord = ({ tools: { memory } }: Job, word: number, at: number, end: number): number => {
  if (at + WORD_BYTES > end) return NO_ROOM;
  memory.i32[at >> 2] = word;
  return at + WORD_BYTES;
};

const writeList = (
  job: Job,
  of: Shape,
  elements: readonly unknown[],
  path: string,
  at: number,
  end: number,
): number => {
  let next = writeWord(job, elements.length, at, end);
  if (next === NO_ROOM) return NO_ROOM;
  const size = fixedBytes(of);
  if (size === undefined) {
    for (let k = 0; k < elements.length && next !== NO_ROOM; k++) {
      next = writeVariable(job, of, elements[k], `${path}[${k}]`, next, end);
    }
    return next;
  }
  const from = size === 8 ? (next + 7) & -8 : next;
  if (from + elements.length * size > end) return NO_ROOM;
  elements.forEach((element, k) => {
    writeScalar(job, of, element, from + k * size);
  });
  next = (from + elements.length * size + 3) & -4;
  return next > end ? NO_ROOM : next;
};

/** A record in the variable part: of a list or union, or an optional value in a list. */
const writeNested = (
  job: Job,
  shape: RecordShape,
  value: unknown,
  path: string,
  at: number,
  end: number,
  options: PickOptions,
): number => {
  const layout = layoutOf(shape);
  const picked = pickRecord(job, layout, value, path, options);
  const base = layout.alignment === 8 ? (at + 7) & -8 : at;
  return writeRecord(job, layout, picked, base, base + nestedBytes(layout), end);
};
