/** What the built-in classes and their prototypes have, to see whether anything has changed it. */

const TypedArray = Object.getPrototypeOf(Uint8Array) as { readonly prototype: object };

const CLASSES: Readonly<Record<string, { readonly prototype: object }>> = {
  Object,
  Function,
  Array,
  Promise,
  Map,
  Set,
  Date,
  Error,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  RegExp,
  TypedArray,
  Uint8Array,
  Float64Array,
  ArrayBuffer,
  SharedArrayBuffer,
  Buffer,
};

const WATCHED: readonly (readonly [name: string, object: object])[] = Object.entries(CLASSES).flatMap(
  ([name, made]) =>
    [
      [name, made],
      [`${name}.prototype`, made.prototype],
    ] as const,
);

interface Snapshot {
  readonly prototype: unknown;
  readonly members: ReadonlyMap<PropertyKey, PropertyDescriptor>;
}

const snapshot = (object: object): Snapshot => ({
  prototype: Object.getPrototypeOf(object),
  members: new Map(Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)!])),
});

/** Members by their names, with what they are: to be compared by identity, without a look into them. */
export const snapshotOf = (): readonly Snapshot[] => WATCHED.map(([, object]) => snapshot(object));

const DESCRIPTOR_KEYS = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const;

const isSame = (one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean =>
  one !== undefined && other !== undefined && DESCRIPTOR_KEYS.every((key) => Object.is(one[key], other[key]));

/** What has changed since: `Object.prototype.polluted`, or the name alone where an object has another prototype. */
export const changesOf = (before: readonly Snapshot[]): string[] =>
  WATCHED.flatMap(([name, object], index) => {
    const old = before[index]!;
    const now = snapshot(object);
    const keys = new Set([...old.members.keys(), ...now.members.keys()]);
    const changed = [...keys].filter((key) => !isSame(old.members.get(key), now.members.get(key)));
    const members = changed.map((key) => `${name}.${String(key)}`);
    return old.prototype === now.prototype ? members : [name, ...members];
  });
