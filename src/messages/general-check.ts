/**
 * The door for general values of local messages: the same values pass as between threads, but nothing is copied
 * unless it would arrive changed.
 */
import { types } from 'node:util';
import { describe } from '../base/describe.js';
import { ACCEPTED, checkElement, checkKey, elementKind, isUnsigned, plainKeys, Walk } from './general-walk.js';

/**
 * Walks a value.
 *
 * @returns whether it would arrive at another thread as something else: with U+FFFD in place of a lone surrogate, with
 *   another prototype
 * @throws Unsendable
 */
export const changesOnTheWay = (value: unknown): boolean => visit(value, new Walk());

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

const visitObject = (value: object, walk: Walk): boolean => {
  walk.enter();
  let changes = false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      walk.step(i);
      changes = visit(checkElement(value, i, walk), walk) || changes;
    }
  } else if (ArrayBuffer.isView(value)) {
    elementKind(value, walk);
    changes = Buffer.isBuffer(value);
  } else if (types.isMap(value)) {
    for (const [key, element] of value) {
      walk.step(`key ${describe(key)}`);
      changes = visit(key, walk) || changes;
      walk.step(`get(${describe(key)})`);
      changes = visit(element, walk) || changes;
    }
  } else if (types.isSet(value)) {
    let i = 0;
    for (const element of value) {
      walk.step(i++);
      changes = visit(element, walk) || changes;
    }
  } else if (!types.isDate(value)) {
    changes = Object.getPrototypeOf(value) === null;
    for (const key of plainKeys(value, walk)) {
      walk.step(key);
      checkKey(key, walk);
      changes = !key.isWellFormed() || visit((value as Record<string, unknown>)[key], walk) || changes;
    }
  }
  walk.leave();
  return changes;
};
