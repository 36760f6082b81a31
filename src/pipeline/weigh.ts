/**
 * About how many bytes an item takes, to bound what is on its way: exact for what has a fixed size, the length of texts
 * and bytes for the rest.
 */
import type { Shape } from '../messages/shape.js';

type Weigh = (value: unknown) => number;

const WORD = 8;
/** What a general value is followed to. */
const DEPTH_MAX = 8;

const lengthOf: Weigh = (value) =>
  typeof value === 'string' ? value.length : ((value as { byteLength?: number } | undefined)?.byteLength ?? 0);

const weighAny = (value: unknown, depth: number): number => {
  if (typeof value === 'string') return WORD + value.length;
  if (typeof value !== 'object' || value === null) return WORD;
  if (ArrayBuffer.isView(value)) return WORD + value.byteLength;
  if (depth === 0) return WORD;
  const values = Array.isArray(value) || value instanceof Set ? value : value instanceof Map ? value : undefined;
  let weight = WORD;
  if (values === undefined) for (const member of Object.values(value)) weight += WORD + weighAny(member, depth - 1);
  else for (const member of values) weight += weighAny(member, depth - 1);
  return weight;
};

/** What is added to the fixed part; undefined: nothing. */
const variableOf = (shape: Shape): Weigh | undefined => {
  switch (shape.kind) {
    case 'text':
    case 'bytes':
    case 'array':
      return lengthOf;
    case 'any':
      return (value) => weighAny(value, DEPTH_MAX);
    case 'optional': {
      const of = variableOf(shape.of);
      return of === undefined ? undefined : (value) => (value === undefined ? 0 : of(value));
    }
    case 'list': {
      const each = fixedOf(shape.of);
      const of = variableOf(shape.of);
      return (value) => {
        const items = value as readonly unknown[];
        let weight = items.length * each;
        if (of !== undefined) for (const item of items) weight += of(item);
        return weight;
      };
    }
    case 'record': {
      const parts = shape.fields.flatMap(([name, of]) => {
        const weigh = variableOf(of);
        return weigh === undefined ? [] : [[name, weigh] as const];
      });
      if (parts.length === 0) return undefined;
      return (value) => {
        let weight = 0;
        for (const [name, weigh] of parts) weight += weigh((value as Record<string, unknown>)[name]);
        return weight;
      };
    }
    case 'union': {
      const variants = new Map(shape.variants.map(([name, of]) => [name, weighOf(of)] as const));
      return (value) => variants.get((value as Record<string, string>)[shape.tag]!)?.(value) ?? WORD;
    }
    default:
      return undefined;
  }
};

const fixedOf = (shape: Shape): number => {
  if (shape.kind === 'record') return shape.fields.reduce((sum, [, of]) => sum + fixedOf(of), 0);
  return shape.kind === 'optional' ? fixedOf(shape.of) : WORD;
};

const weighOf = (shape: Shape): Weigh => {
  const fixed = fixedOf(shape);
  const variable = variableOf(shape);
  return variable === undefined ? () => fixed : (value) => fixed + variable(value);
};

export interface Scale {
  /** Bytes of every item. */
  readonly fixed: number;
  /** What an item takes beyond that; undefined: nothing. Of a value that is not what its type says it may throw. */
  readonly variable: Weigh | undefined;
}

export const scaleOf = (shape: Shape): Scale => ({ fixed: fixedOf(shape), variable: variableOf(shape) });
