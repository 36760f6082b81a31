/**
 * What typed arrays are, by their internal slots. `length`, `byteLength` and the like can be replaced, by a subclass or
 * by a property of one array, and a codec that believed them would write over what lies beside it. (Asking the slots
 * is no slower than `instanceof`: both are inlined.)
 */
import type { ElementKind } from './shape.js';

const CONSTRUCTORS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<ElementKind, unknown>;

export const elementConstructor = (element: ElementKind): (typeof CONSTRUCTORS)[ElementKind] => CONSTRUCTORS[element];

const KINDS: ReadonlyMap<string, ElementKind> = new Map(
  Object.entries(CONSTRUCTORS).map(([kind, { name }]) => [name, kind as ElementKind]),
);

const slot = <T>(member: string | symbol): ((value: unknown) => T) => {
  const prototype: object = Object.getPrototypeOf(Uint8Array.prototype);
  const { get } = Object.getOwnPropertyDescriptor(prototype, member)!;
  return Function.prototype.call.bind(get!) as (value: unknown) => T;
};

/** `Uint8Array` of Buffers too, `Float64Array` and so on; undefined of everything else, whatever it is. */
export const arrayTag: (value: unknown) => string | undefined = slot(Symbol.toStringTag);
/** Of typed arrays only. 0 if the memory was transferred away. */
export const byteLengthOf: (value: unknown) => number = slot('byteLength');
const byteOffsetOf: (value: unknown) => number = slot('byteOffset');
const bufferOf: (value: unknown) => ArrayBufferLike = slot('buffer');

/** The tag of arrays of this kind. */
export const tagOfKind = (element: ElementKind): string => CONSTRUCTORS[element].name;

/** Undefined for what is no typed array of a kind that messages have. */
export const elementKindOf = (value: unknown): ElementKind | undefined => KINDS.get(arrayTag(value) ?? '');

/** The same memory as an array of the class itself; empty where the memory was transferred away. */
const rewrap = (value: ArrayBufferView, element: ElementKind): ArrayBufferView => {
  const Constructor = CONSTRUCTORS[element];
  const length = byteLengthOf(value) / Constructor.BYTES_PER_ELEMENT;
  return length === 0
    ? new Constructor(0)
    : new Constructor(bufferOf(value) as ArrayBuffer, byteOffsetOf(value), length);
};

/** The bytes of any typed array. */
export const bytesOf = (value: ArrayBufferView): Uint8Array => {
  const length = byteLengthOf(value);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(bufferOf(value), byteOffsetOf(value), length);
};

/** An array as it arrives, without a copy: a Buffer as a Uint8Array, a subclass as its class. */
export const plainArray = <A extends ArrayBufferView>(value: A, element: ElementKind): A =>
  Object.getPrototypeOf(value) === CONSTRUCTORS[element].prototype ? value : (rewrap(value, element) as A);
