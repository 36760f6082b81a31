/**
 * Turns the shape of a message into source text: what checks it, writes it, reads it and copies it.
 *
 * The text is in four parts, so that the layer above can put its own code between them (find room in a ring after
 * the check and before the first write). Nothing of the sender's own, such as a getter, runs in the writing part
 * of a message that is flat; `nested` says that it may, in lists and general values.
 *
 * Names in the generated code: `m` the message, `b` where its fixed part begins, `o` where the variable part has got
 * to, `end` where the room ends. A writing part returns `NO_ROOM` (-1) from the function that it stands in.
 */
import { describe } from '../base/describe.js';
import { elementConstructor } from './bytes.js';
import {
  ELEMENT_BYTES,
  fixedBytes,
  layOut,
  nestedBytes,
  type PlacedField,
  REF_BYTES,
  type RecordLayout,
  recordOf,
} from './layout.js';
import { advance, corrupt, NO_ROOM } from './memory.js';
import { type ElementKind, INTEGER_RANGES, isInteger, nameShape, type RecordShape, type Shape } from './shape.js';
import { quote, type Source } from './source.js';
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

export interface MessageSource {
  /** Statements: read `m` into variables and refuse what is wrong. */
  readonly check: string;
  /** An expression for the bytes that the message takes at most; undefined if only writing it can tell. */
  readonly bound: string | undefined;
  /** Whether code of the sender may run in `write`. */
  readonly nested: boolean;
  /** Statements: write what `check` has read, from `b` on, and leave in `o` where it ends. */
  readonly write: string;
  /** Statements before `value`, which may be used once: prepare to read what begins at `b` and ends at `end`. */
  readonly prepare: string;
  /** An expression: the message that begins at `b`. */
  readonly value: string;
  /** An expression: what `check` has read, as it would arrive. */
  readonly taken: string;
  /** Bytes of the fixed part. */
  readonly fixedBytes: number;
}

export interface GenerateOptions {
  /** What the message is called in refusals. */
  readonly where: string;
  /** Refuse fields that are not declared. */
  readonly strict: boolean;
}

/** Bits of an optional word, and the fixed part that it lies in. */
interface Frame {
  readonly layout: RecordLayout;
  /** Expression for where the fixed part begins. */
  readonly base: string;
}

/** A JavaScript expression for a path, in parts: literal text and expressions for indices. */
type Path = string;

const ROOT: Path = "''";
const memberPath = (path: Path, name: string): Path => (path === ROOT ? quote(name) : `${path} + ${quote(`.${name}`)}`);
const indexPath = (path: Path, index: string): Path => `${path} + '[' + ${index} + ']'`;

/** Bytes that a text of this length takes at most: header, three per UTF-16 unit, filling. */
const TEXT_BOUND = (v: string): string => `8 + ${v}.length * 3`;
/** Header, gap before elements of 8 bytes, filling. */
const BYTES_BOUND = (v: string): string => `12 + ${v}.byteLength`;

class Generator {
  readonly source: Source;
  readonly #where: string;
  readonly #strict: boolean;
  readonly #tools: Tools;

  constructor(source: Source, tools: Tools, options: GenerateOptions) {
    this.source = source;
    this.#tools = tools;
    this.#where = source.constant('where', options.where);
    this.#strict = options.strict;
  }

  #memory(view: 'i32' | 'u8' | 'memory'): string {
    return view === 'memory'
      ? this.source.constant('memory', this.#tools.memory)
      : this.source.constant(view, this.#tools.memory[view]);
  }

  #view(kind: ElementKind): string {
    return this.source.constant(kind, this.#tools.memory[kind]);
  }

  #refuse(path: Path, expected: string, value: string): string {
    const refuseName = this.source.constant('refuse', refuseValue);
    return `${refuseName}(${this.#where}, m, ${path}, ${quote(expected)}, ${value});`;
  }

  // ---- what is checked before anything is written -----------------------------------------------------------------

  /** Statements that refuse `v` unless it is of this shape; lists and general values only as far as needed. */
  check(shape: Shape, v: string, path: Path): string {
    const otherwise = this.#refuse(path, nameShape(shape), v);
    switch (shape.kind) {
      case 'bool':
        return `if (typeof ${v} !== 'boolean') ${otherwise}`;
      case 'f32':
      case 'f64':
        return `if (typeof ${v} !== 'number') ${otherwise}`;
      case 'u64':
      case 'i64':
        return `if (typeof ${v} !== 'bigint' || BigInt.as${shape.kind === 'u64' ? 'Uint' : 'Int'}N(64, ${v}) !== ${v}) ${otherwise}`;
      case 'date':
        return `if (!${this.source.constant('isDate', isDate)}(${v})) ${otherwise}`;
      case 'text':
        return `if (typeof ${v} !== 'string') ${otherwise}`;
      case 'bytes':
      case 'view':
        return `if (!(${v} instanceof Uint8Array)) ${otherwise}`;
      case 'array': {
        const elements = this.source.constant('Elements', elementConstructor(shape.element));
        return `if (!(${v} instanceof ${elements})) ${otherwise}`;
      }
      case 'oneOf':
        return `if (!${this.#indexOf(shape.values)}.has(${v})) ${otherwise}`;
      case 'ref':
        return this.#checkRef(shape, v, path);
      case 'list':
        return `if (!Array.isArray(${v})) ${otherwise}`;
      case 'record':
        return `if (typeof ${v} !== 'object' || ${v} === null) ${otherwise}`;
      case 'union': {
        const tags = this.source.constant('tags', new Set(shape.variants.map(([name]) => name)));
        const expected = shape.variants.map(([name]) => quote(name)).join(', ');
        return `if (typeof ${v} !== 'object' || ${v} === null) ${otherwise}
          if (!${tags}.has(${v}[${quote(shape.tag)}])) ${this.#refuse(memberPath(path, shape.tag), `one of ${expected}`, `${v}[${quote(shape.tag)}]`)}`;
      }
      case 'optional':
      case 'any':
        return '';
      default:
        return this.#checkInteger(shape.kind, v, otherwise);
    }
  }

  #checkInteger(kind: Shape['kind'], v: string, otherwise: string): string {
    if (!isInteger(kind)) return corrupt(`no such kind: ${kind}`);
    if (kind === 'i32') return `if (typeof ${v} !== 'number' || (${v} | 0) !== ${v}) ${otherwise}`;
    if (kind === 'u32') return `if (typeof ${v} !== 'number' || (${v} >>> 0) !== ${v}) ${otherwise}`;
    const [least, most] = INTEGER_RANGES[kind];
    return `if (typeof ${v} !== 'number' || (${v} | 0) !== ${v} || ${v} < ${least} || ${v} > ${most}) ${otherwise}`;
  }

  #checkRef(shape: Shape & { kind: 'ref' }, v: string, path: Path): string {
    const refs = this.source.constant('refs', this.#tools.refs);
    const target = this.source.constant('target', shape.target);
    const refuseName = this.source.constant('refuse', refuse);
    const describeName = this.source.constant('describe', describe);
    const expected = this.source.fresh('x');
    return `const ${expected} = ${refs}.refuses(${v}, ${target});
      if (${expected} !== undefined) ${refuseName}(${this.#where}, m, ${path}, ${expected}, ${describeName}(${v}));`;
  }

  #indexOf(values: readonly string[]): string {
    return this.source.constant(
      'indexOf',
      this.#shared(values, () => new Map(values.map((value, index) => [value, index]))),
    );
  }

  /** The same constant for the same declaration, wherever it is used. */
  readonly #sharedValues = new Map<unknown, unknown>();
  #shared<T>(key: unknown, make: () => T): T {
    if (!this.#sharedValues.has(key)) this.#sharedValues.set(key, make());
    return this.#sharedValues.get(key) as T;
  }

  // ---- records ----------------------------------------------------------------------------------------------------

  /**
   * The parts of a record whose value is the expression `m`. `bare` is for a value that is no object: its one field
   * is the value itself.
   */
  record(
    shape: RecordShape,
    m: string,
    path: Path,
    base: string,
    bare: boolean,
    tag: readonly string[] = [],
  ): RecordParts {
    const layout = layOut(shape);
    const parts: RecordParts = {
      layout,
      names: [],
      check: [],
      fixed: [],
      vars: [],
      taken: '',
      bounds: [],
      nested: false,
    };
    const frame = { layout, base };
    const taken = this.#fields(layout.fields, m, path, frame, parts, bare, (code) => code);
    parts.taken = bare
      ? (taken[0]?.[1] ?? 'undefined')
      : `{ ${taken.map(([name, code]) => `${quote(name)}: ${code}`).join(', ')} }`;
    if (this.#strict && !bare) {
      const known = this.source.constant('known', new Set([...tag, ...shape.fields.map(([name]) => name)]));
      parts.check.push(
        `${this.source.constant('refuseExtra', refuseExtra)}(${this.#where}, m, ${path}, ${m}, ${known});`,
      );
    }
    return parts;
  }

  #fields(
    fields: readonly PlacedField[],
    object: string,
    path: Path,
    frame: Frame,
    parts: RecordParts,
    bare: boolean,
    guard: (code: string) => string,
  ): [name: string, taken: string][] {
    return fields.map((field) => {
      const v = this.source.fresh('v');
      const at = bare ? path : memberPath(path, field.name);
      parts.names.push(v);
      parts.check.push(guard(`${v} = ${bare ? object : `${object}[${quote(field.name)}]`};`));
      const inner =
        field.optionalBit < 0
          ? guard
          : (code: string) => (code === '' ? '' : `if (${v} !== undefined) { ${guard(code)} }`);
      parts.check.push(inner(this.check(field.shape, v, at)));
      const taken = this.#place(field, v, at, frame, parts, inner);
      if (field.optionalBit >= 0) parts.fixed.push(this.#bit(field.optionalBit, v, frame));
      return [field.name, field.optionalBit < 0 ? taken : `${v} === undefined ? undefined : ${taken}`];
    });
  }

  /** Adds the writing of one field to `parts`; returns the expression for what arrives of it. */
  #place(
    field: PlacedField,
    v: string,
    path: Path,
    frame: Frame,
    parts: RecordParts,
    guard: (code: string) => string,
  ): string {
    const { shape } = field;
    if (field.fields !== undefined) {
      const taken = this.#fields(field.fields, v, path, frame, parts, false, guard);
      if (this.#strict) {
        const known = this.source.constant('known', new Set(field.fields.map(({ name }) => name)));
        const extra = `${this.source.constant('refuseExtra', refuseExtra)}(${this.#where}, m, ${path}, ${v}, ${known});`;
        parts.check.push(guard(extra));
      }
      return `{ ${taken.map(([name, code]) => `${quote(name)}: ${code}`).join(', ')} }`;
    }
    if (field.at >= 0) {
      parts.fixed.push(guard(this.writeScalar(shape, v, `${frame.base} + ${field.at}`)));
      return this.takeScalar(shape, v);
    }
    parts.vars.push(guard(this.writeVariable(shape, v, path)));
    const bound = this.#bound(shape, v);
    if (bound === undefined) parts.nested = true;
    else parts.bounds.push(field.optionalBit < 0 ? bound : `(${v} === undefined ? 0 : ${bound})`);
    return this.takeVariable(shape, v, path);
  }

  /** Bits are collected per word in `bitsN`, see `writeBits`. */
  #bit(bit: number, v: string, frame: Frame): string {
    return `${bitsName(frame, bit)} |= ${v} === undefined ? 0 : ${(1 << (bit & 31)) | 0};`;
  }

  #bound(shape: Shape, v: string): string | undefined {
    switch (shape.kind) {
      case 'text':
        return TEXT_BOUND(v);
      case 'bytes':
      case 'view':
      case 'array':
        return BYTES_BOUND(v);
      default:
        return undefined;
    }
  }

  /** The statements that write a record whose parts are checked: fixed part at `frame.base`, the rest from `o` on. */
  writeRecord(parts: RecordParts, base: string): string {
    const { layout } = parts;
    const words = Array.from({ length: layout.bitWords }, (_, word) => word);
    const frame = { layout, base };
    const i32 = this.#memory('i32');
    return [
      ...words.map((word) => `let ${bitsName(frame, word * 32)} = 0;`),
      ...parts.fixed,
      ...words.map((word) => `${i32}[(${base} + ${layout.bitsAt + word * 4}) >> 2] = ${bitsName(frame, word * 32)};`),
      ...parts.vars,
    ].join('\n');
  }

  // ---- single values ----------------------------------------------------------------------------------------------

  writeScalar(shape: Shape, v: string, at: string): string {
    switch (shape.kind) {
      case 'bool':
        return `${this.#memory('u8')}[${at}] = ${v} ? 1 : 0;`;
      case 'date':
        return `${this.#view('f64')}[(${at}) >> 3] = ${this.source.constant('timeOf', timeOf)}(${v});`;
      case 'oneOf': {
        const index = `${this.#indexOf(shape.values)}.get(${v})`;
        return fixedBytes(shape) === 1
          ? `${this.#memory('u8')}[${at}] = ${index};`
          : `${this.#view('u16')}[(${at}) >> 1] = ${index};`;
      }
      case 'ref':
        return `${this.source.constant('refs', this.#tools.refs)}.write(${v}, ${this.#memory('i32')}, (${at}) >> 2);`;
      default:
        return `${this.#element(shape.kind as ElementKind, at)} = ${v};`;
    }
  }

  readScalar(shape: Shape, at: string): string {
    switch (shape.kind) {
      case 'bool':
        return `${this.#memory('u8')}[${at}] !== 0`;
      case 'date':
        return `new Date(${this.#view('f64')}[(${at}) >> 3])`;
      case 'oneOf': {
        const values = this.source.constant('values', shape.values);
        const index = fixedBytes(shape) === 1 ? `${this.#memory('u8')}[${at}]` : `${this.#view('u16')}[(${at}) >> 1]`;
        return `(${values}[${index}] ?? ${this.source.constant('corrupt', corrupt)}('a text that is not one of the declared'))`;
      }
      case 'ref': {
        const refs = this.source.constant('refs', this.#tools.refs);
        return `${refs}.read(${this.source.constant('target', shape.target)}, ${this.#memory('i32')}, (${at}) >> 2)`;
      }
      default:
        return this.#element(shape.kind as ElementKind, at);
    }
  }

  #element(kind: ElementKind, at: string): string {
    const shift = Math.log2(ELEMENT_BYTES[kind]);
    return shift === 0 ? `${this.#view(kind)}[${at}]` : `${this.#view(kind)}[(${at}) >> ${shift}]`;
  }

  takeScalar(shape: Shape, v: string): string {
    switch (shape.kind) {
      case 'f32':
        return `Math.fround(${v})`;
      case 'f64':
      case 'bool':
      case 'u64':
      case 'i64':
      case 'oneOf':
      case 'ref':
        return v;
      case 'date':
        return `new Date(${this.source.constant('timeOf', timeOf)}(${v}))`;
      case 'u32':
        return `${v} >>> 0`;
      default:
        // Integers: -0 arrives as 0.
        return `${v} | 0`;
    }
  }

  /** Statements that write `v` at `o`, a multiple of 4, and move `o` behind it. */
  writeVariable(shape: Shape, v: string, path: Path): string {
    const wrote = `if (o < 0) return ${NO_ROOM};`;
    switch (shape.kind) {
      case 'text':
        return `o = ${this.source.constant('writeText', this.#tools.text.write)}(${v}, o, end); ${wrote}`;
      case 'bytes':
      case 'view':
        return `o = ${this.source.constant('writeBytes', this.#tools.bytes.write)}(${v}, o, end); ${wrote}`;
      case 'array':
        return `o = ${this.source.constant('writeArray', this.#tools.bytes.writeArray)}(${v}, ${quote(shape.element)}, o, end); ${wrote}`;
      case 'any': {
        const write = this.source.constant('writeGeneral', this.#tools.general.write);
        const refuseName = this.source.constant('refuseGeneral', refuseGeneral);
        return `try { o = ${write}(${v}, o, end); } catch (error) { ${refuseName}(${this.#where}, m, ${path}, error); } ${wrote}`;
      }
      case 'list':
        return this.#writeList(shape.of, v, path);
      case 'union':
        return this.#writeUnion(shape, v, path);
      default:
        return this.#writeNested(recordOf(shape), v, path, shape.kind !== 'record');
    }
  }

  #writeWord(word: string): string {
    return `if (o + 4 > end) return ${NO_ROOM}; ${this.#memory('i32')}[o >> 2] = ${word}; o += 4;`;
  }

  #writeList(of: Shape, v: string, path: Path): string {
    const [n, k, e] = [this.source.fresh('n'), this.source.fresh('k'), this.source.fresh('e')];
    const size = fixedBytes(of);
    const element = indexPath(path, k);
    if (size === undefined) {
      return `{ const ${n} = ${v}.length; ${this.#writeWord(n)}
        for (let ${k} = 0; ${k} < ${n}; ${k}++) { const ${e} = ${v}[${k}]; ${this.check(of, e, element)} ${this.writeVariable(of, e, element)} } }`;
    }
    const at = size === REF_BYTES ? `o + ${k} * ${REF_BYTES}` : `o + ${k} * ${size}`;
    return `{ const ${n} = ${v}.length; ${this.#writeWord(n)} ${size === 8 ? 'o = (o + 7) & -8;' : ''}
      if (o + ${n} * ${size} > end) return ${NO_ROOM};
      for (let ${k} = 0; ${k} < ${n}; ${k}++) { const ${e} = ${v}[${k}]; ${this.check(of, e, element)} ${this.writeScalar(of, e, at)} }
      o = (o + ${n} * ${size} + 3) & -4; if (o > end) return ${NO_ROOM}; }`;
  }

  #writeUnion(shape: Shape & { kind: 'union' }, v: string, path: Path): string {
    const cases = shape.variants.map(
      ([name, variant], index) =>
        `case ${quote(name)}: { ${this.#writeWord(String(index))} ${this.#writeNested(variant, v, path, false, [shape.tag])} break; }`,
    );
    return `switch (${v}[${quote(shape.tag)}]) { ${cases.join('\n')} }`;
  }

  /** A record in the variable part: of a list or union, or an optional value in a list. */
  #writeNested(shape: RecordShape, v: string, path: Path, bare: boolean, tag: readonly string[] = []): string {
    const b = this.source.fresh('b');
    const parts = this.record(shape, v, path, b, bare, tag);
    const { layout } = parts;
    return `{ const ${b} = ${layout.alignment === 8 ? '(o + 7) & -8' : 'o'};
      ${declare(parts.names)} ${parts.check.join('\n')}
      o = ${b} + ${nestedBytes(layout)}; if (o > end) return ${NO_ROOM};
      ${this.writeRecord(parts, b)} }`;
  }

  // ---- reading ----------------------------------------------------------------------------------------------------

  /** An expression for the record whose fixed part begins at `base`; its variable part is read from `memory.at` on. */
  readRecord(layout: RecordLayout, base: string, bare: boolean): string {
    const fields = this.#readFields(layout.fields, { layout, base });
    return bare
      ? (fields[0]?.[1] ?? 'undefined')
      : `{ ${fields.map(([name, code]) => `${quote(name)}: ${code}`).join(', ')} }`;
  }

  #readFields(fields: readonly PlacedField[], frame: Frame): [name: string, code: string][] {
    return fields.map((field) => {
      const code = this.#readField(field, frame);
      if (field.optionalBit < 0) return [field.name, code];
      const word = `${this.#memory('i32')}[(${frame.base} + ${frame.layout.bitsAt + (field.optionalBit >> 5) * 4}) >> 2]`;
      return [field.name, `(${word} & ${(1 << (field.optionalBit & 31)) | 0}) === 0 ? undefined : ${code}`];
    });
  }

  #readField(field: PlacedField, frame: Frame): string {
    if (field.fields !== undefined) {
      const inner = this.#readFields(field.fields, frame);
      return `{ ${inner.map(([name, code]) => `${quote(name)}: ${code}`).join(', ')} }`;
    }
    if (field.at >= 0) return this.readScalar(field.shape, `${frame.base} + ${field.at}`);
    return this.readVariable(field.shape);
  }

  readVariable(shape: Shape): string {
    switch (shape.kind) {
      case 'text':
        return `${this.source.constant('readText', this.#tools.text.read)}()`;
      case 'bytes':
        return `${this.source.constant('readBytes', this.#tools.bytes.read)}()`;
      case 'view':
        return `${this.source.constant('readView', this.#tools.bytes.readView)}()`;
      case 'array':
        return `${this.source.constant('readArray', this.#tools.bytes.readArray)}(${quote(shape.element)})`;
      case 'any':
        return `${this.source.constant('readGeneral', this.#tools.general.read)}()`;
      case 'list':
        return `${this.source.define('readList', '', this.#readList(shape.of))}()`;
      case 'union':
        return `${this.source.define('readUnion', '', this.#readUnion(shape))}()`;
      default:
        return `${this.source.define('readRecord', '', this.#readNested(recordOf(shape), shape.kind !== 'record'))}()`;
    }
  }

  #advance(bytes: string): string {
    return `${this.source.constant('advance', advance)}(${this.#memory('memory')}, ${bytes})`;
  }

  #readList(of: Shape): string {
    const memory = this.#memory('memory');
    const size = fixedBytes(of);
    // Each element takes this much at least, so a forged count is found out before anything is allocated.
    const least = size ?? 4;
    const fill = size === undefined ? this.readVariable(of) : this.readScalar(of, `at + k * ${size}`);
    return `const n = ${this.#memory('i32')}[${this.#advance('4')} >> 2];
      if (n < 0 || n * ${least} > ${memory}.end - ${memory}.at) ${this.source.constant('corrupt', corrupt)}('a list of ' + n + ' elements is longer than its record');
      const values = [];
      ${size === 8 ? `${memory}.at = (${memory}.at + 7) & -8;` : ''}
      ${size === undefined ? '' : `const at = ${this.#advance(`(n * ${size} + 3) & -4`)};`}
      for (let k = 0; k < n; k++) values.push(${fill});
      return values;`;
  }

  #readUnion(shape: Shape & { kind: 'union' }): string {
    const cases = shape.variants.map(([name, variant], index) => {
      const read = this.source.define('readVariant', '', this.#readNested(variant, false, name, shape.tag));
      return `case ${index}: return ${read}();`;
    });
    return `const variant = ${this.#memory('i32')}[${this.#advance('4')} >> 2];
      switch (variant) { ${cases.join('\n')} }
      return ${this.source.constant('corrupt', corrupt)}('variant ' + variant + ' of a union');`;
  }

  #readNested(shape: RecordShape, bare: boolean, variant?: string, tag?: string): string {
    const layout = layOut(shape);
    const memory = this.#memory('memory');
    const value = this.readRecord(layout, 'b', bare);
    return `${layout.alignment === 8 ? `${memory}.at = (${memory}.at + 7) & -8;` : ''}
      const b = ${this.#advance(String(nestedBytes(layout)))};
      return (${bare ? value : tagged(value, tag, variant)});`;
  }

  // ---- local messages ---------------------------------------------------------------------------------------------

  /** An expression for `v` as it would arrive; lists and general values are checked here. */
  takeVariable(shape: Shape, v: string, path: Path): string {
    switch (shape.kind) {
      case 'text':
        return `${this.source.constant('wellFormed', wellFormed)}(${v})`;
      case 'bytes':
      case 'view':
        return `${this.source.constant('plainBytes', plainBytes)}(${v})`;
      case 'array':
        return v;
      case 'any': {
        const take = this.source.constant('takeGeneral', takeGeneral);
        const refuseName = this.source.constant('refuseGeneral', refuseGeneral);
        const body = `try { return ${take}(v); } catch (error) { return ${refuseName}(${this.#where}, m, path, error); }`;
        return `${this.source.define('takeAny', 'm, v, path', body)}(m, ${v}, ${path})`;
      }
      case 'list': {
        const element =
          fixedBytes(shape.of) === undefined
            ? this.takeVariable(shape.of, 'e', "path + '[' + k + ']'")
            : this.takeScalar(shape.of, 'e');
        const body = `const values = [];
          for (let k = 0; k < v.length; k++) { const e = v[k]; ${this.check(shape.of, 'e', "path + '[' + k + ']'")} values.push(${element}); }
          return values;`;
        return `${this.source.define('takeList', 'm, v, path', body)}(m, ${v}, ${path})`;
      }
      case 'union': {
        const cases = shape.variants.map(
          ([name, variant]) => `case ${quote(name)}: ${this.#takeNested(variant, false, name, shape.tag)}`,
        );
        return `${this.source.define('takeUnion', 'm, v, path', `switch (v[${quote(shape.tag)}]) { ${cases.join('\n')} }`)}(m, ${v}, ${path})`;
      }
      default:
        return `${this.source.define('takeRecord', 'm, v, path', this.#takeNested(recordOf(shape), shape.kind !== 'record'))}(m, ${v}, ${path})`;
    }
  }

  #takeNested(shape: RecordShape, bare: boolean, variant?: string, tag?: string): string {
    const parts = this.record(shape, 'v', 'path', '0', bare, tag === undefined ? [] : [tag]);
    const taken = tagged(parts.taken, tag, variant);
    return `{ ${declare(parts.names)} ${parts.check.join('\n')} return ${taken}; }`;
  }
}

/** What `Generator.record` collects. */
interface RecordParts {
  readonly layout: RecordLayout;
  /** Variables that the check fills. */
  readonly names: string[];
  readonly check: string[];
  readonly fixed: string[];
  readonly vars: string[];
  /** Expressions for the most that each variable field takes. */
  readonly bounds: string[];
  nested: boolean;
  taken: string;
}

/** The literal of a variant, with its tag in front. */
const tagged = (literal: string, tag?: string, variant = ''): string =>
  tag === undefined ? literal : `{ ${quote(tag)}: ${quote(variant)}, ${literal.slice(1)}`;

const declare = (names: readonly string[]): string => (names.length === 0 ? '' : `let ${names.join(', ')};`);

const bitsName = ({ base }: Frame, bit: number): string => `bits_${base.replace(/\W/g, '_')}_${bit >> 5}`;

/** Source text for messages of this shape. All names that it uses are given out by `source`, but `m b o end`. */
export const generateMessage = (
  shape: Shape,
  source: Source,
  tools: Tools,
  options: GenerateOptions,
): MessageSource => {
  const generator = new Generator(source, tools, options);
  const bare = shape.kind !== 'record';
  const record = recordOf(shape);
  const parts = generator.record(record, 'm', ROOT, 'b', bare);
  const { layout } = parts;
  const isObject = bare ? '' : generator.check({ kind: 'record', fields: [] }, 'm', ROOT);
  const memory = source.constant('memory', tools.memory);
  const short = `if (b + ${layout.fixedBytes} > end) ${source.constant('corrupt', corrupt)}('the record is shorter than its fixed part');`;
  return {
    check: `${isObject}\n${declare(parts.names)}\n${parts.check.join('\n')}`,
    bound: parts.nested ? undefined : [String(layout.fixedBytes), ...parts.bounds].join(' + '),
    nested: parts.nested,
    write: `let o = b + ${layout.fixedBytes}; if (o > end) return ${NO_ROOM};\n${generator.writeRecord(parts, 'b')}`,
    prepare: layout.varies ? `${short} ${memory}.at = b + ${layout.fixedBytes}; ${memory}.end = end;` : short,
    value: generator.readRecord(layout, 'b', bare),
    taken: parts.taken,
    fixedBytes: layout.fixedBytes,
  };
};
