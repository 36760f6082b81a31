/** The reading part: expressions for what lies in memory, its variable part from `memory.at` on. */
import { type Context, type Frame, literal } from './generate-context.js';
import { elementAt, testBit } from './generate-write.js';
import { fixedBytes, layOut, nestedBytes, type PlacedField, recordOf } from './layout.js';
import type { ElementKind, RecordShape, Shape } from './shape.js';
import { quote } from './source.js';

/** An expression for the record of `frame`; for its one field if it is `bare`; with its tag in front if it is a variant. */
export const readRecord = (
  context: Context,
  frame: Frame,
  { bare = false, tag }: { bare?: boolean; tag?: readonly [name: string, value: string] } = {},
): string => {
  const members = readFields(context, frame.layout.fields, frame);
  if (bare) return members[0]?.[1] ?? 'undefined';
  return literal(tag === undefined ? members : [[tag[0], quote(tag[1])], ...members]);
};

const readFields = (context: Context, fields: readonly PlacedField[], frame: Frame): [name: string, code: string][] =>
  fields.map((field) => {
    const code = readField(context, field, frame);
    if (field.optionalBit < 0) return [field.name, code];
    return [field.name, `(${testBit(context, frame, field.optionalBit)}) === 0 ? undefined : ${code}`];
  });

const readField = (context: Context, field: PlacedField, frame: Frame): string => {
  if (field.fields !== undefined) return literal(readFields(context, field.fields, frame));
  return field.at >= 0
    ? readScalar(context, field.shape, `${frame.base} + ${field.at}`)
    : readVariable(context, field.shape);
};

const readScalar = (context: Context, shape: Shape, at: string): string => {
  switch (shape.kind) {
    case 'bool':
      return `${context.u8}[${at}] !== 0`;
    case 'date':
      return `new Date(${elementAt(context, 'f64', at)})`;
    case 'oneOf': {
      const index = elementAt(context, fixedBytes(shape) === 1 ? 'u8' : 'u16', at);
      return `(${context.name('values', shape.values)}[${index}] ?? ${context.corrupt("'a text that is not one of the declared'")})`;
    }
    case 'ref': {
      const refs = context.name('refs', context.tools.refs);
      return `${refs}.read(${context.name('target', shape.target)}, ${context.i32}, (${at}) >> 2)`;
    }
    case 'shared':
      return `${context.name('shares', context.tools.shares)}.read(${elementAt(context, 'i32', at)})`;
    default:
      return elementAt(context, shape.kind as ElementKind, at);
  }
};

const readVariable = (context: Context, shape: Shape): string => {
  const { source, tools } = context;
  switch (shape.kind) {
    case 'text':
      return `${context.name('readText', tools.text.read)}()`;
    case 'bytes':
      return `${context.name('readBytes', tools.bytes.read)}()`;
    case 'view':
      return `${context.name('readView', tools.bytes.readView)}()`;
    case 'array':
      return `${context.name('readArray', tools.bytes.readArray)}(${quote(shape.element)})`;
    case 'any':
      return `${context.name('readGeneral', tools.general.read)}()`;
    case 'list':
      return `${source.define('readList', '', readList(context, shape.of))}()`;
    case 'union':
      return `${source.define('readUnion', '', readUnion(context, shape))}()`;
    default: {
      const bare = shape.kind !== 'record';
      return `${source.define('readRecord', '', readNested(context, recordOf(shape), { bare }))}()`;
    }
  }
};

const WORD_BYTES = 4;

const readList = (context: Context, of: Shape): string => {
  const { memory } = context;
  const size = fixedBytes(of);
  // Each element takes this much at least, so a forged count is found out before anything is allocated.
  const least = size ?? WORD_BYTES;
  const tooLong = context.corrupt("'a list of ' + n + ' elements is longer than its record'");
  const fill = size === undefined ? readVariable(context, of) : readScalar(context, of, `at + k * ${size}`);
  return `const n = ${context.i32}[${context.advance('4')} >> 2];
    if (n < 0 || n * ${least} > ${memory}.end - ${memory}.at) ${tooLong};
    const values = [];
    ${size === 8 ? `${memory}.at = (${memory}.at + 7) & -8;` : ''}
    ${size === undefined ? '' : `const at = ${context.advance(`(n * ${size} + 3) & -4`)};`}
    for (let k = 0; k < n; k++) values.push(${fill});
    return values;`;
};

const readUnion = (context: Context, { tag, variants }: Shape & { kind: 'union' }): string => {
  const cases = variants.map(([name, variant], index) => {
    const read = context.source.define('readVariant', '', readNested(context, variant, { tag: [tag, name] }));
    return `case ${index}: return ${read}();`;
  });
  return `const variant = ${context.i32}[${context.advance('4')} >> 2];
    switch (variant) { ${cases.join('\n')} }
    return ${context.corrupt("'variant ' + variant + ' of a union'")};`;
};

const readNested = (
  context: Context,
  shape: RecordShape,
  options: { bare?: boolean; tag?: readonly [name: string, value: string] },
): string => {
  const layout = layOut(shape);
  const { memory } = context;
  return `${layout.alignment === 8 ? `${memory}.at = (${memory}.at + 7) & -8;` : ''}
    const b = ${context.advance(String(nestedBytes(layout)))};
    return (${readRecord(context, { layout, base: 'b' }, options)});`;
};
