/** The copying part of the interpreter, for messages that stay on their thread: what would arrive. */
import { type Picked, type PickOptions, pickList, pickRecord, pickVariant } from './interpret-check.js';
import { asRecord, type Job, layoutOf } from './interpret-context.js';
import type { RecordShape, Shape } from './shape.js';
import { refuseGeneral, takeGeneral, timeOf, wellFormed } from './tools.js';
import { plainArray } from './typed-arrays.js';

/** A record as it would arrive; its one field if it is `bare`. */
export const takeRecord = (job: Job, picked: readonly Picked[], bare: boolean): unknown => {
  const members = picked.map((field) => [field.field.name, takeField(job, field)] as const);
  return bare ? members[0]?.[1] : Object.fromEntries(members);
};

const takeField = (job: Job, { field, value, path, fields }: Picked): unknown => {
  if (field.optionalBit >= 0 && value === undefined) return undefined;
  return fields === undefined ? takeValue(job, field.shape, value, path) : takeRecord(job, fields, false);
};

const takeValue = (job: Job, of: Shape, value: unknown, path: string): unknown => {
  switch (of.kind) {
    case 'text':
      return wellFormed(value as string);
    case 'bytes':
    case 'view':
      return plainArray(value as Uint8Array, 'u8');
    case 'array':
      return plainArray(value as ArrayBufferView, of.element);
    case 'date':
      return new Date(timeOf(value as Date));
    case 'f32':
      return Math.fround(value as number);
    case 'ref':
      return job.tools.refs.take(value);
    case 'any':
      try {
        return takeGeneral(value);
      } catch (error) {
        return refuseGeneral(job.where, job.message, path, error);
      }
    case 'list':
      return pickList(job, of.of, value as unknown[], path).map((element, k) =>
        takeValue(job, of.of, element, `${path}[${k}]`),
      );
    case 'union': {
      const { name, variant } = pickVariant(job, of, value, path);
      return { [of.tag]: name, ...(takeNested(job, variant, value, path, { tag: of.tag }) as object) };
    }
    case 'record':
    case 'optional':
      return takeNested(job, asRecord(of), value, path, { bare: of.kind !== 'record' });
    default:
      // Integers: -0 arrives as 0.
      return typeof value === 'number' && of.kind !== 'f64' ? value + 0 : value;
  }
};

const takeNested = (job: Job, shape: RecordShape, value: unknown, path: string, options: PickOptions): unknown =>
  takeRecord(job, pickRecord(job, layoutOf(shape), value, path, options), options.bare ?? false);
