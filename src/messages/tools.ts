/** What generated and interpreted codecs have in common: the codecs of single values, and how a value is refused. */
import { types } from 'node:util';
import { describe } from '../base/describe.js';
import { InvalidMessage, withoutStack } from '../base/errors.js';
import { type BytesCodec, bindBytes } from './bytes.js';
import { bindGeneral, type GeneralCodec } from './general.js';
import { changesOnTheWay } from './general-check.js';
import { Unsendable } from './general-walk.js';
import { Memory, NO_ROOM } from './memory.js';
import type { RefTarget } from './shape.js';
import { bindText, type TextCodec } from './text.js';

/** Refs, as far as codecs know them: the layer of the actors says what they are. */
export interface RefCodec {
  /** What was expected, for people, if the value is no ref that may be sent; else undefined. */
  refuses(value: unknown, target: RefTarget): string | undefined;
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
}

export const bindTools = (memory: Memory, refs: RefCodec): Tools => {
  const text = bindText(memory);
  const bytes = bindBytes(memory);
  return { memory, text, bytes, general: bindGeneral(memory, text, bytes), refs };
};

/** Throws the refusal of a message. `path` is empty for the message itself. */
export const refuse = (where: string, message: unknown, path: string, expected: string, got: string): never => {
  const field = path === '' ? '' : `${path.replace(/^\./, '')}: `;
  throw withoutStack(
    () => new InvalidMessage(`${where}: ${field}expected ${expected}, got ${got}`, {}, { refused: message }),
  );
};

export const refuseValue = (where: string, message: unknown, path: string, expected: string, value: unknown): never =>
  refuse(where, message, path, expected, describe(value));

/** Turns the refusal of a part of a general value into that of its message; other exceptions pass. */
export const refuseGeneral = (where: string, message: unknown, path: string, error: unknown): never => {
  if (!(error instanceof Unsendable)) throw error;
  return refuse(where, message, path + error.path, error.expected, error.got);
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
    const at = path === '' ? name : `${path}.${name}`;
    refuse(where, message, at, 'no such field', describe((value as Record<string, unknown>)[name]));
  }
};

export const isDate = (value: unknown): value is Date => types.isDate(value);

/** The time of a Date; not by its own method, which a subclass may have replaced. */
export const timeOf = (value: Date): number => Date.prototype.getTime.call(value);

/** A text as it arrives: each lone surrogate is U+FFFD. */
export const wellFormed = (value: string): string => (value.isWellFormed() ? value : value.toWellFormed());

/** Bytes as they arrive, without a copy: a Buffer is a plain Uint8Array of the same memory. */
export const plainBytes = (value: Uint8Array): Uint8Array =>
  Object.getPrototypeOf(value) === Uint8Array.prototype
    ? value
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

const SCRATCH_BYTES = 1 << 12;

const noRefs: RefCodec = {
  refuses: () => 'no ref',
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
