/** What all parts of the generator share: the names of constants, paths in refusals, and how a value is refused. */
import type { RecordLayout } from './layout.js';
import { advance, corrupt } from './memory.js';
import { memberStep } from './path.js';
import type { ElementKind } from './shape.js';
import { quote, type Source } from './source.js';
import { type Members, refuseExtra, refuseUnreadable, refuseValue, type Tools } from './tools.js';

export interface GenerateOptions {
  /** What the message is called in refusals. */
  readonly where: string;
  /** Refuse fields that are not declared. */
  readonly strict: boolean;
}

/** A record's layout, and the expression for where its fixed part begins. */
export interface Frame {
  readonly layout: RecordLayout;
  readonly base: string;
}

/** A JavaScript expression for the path to a value, for people. */
export type Path = string;

export const ROOT: Path = "''";
export const memberPath = (path: Path, name: string): Path =>
  path === ROOT ? quote(memberStep(name)) : `${path} + ${quote(memberStep(name))}`;
export const indexPath = (path: Path, index: string): Path => `${path} + '[' + ${index} + ']'`;

export const declare = (names: readonly string[]): string => (names.length === 0 ? '' : `let ${names.join(', ')};`);

/** An object literal. The names are quoted, so none of them is `__proto__: prototype`; declarations refuse that one. */
export const literal = (members: readonly (readonly [name: string, code: string])[]): string =>
  `{ ${members.map(([name, code]) => `${quote(name)}: ${code}`).join(', ')} }`;

export class Context {
  readonly source: Source;
  readonly tools: Tools;
  readonly strict: boolean;
  /** The constant that says what the message is called. */
  readonly where: string;
  readonly #indexes = new Map<readonly string[], ReadonlyMap<string, number>>();

  constructor(source: Source, tools: Tools, options: GenerateOptions) {
    this.source = source;
    this.tools = tools;
    this.strict = options.strict;
    this.where = source.constant('where', options.where);
  }

  /** The name of a constant. */
  name(prefix: string, value: unknown): string {
    return this.source.constant(prefix, value);
  }

  get i32(): string {
    return this.name('i32', this.tools.memory.i32);
  }

  get u8(): string {
    return this.name('u8', this.tools.memory.u8);
  }

  get memory(): string {
    return this.name('memory', this.tools.memory);
  }

  view(kind: ElementKind): string {
    return this.name(kind, this.tools.memory[kind]);
  }

  /** From the texts of a `oneOf` to their numbers; one map for one declaration. */
  indexOf(values: readonly string[]): string {
    const known = this.#indexes.get(values) ?? new Map(values.map((value, index) => [value, index]));
    this.#indexes.set(values, known);
    return this.name('indexOf', known);
  }

  /** A statement that refuses `value`. */
  refuse(path: Path, expected: string, value: string): string {
    return `${this.name('refuse', refuseValue)}(${this.where}, m, ${path}, ${quote(expected)}, ${value});`;
  }

  /** A statement that refuses members of `value` that are not `known`. */
  refuseExtra(path: Path, value: string, known: readonly string[]): string {
    const set = this.name('known', new Set(known));
    return `${this.name('refuseExtra', refuseExtra)}(${this.where}, m, ${path}, ${value}, ${set});`;
  }

  /** Statements that read `members` of `value`, or its elements: its own code, such as an accessor, may throw there. */
  reading(path: Path, value: string, members: readonly Members[], statements: string): string {
    const refuse = this.name('refuseUnreadable', refuseUnreadable);
    const known = this.name('members', members);
    return `try { ${statements} } catch (error) { ${refuse}(${this.where}, m, ${path}, ${value}, ${known}, error); }`;
  }

  /** An expression that throws. */
  corrupt(what: string): string {
    return `${this.name('corrupt', corrupt)}(${what})`;
  }

  /** An expression: where the next `bytes` bytes of the variable part begin, stepping over them. */
  advance(bytes: string): string {
    return `${this.name('advance', advance)}(${this.memory}, ${bytes})`;
  }
}
