/**
 * Turns the shape of a message into source text: what checks it, writes it, reads it and copies it.
 *
 * The text is in parts, so that the layer above can put its own code between them (find room in a ring after the
 * check and before the first write). Nothing of the sender's own, such as a getter, runs in the writing part of a
 * message that has a `bound`; in lists and general values it may.
 *
 * Names in the generated code: `m` the message, `b` where its fixed part begins, `o` where the variable part has got
 * to, `end` where the room ends. A writing part returns `NO_ROOM` (-1) from the function that it stands in.
 */
import { checkShape, pickRecord } from './generate-check.js';
import { Context, declare, type GenerateOptions, ROOT } from './generate-context.js';
import { readRecord } from './generate-read.js';
import { takeRecord } from './generate-take.js';
import { boundOf, writeRecord } from './generate-write.js';
import { recordOf } from './layout.js';
import { NO_ROOM } from './memory.js';
import type { Shape } from './shape.js';
import type { Source } from './source.js';
import type { Tools } from './tools.js';

export type { GenerateOptions } from './generate-context.js';

export interface MessageSource {
  /** Statements: read `m` into variables and refuse what is wrong. */
  readonly check: string;
  /**
   * An expression for the bytes that the message takes at most. Undefined if only writing it can tell, and code of the
   * sender may run in `write`.
   */
  readonly bound: string | undefined;
  /** Statements: write what `check` has read, from `b` on, and leave in `o` where it ends. */
  readonly write: string;
  /** Statements before `value`, which may be used once: prepare to read what begins at `b` and ends at `end`. */
  readonly prepare: string;
  /** An expression: the message that begins at `b`. */
  readonly value: string;
  /** An expression: what `check` has read, as it would arrive. */
  readonly taken: string;
}

/** Source text for messages of this shape. All names that it uses are given out by `source`, but `m b o end`. */
export const generateMessage = (
  shape: Shape,
  source: Source,
  tools: Tools,
  options: GenerateOptions,
): MessageSource => {
  const context = new Context(source, tools, options);
  const bare = shape.kind !== 'record';
  const picked = pickRecord(context, recordOf(shape), 'm', ROOT, { bare });
  const { layout } = picked;
  const { memory } = context;
  const isObject = bare ? '' : checkShape(context, { kind: 'record', fields: [] }, 'm', ROOT);
  const tooShort = context.corrupt("'the record is shorter than its fixed part'");
  const fits = `if (b + ${layout.fixedBytes} > end) ${tooShort};`;
  return {
    check: `${isObject}\n${declare(picked.names)}\n${picked.statements}`,
    bound: boundOf(context, picked),
    write: `let o = b + ${layout.fixedBytes}; if (o > end) return ${NO_ROOM};\n${writeRecord(context, picked, 'b')}`,
    prepare: layout.varies ? `${fits} ${memory}.at = b + ${layout.fixedBytes}; ${memory}.end = end;` : fits,
    value: readRecord(context, { layout, base: 'b' }, { bare }),
    taken: takeRecord(context, picked),
  };
};
