/**
 * The messages that are measured. Each has a number, by which the receiver sees that none is missing, double or out of
 * order, and the time from which it is timed: 0, if it is not.
 */
import type { Order, Pair } from '../harness/payloads.js';
import type { Payload } from './adapter.js';

export interface Shape<M> {
  make(index: number, at: number): M;
  index(message: M): number;
  at(message: M): number;
  /** Whether everything else of it is as it was sent. */
  isRight(message: M): boolean;
}

export interface Block {
  readonly i: number;
  readonly at: number;
  readonly data: Uint8Array;
}

const pair: Shape<Pair> = {
  make: (i, f) => ({ i, f }),
  index: ({ i }) => i,
  at: ({ f }) => f,
  isRight: () => true,
};

const NAME = 'abcdefghijkl';
const TAGS = ['alpha', 'beta', 'gamma'];

const order: Shape<Order> = {
  make: (id, ts) => ({ id, name: NAME, ts, tags: TAGS }),
  index: ({ id }) => id,
  at: ({ ts }) => ts,
  isRight: ({ name, tags }) => name === NAME && tags.length === TAGS.length && tags.every((tag, n) => tag === TAGS[n]),
};

/** Different blocks, made beforehand and sent in turn. */
export const BLOCKS = 16;

/** What the bytes of a block of this number are. */
export const byteOf = (index: number): number => index % BLOCKS;

const blocks = (size: number): Shape<Block> => {
  const made = Array.from({ length: BLOCKS }, (_, number) => new Uint8Array(size).fill(byteOf(number)));
  return {
    make: (i, at) => ({ i, at, data: made[byteOf(i)]! }),
    index: ({ i }) => i,
    at: ({ at }) => at,
    isRight: ({ i, data }) => data.length === size && data[0] === byteOf(i) && data[size - 1] === byteOf(i),
  };
};

export const shapeOf = (payload: Payload): Shape<unknown> => {
  switch (payload.kind) {
    case 'pair':
      return pair as Shape<unknown>;
    case 'order':
      return order as Shape<unknown>;
    case 'bytes':
      return blocks(payload.size) as Shape<unknown>;
  }
};
