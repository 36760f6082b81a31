/** The copying part, for messages that stay on their thread: expressions for what the checking part has read, as it would arrive. */
import {
  checkElement,
  countElements,
  type Picked,
  type PickedRecord,
  type PickOptions,
  pickRecord,
  refuseTag,
} from './generate-check.js';
import { type Context, declare, indexPath, literal, type Path } from './generate-context.js';
import { recordOf } from './layout.js';
import type { RecordShape, Shape } from './shape.js';
import { quote } from './source.js';
import { refuseGeneral, takeGeneral, timeOf, wellFormed } from './tools.js';
import { plainArray } from './typed-arrays.js';

/** An expression for a record as it would arrive. */
export const takeRecord = (
  context: Context,
  record: PickedRecord,
  tag?: readonly [name: string, value: string],
): string => {
  const members = record.fields.map((field) => [field.field.name, takeField(context, field)] as const);
  if (record.bare) return members[0]?.[1] ?? 'undefined';
  return literal(tag === undefined ? members : [[tag[0], quote(tag[1])], ...members]);
};

const takeField = (context: Context, { field, v, path, fields }: Picked): string => {
  const taken =
    fields !== undefined
      ? literal(fields.map((inner) => [inner.field.name, takeField(context, inner)]))
      : takeValue(context, field.shape, v, path);
  return field.optionalBit < 0 ? taken : `${v} === undefined ? undefined : ${taken}`;
};

/** Where a function finds `v`: at `path`, or there in a list. That is put together when something is refused, and not before. */
const HERE: Path = "(index === undefined ? path : path + '[' + index + ']')";

/**
 * An expression for `v`, which is checked, as it would arrive.
 *
 * @param way arguments that lead to it, if `path` is not the cheapest
 */
const takeValue = (context: Context, shape: Shape, v: string, path: Path, way: string = path): string => {
  switch (shape.kind) {
    case 'f64':
    case 'bool':
    case 'u64':
    case 'i64':
    case 'oneOf':
    case 'shared':
      return v;
    case 'ref':
      return `${context.name('refs', context.tools.refs)}.take(${v})`;
    case 'f32':
      return `Math.fround(${v})`;
    case 'date':
      return `new Date(${context.name('timeOf', timeOf)}(${v}))`;
    case 'u32':
      return `${v} >>> 0`;
    case 'text':
      return `${context.name('wellFormed', wellFormed)}(${v})`;
    case 'bytes':
    case 'view':
      return `${context.name('plainArray', plainArray)}(${v}, 'u8')`;
    case 'array':
      return `${context.name('plainArray', plainArray)}(${v}, ${quote(shape.element)})`;
    case 'any':
    case 'list':
    case 'union':
    case 'record':
    case 'optional':
      return `${context.source.define('take', 'm, v, path, index', takeWalked(context, shape))}(m, ${v}, ${way})`;
    default:
      // Integers: -0 arrives as 0.
      return `${v} | 0`;
  }
};

/** The body of a function that takes `v`, which is checked while it is walked. */
const takeWalked = (context: Context, shape: Shape): string => {
  switch (shape.kind) {
    case 'any': {
      const take = context.name('takeGeneral', takeGeneral);
      const refuse = context.name('refuseGeneral', refuseGeneral);
      return `try { return ${take}(v); } catch (error) { return ${refuse}(${context.where}, m, ${HERE}, error); }`;
    }
    case 'list': {
      const element = indexPath('here', 'k');
      const take = takeValue(context, shape.of, 'e', element, 'here, k');
      const check = checkElement(context, shape.of, { v: 'v', k: 'k', e: 'e' }, element);
      const loop = `const n = ${countElements(context, 'v', 'here')}, values = [];
        for (let k = 0; k < n; k++) { ${check} values.push(${take}); }
        return values;`;
      return `const here = ${HERE}; ${context.reading('here', 'v', [], loop)}`;
    }
    case 'union': {
      const cases = shape.variants.map(
        ([name, variant]) =>
          `case ${quote(name)}: { ${takeNested(context, variant, { tag: shape.tag }, [shape.tag, name])} }`,
      );
      const body = `switch (v[${quote(shape.tag)}]) { ${cases.join('\n')} ${refuseTag(context, shape, 'v', HERE)} }`;
      return context.reading(HERE, 'v', [{ name: shape.tag }], body);
    }
    default:
      return takeNested(context, recordOf(shape), { bare: shape.kind !== 'record' });
  }
};

const takeNested = (
  context: Context,
  shape: RecordShape,
  options: PickOptions,
  tag?: readonly [name: string, value: string],
): string => {
  const picked = pickRecord(context, shape, 'v', HERE, options);
  return `${declare(picked.names)} ${picked.statements} return ${takeRecord(context, picked, tag)};`;
};
