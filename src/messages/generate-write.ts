/** The writing part: puts what the checking part has read into memory, from `b` on. */
import {
  checkElement,
  countElements,
  type Picked,
  type PickedRecord,
  type PickOptions,
  pickRecord,
  refuseTag,
} from './generate-check.js';
import { type Context, declare, type Frame, indexPath, type Path } from './generate-context.js';
import { ELEMENT_BYTES, fixedBytes, nestedBytes, recordOf } from './layout.js';
import { NO_ROOM } from './memory.js';
import type { ElementKind, RecordShape, Shape } from './shape.js';
import { quote } from './source.js';
import { refuseGeneral, timeOf } from './tools.js';
import { byteLengthOf } from './typed-arrays.js';

const BITS_PER_WORD = 32;

/** The variable in which the bits of one word are collected. */
const bitsName = (base: string, word: number): string => `bits_${base.replace(/\W/g, '_')}_${word}`;

const bitOf = (index: number): number => (1 << (index & (BITS_PER_WORD - 1))) | 0;

/** An expression for one bit of the record at `base`: not 0 if the field is there. */
export const testBit = (context: Context, { layout, base }: Frame, bit: number): string =>
  `${context.i32}[(${base} + ${layout.bitsAt + (bit >> 5) * 4}) >> 2] & ${bitOf(bit)}`;

/** Statements that write a record: fixed part at `base`, the rest from `o` on. */
export const writeRecord = (context: Context, { layout, fields }: PickedRecord, base: string): string => {
  const fixed: string[] = [];
  const varying: string[] = [];
  const place = ({ field, v, path, guard, fields: inner }: Picked): void => {
    if (inner !== undefined) inner.forEach(place);
    else if (field.at >= 0) fixed.push(guard(writeScalar(context, field.shape, v, `${base} + ${field.at}`)));
    else varying.push(guard(writeVariable(context, field.shape, v, path)));
    const { optionalBit: bit } = field;
    if (bit >= 0) fixed.push(`${bitsName(base, bit >> 5)} |= ${v} === undefined ? 0 : ${bitOf(bit)};`);
  };
  fields.forEach(place);
  const words = Array.from({ length: layout.bitWords }, (_, word) => word);
  return [
    ...words.map((word) => `let ${bitsName(base, word)} = 0;`),
    ...fixed,
    ...words.map((word) => `${context.i32}[(${base} + ${layout.bitsAt + word * 4}) >> 2] = ${bitsName(base, word)};`),
    ...varying,
  ].join('\n');
};

/** An expression for the bytes that a record takes at most; undefined if only writing it can tell. */
export const boundOf = (context: Context, record: PickedRecord): string | undefined => {
  const bounds = [String(record.layout.fixedBytes)];
  const add = ({ field, v, optional, fields }: Picked): boolean => {
    if (fields !== undefined) return fields.every(add);
    if (field.at >= 0) return true;
    const bound = boundOfVariable(context, field.shape, v);
    if (bound !== undefined) bounds.push(optional ? `(${v} === undefined ? 0 : ${bound})` : bound);
    return bound !== undefined;
  };
  return record.fields.every(add) ? bounds.join(' + ') : undefined;
};

const boundOfVariable = (context: Context, { kind }: Shape, v: string): string | undefined => {
  switch (kind) {
    case 'text':
      // Header, three bytes per UTF-16 unit, filling.
      return `8 + ${v}.length * 3`;
    case 'bytes':
    case 'view':
    case 'array':
      // Header, gap before elements of 8 bytes, filling.
      return `12 + ${context.name('byteLengthOf', byteLengthOf)}(${v})`;
    default:
      return undefined;
  }
};

/** An expression for the element of this kind at a byte. */
export const elementAt = (context: Context, kind: ElementKind, at: string): string => {
  const shift = Math.log2(ELEMENT_BYTES[kind]);
  return shift === 0 ? `${context.view(kind)}[${at}]` : `${context.view(kind)}[(${at}) >> ${shift}]`;
};

const writeScalar = (context: Context, shape: Shape, v: string, at: string): string => {
  switch (shape.kind) {
    case 'bool':
      return `${context.u8}[${at}] = ${v} ? 1 : 0;`;
    case 'date':
      return `${elementAt(context, 'f64', at)} = ${context.name('timeOf', timeOf)}(${v});`;
    case 'oneOf': {
      const index = `${context.indexOf(shape.values)}.get(${v})`;
      return `${elementAt(context, fixedBytes(shape) === 1 ? 'u8' : 'u16', at)} = ${index};`;
    }
    case 'ref':
      return `${context.name('refs', context.tools.refs)}.write(${v}, ${context.i32}, (${at}) >> 2);`;
    case 'shared':
      return `${elementAt(context, 'i32', at)} = ${context.name('shares', context.tools.shares)}.numberOf(${v});`;
    default:
      return `${elementAt(context, shape.kind as ElementKind, at)} = ${v};`;
  }
};

/** Statements that write `v` at `o`, a multiple of 4, and move `o` behind it. */
const writeVariable = (context: Context, shape: Shape, v: string, path: Path): string => {
  const { tools } = context;
  const wrote = `if (o < 0) return ${NO_ROOM};`;
  switch (shape.kind) {
    case 'text':
      return `o = ${context.name('writeText', tools.text.write)}(${v}, o, end); ${wrote}`;
    case 'bytes':
    case 'view':
      return `o = ${context.name('writeBytes', tools.bytes.write)}(${v}, o, end); ${wrote}`;
    case 'array':
      return `o = ${context.name('writeArray', tools.bytes.writeArray)}(${v}, ${quote(shape.element)}, o, end); ${wrote}`;
    case 'any': {
      const write = context.name('writeGeneral', tools.general.write);
      const refuse = context.name('refuseGeneral', refuseGeneral);
      return `try { o = ${write}(${v}, o, end); } catch (error) { ${refuse}(${context.where}, m, ${path}, error); } ${wrote}`;
    }
    case 'list':
      return writeList(context, shape.of, v, path);
    case 'union':
      return writeUnion(context, shape, v, path);
    default:
      return writeNested(context, recordOf(shape), v, path, { bare: shape.kind !== 'record' });
  }
};

const writeWord = (context: Context, word: string): string =>
  `if (o + 4 > end) return ${NO_ROOM}; ${context.i32}[o >> 2] = ${word}; o += 4;`;

const writeList = (context: Context, of: Shape, v: string, path: Path): string => {
  const [n, k, e] = [context.source.fresh('n'), context.source.fresh('k'), context.source.fresh('e')];
  const size = fixedBytes(of);
  const element = indexPath(path, k);
  const head = `const ${n} = ${countElements(context, v, path)}; ${writeWord(context, n)}`;
  const loop = (write: string): string =>
    `for (let ${k} = 0; ${k} < ${n}; ${k}++) { ${checkElement(context, of, { v, k, e }, element)} ${write} }`;
  const body =
    size === undefined
      ? `${head} ${loop(writeVariable(context, of, e, element))}`
      : `${head} ${size === 8 ? 'o = (o + 7) & -8;' : ''}
        if (o + ${n} * ${size} > end) return ${NO_ROOM};
        ${loop(writeScalar(context, of, e, `o + ${k} * ${size}`))}
        o = (o + ${n} * ${size} + 3) & -4; if (o > end) return ${NO_ROOM};`;
  return context.reading(path, v, [], body);
};

const writeUnion = (context: Context, shape: Shape & { kind: 'union' }, v: string, path: Path): string => {
  const cases = shape.variants.map(
    ([name, variant], index) =>
      `case ${quote(name)}: { ${writeWord(context, String(index))} ${writeNested(context, variant, v, path, { tag: shape.tag })} break; }`,
  );
  const body = `switch (${v}[${quote(shape.tag)}]) { ${cases.join('\n')} ${refuseTag(context, shape, v, path)} }`;
  return context.reading(path, v, [{ name: shape.tag }], body);
};

/** A record in the variable part: of a list or union, or an optional value in a list. */
const writeNested = (context: Context, shape: RecordShape, v: string, path: Path, options: PickOptions): string => {
  const b = context.source.fresh('b');
  const picked = pickRecord(context, shape, v, path, options);
  const { layout } = picked;
  return `{ const ${b} = ${layout.alignment === 8 ? '(o + 7) & -8' : 'o'};
    ${declare(picked.names)} ${picked.statements}
    o = ${b} + ${nestedBytes(layout)}; if (o > end) return ${NO_ROOM};
    ${writeRecord(context, picked, b)} }`;
};
