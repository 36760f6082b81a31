/**
 * The messages of the one-way workloads. `prepare` makes what the sender needs before its time runs; `score` is what the
 * receiver adds up, so that it has to look at every field.
 */
interface Payload<T> {
  readonly prepare: (count: number) => (index: number) => T;
  readonly score: (message: T) => number;
}

/** Messages that are sent in one go, before the sender waits for something. */
export const BURST = 1_024;

export interface Pair {
  readonly i: number;
  readonly f: number;
}

export interface Order {
  readonly id: number;
  readonly name: string;
  readonly ts: number;
  readonly tags: string[];
}

const pair: Payload<Pair> = {
  prepare: () => (index) => ({ i: index & 1023, f: 0.5 }),
  score: ({ i, f }) => i + f,
};

const scoreOrder = ({ id, name, ts, tags }: Order): number => id + name.length + ts + tags.length;

/** The same texts again and again, as names of things are. */
const order: Payload<Order> = {
  prepare: () => (index) => ({ id: index, name: 'abcdefghijkl', ts: index + 0.5, tags: ['alpha', 'beta', 'gamma'] }),
  score: scoreOrder,
};

const NAME_LENGTH = 12;
const TAG_LENGTH = 6;
const TAGS = 3;
/** Texts are numbers in this base, so that all have different characters everywhere. */
const BASE = 36;

let freshTexts = 0;
/** A text that this process has not seen before. */
const freshText = (length: number): string => {
  freshTexts++;
  const digits = Math.imul(freshTexts, 0x9e3779b1) >>> 0;
  return `${freshTexts.toString(BASE)}${digits.toString(BASE)}`.padEnd(length, 'x').slice(-length);
};

/** Texts that were never sent before, made before the time runs. */
const freshOrder: Payload<Order> = {
  prepare: (count) => {
    const names = Array.from({ length: count }, () => freshText(NAME_LENGTH));
    const tags = Array.from({ length: count * TAGS }, () => freshText(TAG_LENGTH));
    return (index) => {
      const first = index * TAGS;
      return {
        id: index,
        name: names[index]!,
        ts: index + 0.5,
        tags: [tags[first]!, tags[first + 1]!, tags[first + 2]!],
      };
    };
  },
  score: scoreOrder,
};

const BLOCK_BYTES = 1024;
/** Arrays that are made before the time runs and sent in turn; together they fit into a cache. */
const BLOCKS = 512;
const LINE_BYTES = 64;

/** Reads one byte of each cache line of the block that begins at `start`. */
export const scoreBlock = (block: Uint8Array, start = 0): number => {
  let sum = 0;
  for (let at = start; at < start + BLOCK_BYTES; at += LINE_BYTES) sum += block[at]!;
  return sum;
};

const block: Payload<Uint8Array> = {
  prepare: () => {
    const blocks = Array.from({ length: BLOCKS }, (_, index) => new Uint8Array(BLOCK_BYTES).fill(index));
    return (index) => blocks[index % BLOCKS]!;
  },
  score: scoreBlock,
};

/** Eight kinds of messages; the one of number `index` is of kind `index % 8`. */
type Mixed =
  | { readonly kind: 'tick' }
  | { readonly kind: 'count'; readonly by: number }
  | { readonly kind: 'price'; readonly id: number; readonly value: number }
  | { readonly kind: 'point'; readonly x: number; readonly y: number; readonly z: number }
  | { readonly kind: 'level'; readonly sensor: number; readonly level: number }
  | { readonly kind: 'toggle'; readonly on: boolean; readonly at: number }
  | { readonly kind: 'span'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'sample';
      readonly id: number;
      readonly low: number;
      readonly high: number;
      readonly mean: number;
    };

export const MIXED_KINDS = 8;

const makeMixed = (index: number): Mixed => {
  const small = index & 127;
  switch (index & 7) {
    case 0:
      return { kind: 'tick' };
    case 1:
      return { kind: 'count', by: small };
    case 2:
      return { kind: 'price', id: small, value: 0.5 };
    case 3:
      return { kind: 'point', x: small, y: 0.25, z: 0.25 };
    case 4:
      return { kind: 'level', sensor: small, level: 1 };
    case 5:
      return { kind: 'toggle', on: true, at: small };
    case 6:
      return { kind: 'span', from: small, to: small + 1 };
    default:
      return { kind: 'sample', id: small, low: 0.5, high: 0.5, mean: 1 };
  }
};

const scoreMixed = (message: Mixed): number => {
  switch (message.kind) {
    case 'tick':
      return 1;
    case 'count':
      return message.by;
    case 'price':
      return message.id + message.value;
    case 'point':
      return message.x + message.y + message.z;
    case 'level':
      return message.sensor + message.level;
    case 'toggle':
      return message.on ? message.at : 0;
    case 'span':
      return message.to - message.from;
    case 'sample':
      return message.id + message.low + message.high + message.mean;
  }
};

const mixed: Payload<Mixed> = { prepare: () => makeMixed, score: scoreMixed };

export const PAYLOADS = { pair, order, freshOrder, block, mixed } as const;

export type PayloadName = keyof typeof PAYLOADS;

/** What the receiver of `count` messages must have added up. Texts are as long as any others, so fresh ones need no making. */
export const expectedSum = (name: PayloadName, count: number): number => {
  const { prepare, score } = PAYLOADS[name === 'freshOrder' ? 'order' : name] as Payload<unknown>;
  const make = prepare(count);
  let sum = 0;
  for (let index = 0; index < count; index++) sum += score(make(index));
  return sum;
};
