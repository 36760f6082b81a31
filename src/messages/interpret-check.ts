/** The checking part of the interpreter: reads each field once and refuses what is wrong. */
import { describe } from '../base/describe.js';
import type { Bag, Job } from './interpret-context.js';
import type { PlacedField, RecordLayout } from './layout.js';
import { memberStep } from './path.js';
import { INTEGER_RANGES, isInteger, nameChoices, nameShape, type RecordShape, type Shape } from './shape.js';
import { SHARED_EXPECTED } from './shares.js';
import { countOf, HOLE, isDate, refuse } from './tools.js';
import { arrayTag, tagOfKind } from './typed-arrays.js';

/** A field that was read. */
export interface Picked {
  readonly field: PlacedField;
  /** Undefined where an optional field was left out. */
  readonly value: unknown;
  readonly path: string;
  /** Of a nested record that is there. */
  readonly fields: readonly Picked[] | undefined;
}

export interface PickOptions {
  /** The value is no object: it is the record's one field itself. */
  readonly bare?: boolean;
  /** Of a variant: the name of the tag. */
  readonly tag?: string;
}

/** The fields of a record, read and checked, in the order of the layout. */
export const pickRecord = (
  job: Job,
  { fields }: RecordLayout,
  value: unknown,
  path: string,
  { bare = false, tag }: PickOptions = {},
): readonly Picked[] => {
  const pick = (of: readonly PlacedField[], object: unknown, around: string, isBare: boolean): Picked[] => {
    const picked = of.map((field): Picked => {
      const inner = isBare ? object : (object as Bag)[field.name];
      const at = isBare ? around : around + memberStep(field.name);
      if (inner === undefined && field.optionalBit >= 0) return { field, value: inner, path: at, fields: undefined };
      check(job, field.shape, inner, at);
      return { field, value: inner, path: at, fields: field.fields && pick(field.fields, inner, at, false) };
    });
    if (!isBare) job.refuseExtra(around, object as object, of, tag);
    return picked;
  };
  if (bare) return pick(fields, value, path, true);
  return job.reading(path, value, fields, () => pick(fields, value, path, false));
};

/** The variant that the tag of a union names. */
export const pickVariant = (
  job: Job,
  { tag, variants }: Shape & { kind: 'union' },
  value: unknown,
  path: string,
): { index: number; name: string; variant: RecordShape } => {
  const name = job.reading(path, value, [{ name: tag }], () => (value as Bag)[tag]);
  const index = variants.findIndex(([candidate]) => candidate === name);
  const found = variants[index];
  if (found !== undefined) return { index, name: found[0], variant: found[1] };
  return job.refuse(path + memberStep(tag), nameChoices(variants.map(([candidate]) => candidate)), name);
};

/** The elements of a list, read and checked. */
export const pickList = (job: Job, of: Shape, values: readonly unknown[], path: string): readonly unknown[] =>
  job.reading(path, values, [], () =>
    Array.from({ length: countOf(job.where, job.message, path, values) }, (_, k) => {
      const element = values[k];
      const at = `${path}[${k}]`;
      if (element === undefined && !(k in values)) refuse(job.where, job.message, at, nameShape(of), HOLE);
      check(job, of, element, at);
      return element;
    }),
  );

/** Refuses a value unless it is of this shape, as far as that can be told without walking it. */
export const check = (job: Job, of: Shape, value: unknown, path: string): void => {
  if (of.kind === 'ref') {
    const expected = job.tools.refs.refuses(value, of.target);
    if (expected !== undefined) refuse(job.where, job.message, path, expected, describe(value));
  } else if (of.kind === 'shared') {
    if (!job.tools.shares.has(value)) job.refuse(path, SHARED_EXPECTED, value);
  } else if (!accepts(of, value)) job.refuse(path, nameShape(of), value);
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
      return arrayTag(value) === tagOfKind('u8');
    case 'array':
      return arrayTag(value) === tagOfKind(of.element);
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
