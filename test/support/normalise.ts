/** What a value is after a journey to another thread, by the rules of the docs and nothing else. */
import type { Shape } from '../../src/messages/shape.js';

type Bag = Record<string, unknown>;

const arrived = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(arrived);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [arrived(key), arrived(inner)]));
  if (value instanceof Set) return new Set([...value].map(arrived));
  if (Buffer.isBuffer(value)) return new Uint8Array(value);
  if (ArrayBuffer.isView(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), arrived(inner)]));
};

export const normalise = (shape: Shape, value: unknown): unknown => {
  switch (shape.kind) {
    case 'any':
      return arrived(value);
    case 'text':
      return (value as string).toWellFormed();
    case 'bytes':
    case 'view':
      return new Uint8Array(value as Uint8Array);
    case 'f32':
      return Math.fround(value as number);
    case 'u8':
    case 'i8':
    case 'u16':
    case 'i16':
    case 'u32':
    case 'i32':
      return (value as number) + 0;
    case 'optional':
      return value === undefined ? undefined : normalise(shape.of, value);
    case 'list':
      return (value as unknown[]).map((element) => normalise(shape.of, element));
    case 'record':
      return Object.fromEntries(shape.fields.map(([name, of]) => [name, normalise(of, (value as Bag)[name])]));
    case 'union': {
      const tag = (value as Bag)[shape.tag];
      const [, variant] = shape.variants.find(([name]) => name === tag)!;
      return { [shape.tag]: tag, ...(normalise(variant, value) as Bag) };
    }
    default:
      return value;
  }
};
