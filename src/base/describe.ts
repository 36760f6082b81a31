/** Short descriptions of values for error messages; never more of a value than helps to find the mistake. */

const TEXT_SHOWN_MAX = 32;
const BIGINT_SHOWN_BITS = 128;

/** What a value says of itself, even if that throws. */
export const textOf = (value: unknown): string => {
  try {
    return String(value);
  } catch {
    return 'a value that cannot be shown';
  }
};

/** Objects of heddle say by this property what they are. */
export const DESCRIPTION = Symbol('description');

/** `string "12"`, `number NaN`, `Array(3)`, `instance of Socket`. */
export const describe = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(value.length > TEXT_SHOWN_MAX ? `${value.slice(0, TEXT_SHOWN_MAX)}…` : value)}`;
    case 'number':
      return `number ${Object.is(value, -0) ? '-0' : value}`;
    case 'bigint':
      return BigInt.asIntN(BIGINT_SHOWN_BITS, value) === value ? `bigint ${value}` : 'a bigint of many digits';
    case 'boolean':
      return `boolean ${value}`;
    case 'undefined':
      return 'nothing';
    case 'symbol':
    case 'function':
      return `a ${typeof value}`;
    default:
      return value === null ? 'null' : describeStrange(value as object);
  }
};

/** Proxies and getters may throw whatever they like. */
const describeStrange = (value: object): string => {
  try {
    return describeObject(value);
  } catch {
    return 'an object that cannot be looked at';
  }
};

const describeObject = (value: object): string => {
  if (Array.isArray(value)) return `Array(${value.length})`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'an object';
  const { [DESCRIPTION]: description } = value as { [DESCRIPTION]?: string };
  if (description !== undefined) return description;
  const { constructor: made } = prototype as { constructor?: unknown };
  return typeof made === 'function' && made.name !== ''
    ? `an instance of ${made.name}`
    : 'an object with a prototype of its own';
};
