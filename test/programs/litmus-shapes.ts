/**
 * Litmus tests of the ways to access shared memory that `native-free-queues/memory.ts` names: what two threads do with a
 * few words, once each, and which pairs of results there may be (the method of jcstress).
 *
 * A side that reads two words gives them as two digits. An outcome is what the left side has seen and what the right
 * one has: `0,12`. One that is not in the table is forbidden too.
 */
import { exchange, loadPlain, loadShared, publish, storePlain, waitOn, wake } from '../../native-free-queues/memory.js';

export type Verdict =
  /** One thread after the other, or a mixture of their steps. */
  | 'acceptable'
  /** No order of the steps explains it: the processor or the engine has changed it. Allowed here. */
  | 'interesting'
  /** The same, where the rings rely on its not happening. */
  | 'forbidden';

/** What a side does with its words, which begin at `at`; the result has at most two digits. */
export type Side = (words: Int32Array, at: number) => number;

export interface Shape {
  readonly name: string;
  readonly left: Side;
  readonly right: Side;
  readonly outcomes: Readonly<Record<string, Verdict>>;
  /** Words that do not begin at 0. */
  readonly begin?: (words: Int32Array, at: number) => void;
  /** Iterations of a round, where a side that has slept would find that the other one has done all the rest. */
  readonly perRound?: number;
}

/** Words that do not share a cache line. */
const APART = 16;
const X = 0;
const Y = APART;
const Z = 2 * APART;
/** Words of one iteration. */
export const SHAPE_WORDS = 4 * APART;
/** Between the words by which the two sides meet. */
export const MEETING_WORDS_APART = 2 * APART;

const AWAKE = 0;
const ASLEEP = 1;
/** Much longer than any wake takes. */
const LONG_MS = 20_000;

/** As `Doorbell.ring`. */
const ring = (words: Int32Array, bell: number): boolean => {
  if (loadShared(words, bell) !== ASLEEP || exchange(words, bell, AWAKE) !== ASLEEP) return false;
  wake(words, bell);
  return true;
};

/** The last position before an `Int32` turns negative. */
const LAST = (2 ** 31 - 8) | 0;
const HIGHEST = 0x7fff_ffff;
const LOWEST = ~HIGHEST;

const digits = (first: number, second: number): number => first * 10 + second;

export const SHAPES: readonly Shape[] = [
  {
    name: 'store buffering: publish one word, look at the other',
    left: (words, at) => {
      publish(words, at + X, 1);
      return loadShared(words, at + Y);
    },
    right: (words, at) => {
      publish(words, at + Y, 1);
      return loadShared(words, at + X);
    },
    // The forbidden: both sides would sleep.
    outcomes: { '0,1': 'acceptable', '1,0': 'acceptable', '1,1': 'acceptable', '0,0': 'forbidden' },
  },
  {
    name: 'store buffering of plain words',
    left: (words, at) => {
      storePlain(words, at + X, 1);
      return loadPlain(words, at + Y);
    },
    right: (words, at) => {
      storePlain(words, at + Y, 1);
      return loadPlain(words, at + X);
    },
    outcomes: { '0,1': 'acceptable', '1,0': 'acceptable', '1,1': 'acceptable', '0,0': 'interesting' },
  },
  {
    name: 'store buffering: exchange one word, look at the other',
    left: (words, at) => {
      exchange(words, at + X, 1);
      return loadShared(words, at + Y);
    },
    right: (words, at) => {
      exchange(words, at + Y, 1);
      return loadShared(words, at + X);
    },
    outcomes: { '0,1': 'acceptable', '1,0': 'acceptable', '1,1': 'acceptable', '0,0': 'forbidden' },
  },
  {
    name: 'message passing: a record, then the tail',
    left: (words, at) => {
      storePlain(words, at + X, 1);
      publish(words, at + Y, 1);
      return 0;
    },
    right: (words, at) => {
      const tail = loadShared(words, at + Y);
      return digits(tail, loadPlain(words, at + X));
    },
    // The forbidden: the tail without the record.
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '0,11': 'acceptable', '0,10': 'forbidden' },
  },
  {
    name: 'message passing of plain words',
    left: (words, at) => {
      storePlain(words, at + X, 1);
      storePlain(words, at + Y, 1);
      return 0;
    },
    right: (words, at) => {
      const tail = loadPlain(words, at + Y);
      return digits(tail, loadPlain(words, at + X));
    },
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '0,11': 'acceptable', '0,10': 'interesting' },
  },
  {
    name: 'two batches: no tail is ahead of its records',
    left: (words, at) => {
      storePlain(words, at + X, 1);
      publish(words, at + Z, 1);
      storePlain(words, at + Y, 1);
      publish(words, at + Z, 2);
      return 0;
    },
    right: (words, at) => {
      const tail = loadShared(words, at + Z);
      return digits(tail, loadPlain(words, at + X) + loadPlain(words, at + Y));
    },
    outcomes: {
      '0,0': 'acceptable',
      '0,1': 'acceptable',
      '0,2': 'acceptable',
      '0,11': 'acceptable',
      '0,12': 'acceptable',
      '0,22': 'acceptable',
      '0,10': 'forbidden',
      '0,20': 'forbidden',
      '0,21': 'forbidden',
    },
  },
  {
    name: 'wrap: a tail that turns over is one step away, and its record is there',
    begin: (words, at) => {
      words[at + Y] = LAST;
    },
    left: (words, at) => {
      storePlain(words, at + X, 1);
      publish(words, at + Y, (LAST + 8) | 0);
      return 0;
    },
    right: (words, at) => {
      const distance = (loadShared(words, at + Y) - LAST) | 0;
      return digits(distance / 8, loadPlain(words, at + X));
    },
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '0,11': 'acceptable', '0,10': 'forbidden' },
  },
  {
    name: 'slot reuse: what is read before its room is given back is not what is written there next',
    left: (words, at) => {
      const record = loadPlain(words, at + X);
      publish(words, at + Y, 1);
      return record;
    },
    right: (words, at) => {
      const head = loadShared(words, at + Y);
      if (head === 1) storePlain(words, at + X, 1);
      return head;
    },
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '1,1': 'forbidden' },
  },
  {
    name: 'load buffering: look at one word, publish the other',
    left: (words, at) => {
      const seen = loadShared(words, at + X);
      publish(words, at + Y, 1);
      return seen;
    },
    right: (words, at) => {
      const seen = loadShared(words, at + Y);
      publish(words, at + X, 1);
      return seen;
    },
    // The forbidden: each would have seen what is written behind its look.
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '1,0': 'acceptable', '1,1': 'forbidden' },
  },
  {
    name: 'coherence: a word never goes back',
    left: (words, at) => {
      publish(words, at + X, 1);
      publish(words, at + X, 2);
      return 0;
    },
    right: (words, at) => {
      const first = loadShared(words, at + X);
      return digits(first, loadShared(words, at + X));
    },
    outcomes: {
      '0,0': 'acceptable',
      '0,1': 'acceptable',
      '0,2': 'acceptable',
      '0,11': 'acceptable',
      '0,12': 'acceptable',
      '0,22': 'acceptable',
      '0,10': 'forbidden',
      '0,20': 'forbidden',
      '0,21': 'forbidden',
    },
  },
  {
    name: 'coherence: both sides agree which of two stores is the last',
    left: (words, at) => {
      publish(words, at + X, 1);
      return loadShared(words, at + X);
    },
    right: (words, at) => {
      publish(words, at + X, 2);
      return loadShared(words, at + X);
    },
    outcomes: { '1,2': 'acceptable', '1,1': 'acceptable', '2,2': 'acceptable', '2,1': 'forbidden' },
  },
  {
    name: 'no tearing: a plain word is the old one or the new one',
    begin: (words, at) => {
      words[at + X] = HIGHEST;
    },
    left: (words, at) => {
      storePlain(words, at + X, LOWEST);
      return 0;
    },
    right: (words, at) => {
      const seen = loadPlain(words, at + X);
      return seen === HIGHEST ? 0 : seen === LOWEST ? 1 : 2;
    },
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '0,2': 'forbidden' },
  },
  {
    name: 'closing: who sees that nothing more comes sees the last tail',
    left: (words, at) => {
      publish(words, at + X, 1);
      publish(words, at + Y, 1);
      return 0;
    },
    right: (words, at) => {
      const closed = loadShared(words, at + Y);
      return digits(closed, loadShared(words, at + X));
    },
    outcomes: { '0,0': 'acceptable', '0,1': 'acceptable', '0,11': 'acceptable', '0,10': 'forbidden' },
  },
  {
    name: 'two ringers: exactly one of them wakes the sleeper',
    begin: (words, at) => {
      words[at + X] = ASLEEP;
    },
    left: (words, at) => Number(ring(words, at + X)),
    right: (words, at) => Number(ring(words, at + X)),
    outcomes: { '0,1': 'acceptable', '1,0': 'acceptable', '0,0': 'forbidden', '1,1': 'forbidden' },
  },
  {
    name: 'a wish for room: the producer sees the head, or the consumer sees the wish and rings',
    left: (words, at) => {
      publish(words, at + X, ASLEEP);
      publish(words, at + Y, 1);
      return loadShared(words, at + Z);
    },
    right: (words, at) => {
      publish(words, at + Z, 1);
      if (loadShared(words, at + Y) === 0 || exchange(words, at + Y, 0) === 0) return 0;
      return Number(ring(words, at + X));
    },
    // The forbidden: the producer would sleep beside a ring with room.
    outcomes: { '0,1': 'acceptable', '1,0': 'acceptable', '1,1': 'acceptable', '0,0': 'forbidden' },
  },
  {
    name: 'a sleep: who finds no news is woken (1) or was rung before (2)',
    left: (words, at) => {
      publish(words, at + X, ASLEEP);
      if (loadShared(words, at + Y) === 1) return 0;
      return ['ok', 'not-equal', 'timed-out'].indexOf(waitOn(words, at + X, ASLEEP, LONG_MS)) + 1;
    },
    right: (words, at) => {
      publish(words, at + Y, 1);
      return Number(ring(words, at + X));
    },
    // 3: a sleep that its time limit has ended.
    outcomes: {
      '0,0': 'acceptable',
      '0,1': 'acceptable',
      '1,1': 'acceptable',
      '2,1': 'acceptable',
      '1,0': 'forbidden',
      '2,0': 'forbidden',
      '3,0': 'forbidden',
      '3,1': 'forbidden',
    },
    perRound: 8,
  },
];
