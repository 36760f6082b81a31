/**
 * What may travel as a general value, and how the path to what may not is told. Shared by the codec, which walks a
 * value while it writes, and by the check of local messages, which only walks.
 */
import { describe } from '../base/describe.js';
import type { ElementKind } from './shape.js';

/** A value that cannot travel: where in the whole, and what was found there. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable';
  /** From the value that was given, such as `.items[3]`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;

  constructor(path: string, expected: string, got: string) {
    super(`${path}: expected ${expected}, got ${got}`);
    this.path = path;
    this.expected = expected;
    this.got = got;
  }
}

export const DEPTH_MAX = 64;

export const ACCEPTED = 'a value that can travel';

/** A step of the path, for people. */
type Step = string | number;

const spellStep = (step: Step): string => {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
};

/** The path that is being walked: a stack of steps, spelled out only when something is refused. */
export class Walk {
  readonly steps: Step[] = [];
  depth = 0;

  enter(): void {
    if (++this.depth > DEPTH_MAX) this.refuse(`at most ${DEPTH_MAX} levels`, 'more, or a cycle');
  }

  leave(): void {
    this.depth--;
    this.steps.length = this.depth;
  }

  step(step: Step): void {
    this.steps[this.depth - 1] = step;
  }

  refuse(expected: string, got: string): never {
    const path = this.steps.map(spellStep).join('');
    this.reset();
    throw new Unsendable(path, expected, got);
  }

  reset(): void {
    this.depth = 0;
    this.steps.length = 0;
  }
}

/** Most elements of one array, keys of one object. */
export const COUNT_MAX = 2 ** 24 - 1;

export const isPlain = (value: object): boolean => {
  const prototype: object | null = Object.getPrototypeOf(value);
  // The second test is for objects of another realm.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
};

/** The keys of a plain object, or of something that is none and is refused here. */
export const plainKeys = (value: object, walk: Walk): string[] => {
  if (!isPlain(value)) walk.refuse(ACCEPTED, describe(value));
  if (Object.getOwnPropertySymbols(value).length > 0) walk.refuse(ACCEPTED, 'an object with a symbol as a key');
  const keys = Object.keys(value);
  if (keys.length > COUNT_MAX) walk.refuse(`at most ${COUNT_MAX} keys`, `${keys.length}`);
  return keys;
};

export const checkKey = (key: string, walk: Walk): void => {
  if (key === '__proto__') walk.refuse(ACCEPTED, 'an object with "__proto__" as a key');
};

export const checkElement = (values: readonly unknown[], index: number, walk: Walk): unknown => {
  const value = values[index];
  if (value === undefined && !(index in values)) walk.refuse(ACCEPTED, 'a hole in an array');
  return value;
};

const ELEMENT_KINDS: ReadonlyMap<string, ElementKind> = new Map([
  ['Uint8Array', 'u8'],
  ['Int8Array', 'i8'],
  ['Uint16Array', 'u16'],
  ['Int16Array', 'i16'],
  ['Uint32Array', 'u32'],
  ['Int32Array', 'i32'],
  ['BigUint64Array', 'u64'],
  ['BigInt64Array', 'i64'],
  ['Float32Array', 'f32'],
  ['Float64Array', 'f64'],
]);

export const elementKind = (value: ArrayBufferView, walk: Walk): ElementKind => {
  const name = (value as unknown as { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag];
  return ELEMENT_KINDS.get(name) ?? walk.refuse(ACCEPTED, describe(value));
};

const LONG_BITS = 64;

/** Whether the bigint needs the sign bit for its value. */
export const isUnsigned = (value: bigint, walk: Walk): boolean => {
  if (BigInt.asIntN(LONG_BITS, value) === value) return false;
  if (BigInt.asUintN(LONG_BITS, value) === value) return true;
  return walk.refuse('a bigint of 64 bits', describe(value));
};
