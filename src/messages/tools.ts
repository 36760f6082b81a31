/** What generated and interpreted codecs have in common: the codecs of single values, and how a value is refused. */
import { types } from 'node:util';
import { describe, textOf } from '../base/describe.js';
import { HeddleError, InvalidMessage, withoutStack } from '../base/errors.js';
import { type BytesCodec, bindBytes } from './bytes.js';
import { bindGeneral, type GeneralCodec } from './general.js';
import { changesOnTheWay } from './general-check.js';
import { Unsendable } from './general-walk.js';
import { COUNT_MAX, Memory, NO_ROOM } from './memory.js';
import { memberStep, trimPath } from './path.js';
import type { RefTarget } from './shape.js';
import { SharedTable } from './shares.js';
import { bindText, type TextCodec } from './text.js';

/** Refs, as far as codecs know them: the layer of the actors says what they are. */
export interface RefCodec {
  /** What was expected, for people, if the value is no ref that may be sent; else undefined. */
  refuses(value: unknown, target: RefTarget): string | undefined;
  /** A ref that may be sent, as it would arrive. */
  take(value: unknown): unknown;
  /** Writes the three words of a ref. */
  write(value: unknown, words: Int32Array, index: number): void;
  /** Makes a ref of three words. */
  read(target: RefTarget, words: Int32Array, index: number): unknown;
}

/** Codecs of single values over one memory. */
export interface Tools {
  readonly memory: Memory;
  readonly text: TextCodec;
  readonly bytes: BytesCodec;
  readonly general: GeneralCodec;
  readonly refs: RefCodec;
  readonly shares: SharedTable;
}

export const bindTools = (memory: Memory, refs: RefCodec, shares = new SharedTable()): Tools => {
  const text = bindText(memory);
  const bytes = bindBytes(memory);
  return { memory, text, bytes, general: bindGeneral(memory, text, bytes), refs, shares };
};

/** Throws the refusal of a message. `path` is empty for the message itself. */
export const refuse = (
  where: string,
  message: unknown,
  path: string,
  expected: string,
  got: string,
  cause?: unknown,
): never => {
  const field = path === '' ? '' : `${trimPath(path)}: `;
  const details = cause === undefined ? { refused: message } : { refused: message, cause };
  throw withoutStack(() => new InvalidMessage(`${where}: ${field}expected ${expected}, got ${got}`, {}, details));
};

export const refuseValue = (where: string, message: unknown, path: string, expected: string, value: unknown): never =>
  refuse(where, message, path, expected, describe(value));

/** Turns the refusal of a part of a general value into that of its message; other exceptions pass. */
export const refuseGeneral = (where: string, message: unknown, path: string, error: unknown): never => {
  if (!(error instanceof Unsendable)) throw error;
  return refuse(where, message, path + error.path, error.expected, error.got, error.cause);
};

export const refuseExtra = (
  where: string,
  message: unknown,
  path: string,
  value: object,
  known: ReadonlySet<string>,
): void => {
  for (const name of Object.keys(value)) {
    if (known.has(name)) continue;
    refuse(
      where,
      message,
      path + memberStep(name),
      'nothing, as no such field is declared',
      describe((value as Record<string, unknown>)[name]),
    );
  }
};

/** The names of members that are read, and of theirs. */
export interface Members {
  readonly name: string;
  readonly fields?: readonly Members[] | undefined;
}

const findUnreadable = (value: unknown, members: readonly Members[], path: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const { name, fields } of members) {
    const at = path + memberStep(name);
    try {
      const found = findUnreadable((value as Record<string, unknown>)[name], fields ?? [], at);
      if (found !== undefined) return found;
    } catch {
      return at;
    }
  }
  return undefined;
};

/**
 * Turns an exception of the message's own code, such as an accessor or the trap of a Proxy, into a refusal that names
 * the first of `members` that throws, or else the whole. Errors of heddle pass.
 */
export const refuseUnreadable = (
  where: string,
  message: unknown,
  path: string,
  value: unknown,
  members: readonly Members[],
  error: unknown,
): never => {
  if (error instanceof HeddleError) throw error;
  const got = `something that throws when it is read (${textOf(error)})`;
  return refuse(where, message, findUnreadable(value, members, path) ?? path, 'a value', got, error);
};

/** How many elements a list has. Of a Proxy, what it says may be anything. */
export const countOf = (where: string, message: unknown, path: string, values: readonly unknown[]): number => {
  const count = values.length >>> 0;
  if (count > COUNT_MAX) refuse(where, message, path, `at most ${COUNT_MAX} elements`, `${count}`);
  return count;
};

export const HOLE = 'a hole in an array';

export const isDate = (value: unknown): value is Date => types.isDate(value);

/** The time of a Date; not by its own method, which a subclass may have replaced. */
export const timeOf = (value: Date): number => Date.prototype.getTime.call(value);

/** A text as it arrives: each lone surrogate is U+FFFD. */
export const wellFormed = (value: string): string => (value.isWellFormed() ? value : value.toWellFormed());

const SCRATCH_BYTES = 1 << 12;

const noRefs: RefCodec = {
  refuses: () => 'no ref',
  take: (value: unknown) => value,
  write: () => undefined,
  read: () => undefined,
};

/**
 * A general value as it arrives: itself, unless it would change on the way.
 *
 * @throws Unsendable
 */
export const takeGeneral = (value: unknown): unknown => {
  if (!changesOnTheWay(value)) return value;
  for (let bytes = SCRATCH_BYTES; ; bytes *= 2) {
    const { general, memory } = bindTools(new Memory(new ArrayBuffer(bytes)), noRefs);
    const end = general.write(value, 0, bytes);
    if (end === NO_ROOM) continue;
    memory.end = end;
    return general.read();
  }
};
