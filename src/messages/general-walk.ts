/**
 * What may travel as a general value, and how the path to what may not is told. Shared by the codec, which walks a
 * value while it writes, and by the check of local messages, which only walks.
 */
import { describe, textOf } from '../base/describe.js';
import { COUNT_MAX } from './memory.js';
import { memberStep } from './path.js';
import type { ElementKind } from './shape.js';
import { elementKindOf } from './typed-arrays.js';

/** A value that cannot travel: where in the whole, and what was found there. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable';
  /** From the value that was given, such as `.items[3]`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;

  constructor(path: string, expected: string, got: string, cause?: unknown) {
    super(`${path}: expected ${expected}, got ${got}`, cause === undefined ? undefined : { cause });
    this.path = path;
    this.expected = expected;
    this.got = got;
  }
}

export const DEPTH_MAX = 64;

export const ACCEPTED = 'a value that can travel';

/** From a value to one of its parts: an element or a member, a key of a Map, or what a Map has under a key. */
type Way = 'at' | 'key' | 'get';

/** In place of a step: the value itself. */
const HERE = Symbol('here');

const spellStep = (way: Way, step: unknown): string => {
  if (step === HERE) return '';
  if (way === 'at') return typeof step === 'number' ? `[${step}]` : memberStep(step as string);
  return `.${way}(${typeof step === 'string' ? JSON.stringify(step) : describe(step)})`;
};

/** The path that is being walked: a stack of steps, spelled out only when something is refused. */
export class Walk {
  readonly #ways: Way[] = [];
  readonly #steps: unknown[] = [];
  #depth = 0;

  /** Goes into a value; `step` says which part of it is looked at. */
  enter(): void {
    if (this.#depth === DEPTH_MAX) this.refuse(`at most ${DEPTH_MAX} levels`, 'more, or a cycle');
    this.#ways[this.#depth] = 'at';
    this.#steps[this.#depth++] = HERE;
  }

  leave(): void {
    this.#depth--;
  }

  /** The element or member of the value that was entered last. */
  step(step: string | number): void {
    this.#steps[this.#depth - 1] = step;
  }

  /** A key of the Map that was entered last, or what it has under it. */
  stepInMap(way: 'key' | 'get', key: unknown): void {
    this.#ways[this.#depth - 1] = way;
    this.#steps[this.#depth - 1] = key;
  }

  refuse(expected: string, got: string, cause?: unknown): never {
    const path = this.#steps.slice(0, this.#depth).map((step, i) => spellStep(this.#ways[i]!, step));
    throw new Unsendable(path.join(''), expected, got, cause);
  }

  /** Turns an exception of the value's own code, such as an accessor or the trap of a Proxy, into a refusal. */
  rethrow(error: unknown): never {
    if (error instanceof Unsendable) throw error;
    return this.refuse(ACCEPTED, `something that throws when it is read (${textOf(error)})`, error);
  }

  reset(): void {
    this.#depth = 0;
    // Steps are values of the user, which must not be kept alive from here.
    this.#steps.length = 0;
  }
}

export const checkCount = (count: number, walk: Walk): number =>
  count > COUNT_MAX ? walk.refuse(`at most ${COUNT_MAX} elements`, `${count}`) : count;

export const isPlain = (value: object): boolean => {
  const prototype: object | null = Object.getPrototypeOf(value);
  // The second test is for objects of another realm.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
};

export const plainKeys = (value: object, walk: Walk): string[] => {
  if (Object.getOwnPropertySymbols(value).length > 0) walk.refuse(ACCEPTED, 'an object with a symbol as a key');
  const keys = Object.keys(value);
  checkCount(keys.length, walk);
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

export const elementKind = (value: ArrayBufferView, walk: Walk): ElementKind =>
  elementKindOf(value) ?? walk.refuse(ACCEPTED, describe(value));

/** Refuses a Map or Set that grew or shrank while it was walked, by an accessor of a value in it. */
export const checkSize = (visited: number, size: number, walk: Walk): void => {
  if (visited !== size) walk.refuse('a Map or Set that stays as it is while it is sent', 'one that changed');
};

const LONG_BITS = 64;

/** Whether the bigint needs the sign bit for its value. */
export const isUnsigned = (value: bigint, walk: Walk): boolean => {
  if (BigInt.asIntN(LONG_BITS, value) === value) return false;
  if (BigInt.asUintN(LONG_BITS, value) === value) return true;
  return walk.refuse('a bigint of 64 bits', describe(value));
};
