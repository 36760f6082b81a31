/**
 * Values that are made to reach a prototype, or to have code of theirs called, by whoever is careless with what it is
 * sent. Each may be refused, or arrive as plain data; nothing else may come of it.
 */

export interface Attack {
  readonly name: string;
  /** The value. `called` is for code that nobody who sends or receives has a reason to call. */
  readonly make: (called: (what: string) => void) => unknown;
}

/** Names that mean something to JavaScript, to Promises, to JSON, to Errors or to heddle. */
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'catch',
  'toJSON',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__proto__.polluted',
  'constructor.prototype.polluted',
  'length',
  'size',
  'buffer',
  'byteLength',
  'next',
  'return',
  '@@iterator',
  'Symbol(Symbol.iterator)',
  'name',
  'message',
  'stack',
  'cause',
  'code',
  'kind',
  'shape',
  'handlers',
  'heddle.ref',
  'heddle.field',
] as const;

/** What may be called to show a value to people, such as one that was thrown. */
const SHOWING: ReadonlySet<string> = new Set(['toString', 'valueOf', 'toPrimitive']);

/** A function that tells when it is called, and is not to be. */
const trap =
  (called: (what: string) => void, name: string): (() => string) =>
  () => {
    if (!SHOWING.has(name)) called(name);
    return name;
  };

/** As JSON: so a key "__proto__" is a member, and no prototype. */
const PAYLOADS = ['{ "polluted": true }', '{ "prototype": { "polluted": true } }', '"polluted"', 'null'] as const;

const keys: readonly Attack[] = KEYS.flatMap((key) =>
  PAYLOADS.map((payload) => ({
    name: `the key ${key} with ${payload}`,
    make: () => JSON.parse(`{ ${JSON.stringify(key)}: ${payload} }`) as unknown,
  })),
);

const functions: readonly Attack[] = KEYS.filter((key) => key !== '__proto__').map((key) => ({
  name: `a function called ${key}`,
  make: (called) => ({ [key]: trap(called, key) }),
}));

const accessors: readonly Attack[] = KEYS.map((key) => ({
  name: `an accessor called ${key}`,
  make: (called) =>
    Object.defineProperty({}, key, {
      enumerable: true,
      get: () => ({ polluted: true }),
      set: () => called(`the setter of ${key}`),
    }),
}));

const hidden: readonly Attack[] = (['then', 'toJSON', 'constructor', 'length'] as const).flatMap((key) =>
  [() => ({}), () => new Map([[key, 1]]), () => new Set([key]), () => new Date(0), () => new Uint8Array(8)].map(
    (make) => ({
      name: `a hidden ${key} on ${make}`,
      make: (called) => Object.defineProperty(make(), key, { value: trap(called, key), configurable: true }) as unknown,
    }),
  ),
);

const SYMBOLS = [
  'iterator',
  'asyncIterator',
  'toPrimitive',
  'toStringTag',
  'species',
  'hasInstance',
  'isConcatSpreadable',
  'unscopables',
] as const;

const symbols: readonly Attack[] = SYMBOLS.map((symbol) => ({
  name: `the key Symbol.${symbol}`,
  make: (called) => ({ [Symbol[symbol]]: trap(called, symbol) }),
}));

/** Classes whose instances say that others are to be made by a function of theirs. */
const species: readonly Attack[] = [
  class extends Array<unknown> {},
  class extends Map<unknown, unknown> {},
  class extends Set<unknown> {},
  class extends Uint8Array {},
  class extends Float64Array {},
  class extends Date {},
].map((Class) => ({
  name: `an instance of a subclass of ${Object.getPrototypeOf(Class).name} with a species and a constructor`,
  make: (called) => {
    class Hostile extends (Class as unknown as new () => object) {
      static get [Symbol.species](): unknown {
        called('species');
        return Object;
      }
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then(): void {
        called('then');
      }
      toJSON(): void {
        called('toJSON');
      }
    }
    return new Hostile();
  },
}));

const proxyOf =
  (target: object, handler: ProxyHandler<object>): Attack['make'] =>
  () =>
    new Proxy(target, handler);

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const proxies: readonly Attack[] = [
  ['says that it has a key __proto__', proxyOf({ ['__proto__']: 1 }, { get: () => ({ polluted: true }) })],
  ['has Array.prototype', proxyOf({ length: 1, 0: 'x' }, { getPrototypeOf: () => Array.prototype })],
  ['has a prototype of a proxy', proxyOf({ a: 1 }, { getPrototypeOf: () => new Proxy({}, {}) })],
  ['is an array with 2^32 elements', proxyOf([], { get: (_, key) => (key === 'length' ? 2 ** 32 : undefined) })],
  ['is an array of functions', proxyOf([], { get: (_, key) => (key === 'length' ? 1 : () => 'x'), has: () => true })],
  [
    'throws at every touch',
    proxyOf(
      {},
      {
        ownKeys: () => {
          throw new TypeError('no');
        },
      },
    ),
  ],
  [
    'throws something strange',
    proxyOf(
      {},
      {
        getPrototypeOf: () => {
          throw Object.create(null);
        },
      },
    ),
  ],
  ['is revoked', revoked],
].map(([name, make]) => ({ name: `a proxy that ${name as string}`, make: make as Attack['make'] }));

const iterating = (value: object, entries: () => Iterable<unknown>): object =>
  Object.assign(value, { [Symbol.iterator]: () => entries()[Symbol.iterator]() });

const iterators: readonly Attack[] = [
  {
    name: 'a Map of other entries',
    make: () => iterating(new Map([[1, 2]]), () => [['__proto__', { polluted: true }]]),
  },
  { name: 'a Map of no entries', make: () => iterating(new Map([[1, 2]]), () => [null]) },
  {
    name: 'a Map without an end',
    make: () =>
      iterating(new Map([[1, 2]]), function* () {
        for (;;) yield ['__proto__', 1];
      }),
  },
  { name: 'a Set of functions', make: (called) => iterating(new Set([1]), () => [trap(called, 'an element')]) },
  {
    name: 'a Set without an end',
    make: () =>
      iterating(new Set([1]), function* () {
        for (;;) yield 1;
      }),
  },
  {
    name: 'a Map whose iterator throws',
    make: () =>
      iterating(new Map(), () => {
        throw new Error('no');
      }),
  },
];

const others: readonly Attack[] = [
  { name: 'a prototype of its own', make: () => Object.create({ polluted: true }) as unknown },
  {
    name: 'a prototype without one',
    make: () => Object.create(Object.create(null, { polluted: { value: true } })) as unknown,
  },
  {
    name: 'no prototype',
    make: () => Object.assign(Object.create(null), { constructor: 1, ['__proto__x']: 2 }) as unknown,
  },
  { name: 'Object.prototype', make: () => Object.prototype },
  { name: 'Function.prototype', make: () => Function.prototype },
  { name: 'a class', make: () => class {} },
  { name: 'a promise', make: () => Promise.resolve({ polluted: true }) },
  { name: 'a boxed text', make: () => Object('__proto__') as unknown },
  { name: 'an Error', make: () => Object.assign(new Error('no'), { constructor: { prototype: { polluted: true } } }) },
  { name: 'a tag called constructor', make: () => ({ kind: 'constructor', constructor: 'x' }) },
  { name: 'a tag called __proto__', make: () => ({ kind: '__proto__' }) },
  { name: 'a tag called toString', make: () => ({ kind: 'toString' }) },
  { name: 'the text __proto__', make: () => '__proto__' },
  { name: 'the text constructor', make: () => 'constructor' },
  { name: 'keys of a Map', make: () => new Map<unknown, unknown>(KEYS.map((key) => [key, { polluted: true }])) },
  { name: 'elements of a Set', make: () => new Set(KEYS) },
  {
    name: 'an array with members',
    make: (called) => Object.assign([1, 2], { toJSON: trap(called, 'toJSON'), polluted: true }),
  },
];

const plain: readonly Attack[] = [
  ...keys,
  ...functions,
  ...accessors,
  ...hidden,
  ...symbols,
  ...species,
  ...proxies,
  ...iterators,
  ...others,
];

/** Each as it is, and in something else. */
export const ATTACKS: readonly Attack[] = [
  ...plain,
  ...plain.map(({ name, make }): Attack => ({ name: `${name}, in an array`, make: (called) => [0, [make(called)]] })),
  ...plain.map(
    ({ name, make }): Attack => ({ name: `${name}, in a Map`, make: (called) => new Map([['k', make(called)]]) }),
  ),
];

/** Whether a value is nothing but data: no code, no accessor, no symbol, and the prototypes that such values have. */
export const isData = (value: unknown): boolean => {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (ArrayBuffer.isView(value))
    return DATA_PROTOTYPES.has(prototype) && Object.keys(value).every((key) => /^\d+$/.test(key));
  if (Array.isArray(value))
    return prototype === Array.prototype && hasOnly(value, (key) => key === 'length' || /^\d+$/.test(key));
  if (value instanceof Map) return isBare(value, Map) && [...value].flat().every(isData);
  if (value instanceof Set) return isBare(value, Set) && [...value].every(isData);
  if (value instanceof Date) return isBare(value, Date);
  return prototype === Object.prototype && hasOnly(value, () => true);
};

const DATA_PROTOTYPES: ReadonlySet<unknown> = new Set([Uint8Array.prototype, Float64Array.prototype]);

const isBare = (value: object, made: { readonly prototype: object }): boolean =>
  Object.getPrototypeOf(value) === made.prototype && Reflect.ownKeys(value).length === 0;

const hasOnly = (value: object, allowed: (key: string) => boolean): boolean =>
  Reflect.ownKeys(value).every((key) => {
    const member = Object.getOwnPropertyDescriptor(value, key)!;
    return typeof key === 'string' && allowed(key) && 'value' in member && isData(member.value);
  });
