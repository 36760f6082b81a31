/**
 * What a field is made of, as data. The constructors in `fields.ts` make shapes, `layout.ts` gives them places in a
 * record, and the codecs (`generate.ts`, `interpret.ts`) turn them into code.
 */

/** Fields that take the same room in every message. */
export type ScalarKind = 'bool' | 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64' | 'date';

/** Element types of typed arrays. */
export type ElementKind = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64';

/** Whose actors a ref may address: those of one definition, of the declaring one, or any. */
export type RefTarget = 'self' | 'any' | (() => unknown);

export type Shape =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'ref'; readonly target: RefTarget }
  | { readonly kind: 'shared' }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'view' }
  | { readonly kind: 'array'; readonly element: ElementKind }
  | { readonly kind: 'optional'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  | RecordShape
  | { readonly kind: 'union'; readonly tag: string; readonly variants: readonly (readonly [string, RecordShape])[] }
  | { readonly kind: 'any' };

export interface RecordShape {
  readonly kind: 'record';
  readonly fields: readonly (readonly [name: string, shape: Shape])[];
}

/** The integer kinds and the values that they hold. */
export const INTEGER_RANGES = {
  u8: [0, 0xff],
  i8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  i16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
} as const satisfies Partial<Record<ScalarKind, readonly [number, number]>>;

export type IntegerKind = keyof typeof INTEGER_RANGES;

export const isInteger = (kind: string): kind is IntegerKind => Object.hasOwn(INTEGER_RANGES, kind);

/** Texts that are listed in messages to people. */
const CHOICES_SHOWN_MAX = 8;

/** `one of "a", "b"` */
export const nameChoices = (texts: readonly string[]): string => {
  const shown = texts.slice(0, CHOICES_SHOWN_MAX).map((text) => JSON.stringify(text));
  if (shown.length < texts.length) shown.push(`... (${texts.length})`);
  return `one of ${shown.join(', ')}`;
};

/** How a shape is called in messages to people: `f64`, `list of text`, `one of "a", "b"`. */
export const nameShape = (shape: Shape): string => {
  switch (shape.kind) {
    case 'oneOf':
      return nameChoices(shape.values);
    case 'ref':
      return 'ref';
    case 'array':
      return `${shape.element}s`;
    case 'optional':
      return nameShape(shape.of);
    case 'list':
      return `list of ${nameShape(shape.of)}`;
    case 'union':
      return `union by ${JSON.stringify(shape.tag)}`;
    default:
      return shape.kind;
  }
};

/** A text that is equal for two shapes exactly when their layouts are. */
export const spellShape = (shape: Shape): string => {
  switch (shape.kind) {
    case 'oneOf':
      return `oneOf(${JSON.stringify(shape.values)})`;
    case 'ref':
      return 'ref';
    case 'array':
      return `${shape.element}s`;
    case 'optional':
      return `optional(${spellShape(shape.of)})`;
    case 'list':
      return `list(${spellShape(shape.of)})`;
    case 'record':
      return `{${shape.fields.map(([name, of]) => `${JSON.stringify(name)}:${spellShape(of)}`).join()}}`;
    case 'union':
      return `union(${JSON.stringify(shape.tag)},${shape.variants.map(([name, of]) => JSON.stringify(name) + spellShape(of)).join()})`;
    default:
      return shape.kind;
  }
};

/** The same shape with every view as bytes: laid out alike, but what is read is a copy. */
export const withoutViews = (shape: Shape): Shape => {
  const inRecord = (record: RecordShape): RecordShape => ({
    kind: 'record',
    fields: record.fields.map(([name, of]) => [name, withoutViews(of)] as const),
  });
  switch (shape.kind) {
    case 'view':
      return { kind: 'bytes' };
    case 'optional':
    case 'list':
      return { kind: shape.kind, of: withoutViews(shape.of) };
    case 'record':
      return inRecord(shape);
    case 'union':
      return { ...shape, variants: shape.variants.map(([name, variant]) => [name, inRecord(variant)] as const) };
    default:
      return shape;
  }
};

export const holdsView = (shape: Shape): boolean => spellShape(shape) !== spellShape(withoutViews(shape));
