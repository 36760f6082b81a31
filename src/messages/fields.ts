/**
 * The field types of messages. Each is a value that says how a field is laid out, checked and typed; a protocol is
 * an object of them.
 *
 * | field                     | TypeScript                  | accepts                                          | bytes in the ring |
 * | ------------------------- | --------------------------- | ------------------------------------------------ | ----------------- |
 * | `bool`                    | `boolean`                   | a boolean                                        | 1                 |
 * | `u8 i8 u16 i16 u32 i32`   | `number`                    | an integer in range; -0 becomes 0                | 1, 2, 4           |
 * | `u64 i64`                 | `bigint`                    | a bigint in range                                | 8                 |
 * | `f64`                     | `number`                    | any number, -0, NaN and infinities too           | 8                 |
 * | `f32`                     | `number`                    | any number; rounded to 32 bits                   | 4                 |
 * | `date`                    | `Date`                      | a Date, invalid ones too                         | 8                 |
 * | `oneOf('a', 'b')`         | `'a' \| 'b'`                | one of the texts                                 | 1 or 2            |
 * | `text`                    | `string`                    | a string; a lone surrogate becomes U+FFFD        | 4 + UTF-8         |
 * | `bytes`                   | `Uint8Array`                | a Uint8Array or Buffer; arrives as Uint8Array    | 4 + length        |
 * | `view`                    | `Uint8Array`                | the same; arrives as a view, for a sync handler  | 4 + length        |
 * | `f64s f32s i32s ...`      | `Float64Array` ...          | that typed array                                 | 4 + length        |
 * | `optional(f)`             | `T \| undefined`, may be left out | what `f` accepts, or `undefined`           | as `f`, and 1 bit |
 * | `list(f)`                 | `T[]`                       | an array without holes                           | 4 + elements      |
 * | `record({ ... })`         | an object                   | an object with these fields                      | as its fields     |
 * | `union('kind', { ... })`  | a union of objects          | an object whose `kind` names one of the variants | 4 + the variant   |
 * | `shared`                  | `Shared`                    | what `system.share` resolved with                | 4                 |
 * | `any<T>()`                | `T`                         | see `general.ts`                                 | as needed         |
 *
 * `ref(Definition)`, `selfRef` and `anyRef` belong to the actors (`actor/ref-fields.ts`).
 */
import { describe } from '../base/describe.js';
import { InvalidDefinition } from '../base/errors.js';
import { isPlain } from './general-walk.js';
import type { ElementKind, RecordShape, ScalarKind, Shape } from './shape.js';
import type { Shared } from './shares.js';

/** Brand of field types: a record may well have a field that is called `shape`. */
const FIELD: unique symbol = Symbol.for('heddle.field') as never;

declare const carried: unique symbol;
declare const mentioned: unique symbol;

/** A field that carries a `T`. */
export interface Field<T> {
  readonly shape: Shape;
  readonly [FIELD]: true;
  /** Only for the type checker; no value has it. */
  readonly [carried]?: T;
}

/** A field whose type mentions the actor that declares it (`selfRef`), which only the actor can resolve. */
export interface SelfField<T> extends Field<T> {
  /** Only for the type checker; no value has it. */
  readonly [mentioned]: true;
}

/** A record's fields by name. */
export interface Fields {
  readonly [name: string]: Field<unknown>;
}

/** What a field carries. */
export type ValueOf<F> = F extends Field<infer T> ? T : F extends Fields ? RecordValue<F> : never;

/** `true` if a field, or any field of a record, mentions the actor; else `never`. */
export type MentionOf<F> = F extends { readonly [mentioned]: true }
  ? true
  : F extends Field<unknown>
    ? never
    : F extends Fields
      ? MentionOf<F[keyof F]>
      : never;

/** A field that carries a `T` and is made of `F`. */
type FieldOf<T, F> = [MentionOf<F>] extends [never] ? Field<T> : SelfField<T>;

type OptionalName<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];

/** What a record of these fields carries: the optional ones may be left out. */
export type RecordValue<F extends Fields> = Flat<
  { -readonly [K in Exclude<keyof F, OptionalName<F>>]: ValueOf<F[K]> } & {
    -readonly [K in OptionalName<F>]?: ValueOf<F[K]>;
  }
>;

/** Shows a computed object type as if it had been written by hand. */
export type Flat<T> = { [K in keyof T]: T[K] } & {};

export const field = <F extends Field<unknown>>(shape: Shape): F =>
  Object.freeze({ shape, [FIELD]: true as const }) as unknown as F;

const scalar = <T>(kind: ScalarKind): Field<T> => field({ kind });
const array = <T>(element: ElementKind): Field<T> => field({ kind: 'array', element });

export const bool = scalar<boolean>('bool');
export const u8 = scalar<number>('u8');
export const i8 = scalar<number>('i8');
export const u16 = scalar<number>('u16');
export const i16 = scalar<number>('i16');
export const u32 = scalar<number>('u32');
export const i32 = scalar<number>('i32');
export const u64 = scalar<bigint>('u64');
export const i64 = scalar<bigint>('i64');
export const f32 = scalar<number>('f32');
export const f64 = scalar<number>('f64');
export const date = scalar<Date>('date');

export const text: Field<string> = field({ kind: 'text' });
export const bytes: Field<Uint8Array> = field({ kind: 'bytes' });
/**
 * Bytes that are read where they lie, without a copy. The array is valid until the handler returns, so only sync
 * handlers may declare it; in `strict` systems it is overwritten afterwards, to make a mistake show.
 */
export const view: Field<Uint8Array> = field({ kind: 'view' });

export const i8s = array<Int8Array>('i8');
export const u16s = array<Uint16Array>('u16');
export const i16s = array<Int16Array>('i16');
export const u32s = array<Uint32Array>('u32');
export const i32s = array<Int32Array>('i32');
export const u64s = array<BigUint64Array>('u64');
export const i64s = array<BigInt64Array>('i64');
export const f32s = array<Float32Array>('f32');
export const f64s = array<Float64Array>('f64');

/**
 * Memory that was shared with the system by `system.share`: the receiver gets a handle to the same memory, not a copy.
 *
 * @example
 * const hits = await system.share(new SharedArrayBuffer(4));
 * counter.watch({ hits });        // protocol: { watch: { hits: shared } }
 */
export const shared: Field<Shared> = field({ kind: 'shared' });

const ONE_OF_MAX = 0x1_0000;

/** One of a fixed set of texts; 1 to 65,536 of them, all different. */
export const oneOf = <const V extends string>(...values: readonly V[]): Field<V> => {
  if (values.length === 0 || values.length > ONE_OF_MAX || new Set(values).size !== values.length) {
    throw new InvalidDefinition('oneOf takes 1 to 65,536 different texts', { given: values.length });
  }
  return field({ kind: 'oneOf', values: [...values] });
};

/** A field that may be left out or `undefined`. */
export const optional = <F extends Field<unknown>>(of: F): FieldOf<ValueOf<F> | undefined, F> => {
  const { shape } = checkField(of, 'optional');
  return field(shape.kind === 'optional' ? shape : { kind: 'optional', of: shape });
};

/** An array of values of one field type. */
export const list = <F extends Field<unknown>>(of: F): FieldOf<ValueOf<F>[], F> =>
  field({ kind: 'list', of: checkField(of, 'list').shape });

/** A nested object. */
export const record = <F extends Fields>(fields: F): FieldOf<RecordValue<F>, F> => field(recordShape(fields, 'record'));

const VARIANTS_MAX = 0x1_0000;

/** Objects of several kinds, told apart by the text in the field `tag`: `{ kind: 'a', ... } | { kind: 'b', ... }`. */
export const union = <Tag extends string, V extends Readonly<Record<string, Fields>>>(
  tag: Tag,
  variants: V,
  // Spelled out here: TypeScript shows what has a name by its name.
): FieldOf<{ [K in keyof V & string]: Flat<{ [T in Tag]: K } & RecordValue<V[K]>> }[keyof V & string], V[keyof V]> => {
  const entries = Object.entries(variants);
  if (entries.length === 0 || entries.length > VARIANTS_MAX) {
    throw new InvalidDefinition('union takes 1 to 65,536 variants', { tag, given: entries.length });
  }
  return field({
    kind: 'union',
    tag: checkFieldName(tag, 'union'),
    variants: entries.map(([name, fields]) => {
      if (Object.hasOwn(fields, tag)) {
        throw new InvalidDefinition('a variant has a field with the name of the tag', { tag, variant: name });
      }
      return [name, recordShape(fields, `union variant ${JSON.stringify(name)}`)] as const;
    }),
  });
};

/**
 * A value without a fixed layout: null, undefined, booleans, numbers, bigints of 64 bits, strings, Dates, typed
 * arrays, and arrays, Maps, Sets and plain objects of these, to depth 64. Anything else is refused at the sender.
 */
export const any = <T = unknown>(): Field<T> => field({ kind: 'any' });

/** The shape of a record, its field names and field types checked. */
export const recordShape = (fields: Fields, where: string): RecordShape => {
  if (typeof fields !== 'object' || fields === null || !isPlain(fields)) {
    throw new InvalidDefinition(`${where}: expected an object of fields, or a field type`, { got: describe(fields) });
  }
  return {
    kind: 'record',
    fields: Object.entries(fields).map(
      ([name, of]) =>
        [checkFieldName(name, where), checkField(of, `${where}: field ${JSON.stringify(name)}`).shape] as const,
    ),
  };
};

export const isField = (value: unknown): value is Field<unknown> =>
  typeof value === 'object' && value !== null && (value as { [FIELD]?: unknown })[FIELD] === true;

const checkField = <F extends Field<unknown>>(value: F, where: string): F => {
  if (isField(value)) return value;
  throw new InvalidDefinition(`${where}: expected a field type such as f64 or text`, { got: describe(value) });
};

const checkFieldName = (name: string, where: string): string => {
  // The one name that an object literal does not take as a plain field.
  if (name !== '__proto__') return name;
  throw new InvalidDefinition(`${where}: a field may not be called "__proto__"`);
};
