/** What the parts of the interpreter share about one message that is sent. */
import type { GenerateOptions } from './generate-context.js';
import { layOut, type PlacedField, type RecordLayout, recordOf } from './layout.js';
import type { RecordShape, Shape } from './shape.js';
import { type Members, refuseExtra, refuseUnreadable, refuseValue, type Tools } from './tools.js';

export type Bag = Readonly<Record<string, unknown>>;

const layouts = new WeakMap<RecordShape, RecordLayout>();

/** The layout of a record; made once. */
export const layoutOf = (record: RecordShape): RecordLayout => {
  const known = layouts.get(record) ?? layOut(record);
  layouts.set(record, known);
  return known;
};

const records = new WeakMap<Shape, RecordShape>();

/** The shape as a record; made once. */
export const asRecord = (shape: Shape): RecordShape => {
  const known = records.get(shape) ?? recordOf(shape);
  records.set(shape, known);
  return known;
};

/** A message on its way out. One object each, because an accessor of a message may send another. */
export class Job {
  readonly tools: Tools;
  readonly message: unknown;
  /** What the message is called. */
  readonly where: string;
  readonly #strict: boolean;

  constructor(tools: Tools, { where, strict }: GenerateOptions, message: unknown) {
    this.tools = tools;
    this.message = message;
    this.where = where;
    this.#strict = strict;
  }

  refuse(path: string, expected: string, value: unknown): never {
    return refuseValue(this.where, this.message, path, expected, value);
  }

  refuseExtra(path: string, value: object, fields: readonly PlacedField[], tag: string | undefined): void {
    if (!this.#strict) return;
    const known = new Set(fields.map(({ name }) => name));
    if (tag !== undefined) known.add(tag);
    refuseExtra(this.where, this.message, path, value, known);
  }

  /** Reads `members` of `value`, or its elements: its own code may throw there. */
  reading<T>(path: string, value: unknown, members: readonly Members[], read: () => T): T {
    try {
      return read();
    } catch (error) {
      return refuseUnreadable(this.where, this.message, path, value, members, error);
    }
  }
}
