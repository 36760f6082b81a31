/**
 * The checking part: reads the fields of a message into variables, each once, and refuses what is wrong. What writes
 * the message and what copies it work on those variables, so the sender's own code, such as a getter, runs only here.
 * Elements of lists, variants of unions and general values are checked later, where they are walked.
 */
import { describe } from '../base/describe.js';
import { type Context, memberPath, type Path } from './generate-context.js';
import { layOut, type PlacedField, type RecordLayout } from './layout.js';
import { corrupt } from './memory.js';
import { INTEGER_RANGES, isInteger, nameChoices, nameShape, type RecordShape, type Shape } from './shape.js';
import { SHARED_EXPECTED } from './shares.js';
import { quote } from './source.js';
import { countOf, HOLE, isDate, refuse } from './tools.js';
import { arrayTag, tagOfKind } from './typed-arrays.js';

/** A field that stands in a variable. */
export interface Picked {
  readonly field: PlacedField;
  /** The variable. */
  readonly v: string;
  readonly path: Path;
  /** Puts code under the condition that the field is there, and all optional records around it. */
  readonly guard: (code: string) => string;
  /** Whether it may be absent: it is optional, or something around it is. */
  readonly optional: boolean;
  /** Of a nested record. */
  readonly fields: readonly Picked[] | undefined;
}

export interface PickedRecord {
  readonly layout: RecordLayout;
  /** A value that is no object: its one field is the value itself. */
  readonly bare: boolean;
  readonly fields: readonly Picked[];
  /** Variables that the statements fill. */
  readonly names: readonly string[];
  readonly statements: string;
}

export interface PickOptions {
  readonly bare?: boolean;
  /** Of a variant: the name of the tag. */
  readonly tag?: string | undefined;
}

/** Reads the record that is the expression `value`. */
export const pickRecord = (
  context: Context,
  shape: RecordShape,
  value: string,
  path: Path,
  { bare = false, tag }: PickOptions = {},
): PickedRecord => {
  const layout = layOut(shape);
  const names: string[] = [];
  const statements: string[] = [];

  const pick = (
    fields: readonly PlacedField[],
    object: string,
    at: Path,
    around: { readonly bare: boolean; readonly optional: boolean; readonly guard: Picked['guard'] },
  ): Picked[] =>
    fields.map((field) => {
      const v = context.source.fresh('v');
      const fieldPath = around.bare ? at : memberPath(at, field.name);
      const { guard } = around;
      names.push(v);
      statements.push(guard(`${v} = ${around.bare ? object : `${object}[${quote(field.name)}]`};`));
      const own: Picked['guard'] =
        field.optionalBit < 0 ? guard : (code) => (code === '' ? '' : `if (${v} !== undefined) { ${guard(code)} }`);
      const optional = around.optional || field.optionalBit >= 0;
      statements.push(own(checkShape(context, field.shape, v, fieldPath)));
      const inner = field.fields && pick(field.fields, v, fieldPath, { bare: false, optional, guard: own });
      if (field.fields !== undefined && context.strict) {
        const known = field.fields.map(({ name }) => name);
        statements.push(own(context.refuseExtra(fieldPath, v, known)));
      }
      return { field, v, path: fieldPath, guard: own, optional, fields: inner };
    });

  const fields = pick(layout.fields, value, path, { bare, optional: false, guard: (code) => code });
  if (context.strict && !bare) {
    const known = shape.fields.map(([name]) => name);
    statements.push(context.refuseExtra(path, value, tag === undefined ? known : [tag, ...known]));
  }
  if (statements.length === 0) return { layout, bare, fields, names, statements: '' };
  const body = statements.join('\n');
  if (bare) return { layout, bare, fields, names, statements: body };
  return { layout, bare, fields, names, statements: context.reading(path, value, layout.fields, body) };
};

/** Statements that read an element of the list `v` into a constant and refuse what is wrong. */
export const checkElement = (
  context: Context,
  of: Shape,
  names: { readonly v: string; readonly k: string; readonly e: string },
  path: Path,
): string => {
  const { v, k, e } = names;
  const check = checkShape(context, of, e, path);
  const hole = `${context.name('refuse', refuse)}(${context.where}, m, ${path}, ${quote(nameShape(of))}, ${quote(HOLE)})`;
  return `const ${e} = ${v}[${k}]; if (${e} === undefined && !(${k} in ${v})) ${hole}; ${check}`;
};

/** An expression for the number of elements of the list `v`. */
export const countElements = (context: Context, v: string, path: Path): string =>
  `${context.name('countOf', countOf)}(${context.where}, m, ${path}, ${v})`;

/** A branch of a switch over the tag of a union: refuses a tag that no variant has. */
export const refuseTag = (context: Context, shape: Shape & { kind: 'union' }, v: string, path: Path): string => {
  const expected = nameChoices(shape.variants.map(([name]) => name));
  return `default: ${context.refuse(memberPath(path, shape.tag), expected, `${v}[${quote(shape.tag)}]`)}`;
};

/** Statements that refuse `v` unless it is of this shape, as far as that can be told without walking it. */
export const checkShape = (context: Context, shape: Shape, v: string, path: Path): string => {
  const otherwise = context.refuse(path, nameShape(shape), v);
  switch (shape.kind) {
    case 'bool':
      return `if (typeof ${v} !== 'boolean') ${otherwise}`;
    case 'f32':
    case 'f64':
      return `if (typeof ${v} !== 'number') ${otherwise}`;
    case 'u64':
      return `if (typeof ${v} !== 'bigint' || BigInt.asUintN(64, ${v}) !== ${v}) ${otherwise}`;
    case 'i64':
      return `if (typeof ${v} !== 'bigint' || BigInt.asIntN(64, ${v}) !== ${v}) ${otherwise}`;
    case 'date':
      return `if (!${context.name('isDate', isDate)}(${v})) ${otherwise}`;
    case 'text':
      return `if (typeof ${v} !== 'string') ${otherwise}`;
    case 'bytes':
    case 'view':
      return `if (${context.name('arrayTag', arrayTag)}(${v}) !== ${quote(tagOfKind('u8'))}) ${otherwise}`;
    case 'array':
      return `if (${context.name('arrayTag', arrayTag)}(${v}) !== ${quote(tagOfKind(shape.element))}) ${otherwise}`;
    case 'oneOf':
      return `if (!${context.indexOf(shape.values)}.has(${v})) ${otherwise}`;
    case 'ref':
      return checkRef(context, shape, v, path);
    case 'shared':
      return `if (!${context.name('shares', context.tools.shares)}.has(${v})) ${context.refuse(path, SHARED_EXPECTED, v)}`;
    case 'list':
      return `if (!Array.isArray(${v})) ${otherwise}`;
    case 'record':
    case 'union':
      return `if (typeof ${v} !== 'object' || ${v} === null) ${otherwise}`;
    case 'optional':
    case 'any':
      return '';
    default:
      return checkInteger(shape.kind, v, otherwise);
  }
};

const checkInteger = (kind: Shape['kind'], v: string, otherwise: string): string => {
  if (!isInteger(kind)) return corrupt(`no such kind: ${kind}`);
  if (kind === 'i32') return `if (typeof ${v} !== 'number' || (${v} | 0) !== ${v}) ${otherwise}`;
  if (kind === 'u32') return `if (typeof ${v} !== 'number' || (${v} >>> 0) !== ${v}) ${otherwise}`;
  const [least, most] = INTEGER_RANGES[kind];
  return `if (typeof ${v} !== 'number' || (${v} | 0) !== ${v} || ${v} < ${least} || ${v} > ${most}) ${otherwise}`;
};

const checkRef = (context: Context, shape: Shape & { kind: 'ref' }, v: string, path: Path): string => {
  const refs = context.name('refs', context.tools.refs);
  const expected = context.source.fresh('x');
  return `const ${expected} = ${refs}.refuses(${v}, ${context.name('target', shape.target)});
    if (${expected} !== undefined) ${context.name('refuse', refuse)}(${context.where}, m, ${path}, ${expected}, ${context.name('describe', describe)}(${v}));`;
};
