/** Collects the parts of a piece of generated code: names, constants, and functions that it calls. */
import { compile } from './compile.js';

export class Source {
  readonly constants: Record<string, unknown> = {};
  readonly #names = new Map<unknown, string>();
  readonly #functions: string[] = [];
  #count = 0;

  /** A name that nothing else has. */
  fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  /** A name for a value that the code needs; the same value gets the same name. */
  constant(prefix: string, value: unknown): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = this.fresh(prefix);
    this.#names.set(value, name);
    this.constants[name] = value;
    return name;
  }

  /** Adds a function to the code and returns its name. */
  define(prefix: string, parameters: string, body: string): string {
    const name = this.fresh(prefix);
    this.#functions.push(`const ${name} = (${parameters}) => {\n${body}\n};`);
    return name;
  }

  /** Compiles `body`, which may use all the names given out. */
  compile<T>(name: string, body: string): T {
    return compile<T>(name, `${this.#functions.join('\n')}\n${body}`, this.constants);
  }
}

/** A name or text as a literal in code. */
export const quote = (value: string): string =>
  JSON.stringify(value).replace(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
