/**
 * The door for general values of local messages: the same values pass as between threads, but nothing is copied
 * unless it would arrive changed.
 */
import { types } from 'node:util';
import { describe } from '../base/describe.js';
import {
  ACCEPTED,
  checkCount,
  checkElement,
  checkKey,
  checkSize,
  elementKind,
  isPlain,
  isUnsigned,
  plainKeys,
  Walk,
} from './general-walk.js';
import { elementConstructor } from './typed-arrays.js';

/**
 * Walks a value.
 *
 * @returns whether it would arrive at another thread as something else: with U+FFFD in place of a lone surrogate, with
 *   another prototype
 * @throws Unsendable
 */
export const changesOnTheWay = (value: unknown): boolean => {
  const walk = new Walk();
  try {
    return visit(value, walk);
  } catch (error) {
    return walk.rethrow(error);
  }
};

const visit = (value: unknown, walk: Walk): boolean => {
  switch (typeof value) {
    case 'string':
      return !value.isWellFormed();
    case 'bigint':
      isUnsigned(value, walk);
      return false;
    case 'object':
      return value !== null && visitObject(value, walk);
    case 'function':
    case 'symbol':
      return walk.refuse(ACCEPTED, describe(value));
    default:
      return false;
  }
};

/** Whether the value, which arrives as an instance of the class, is something else. */
const isNo = (value: object, { prototype }: { readonly prototype: unknown }): boolean =>
  Object.getPrototypeOf(value) !== prototype;

const visitObject = (value: object, walk: Walk): boolean => {
  walk.enter();
  let changes = false;
  if (Array.isArray(value)) {
    changes = isNo(value, Array);
    const length = checkCount(value.length >>> 0, walk);
    for (let i = 0; i < length; i++) {
      walk.step(i);
      changes = visit(checkElement(value, i, walk), walk) || changes;
    }
  } else if (isPlain(value)) {
    const keys = plainKeys(value, walk);
    changes = isNo(value, Object);
    for (const key of keys) {
      walk.step(key);
      checkKey(key, walk);
      changes = visit((value as Record<string, unknown>)[key], walk) || changes || !key.isWellFormed();
    }
  } else if (ArrayBuffer.isView(value)) changes = isNo(value, elementConstructor(elementKind(value, walk)));
  else if (types.isDate(value)) changes = isNo(value, Date);
  else if (types.isMap(value)) {
    changes = isNo(value, Map);
    const { size } = value;
    let visited = 0;
    for (const [key, element] of value) {
      if (visited++ === size) break;
      walk.stepInMap('key', key);
      changes = visit(key, walk) || changes;
      walk.stepInMap('get', key);
      changes = visit(element, walk) || changes;
    }
    checkSize(visited, size, walk);
  } else if (types.isSet(value)) {
    changes = isNo(value, Set);
    const { size } = value;
    let visited = 0;
    for (const element of value) {
      walk.step(visited);
      if (visited++ === size) break;
      changes = visit(element, walk) || changes;
    }
    checkSize(visited, size, walk);
  } else walk.refuse(ACCEPTED, describe(value));
  walk.leave();
  return changes;
};
