/** What `ring-victim.ts` is to do, and the words by which it and its test talk. */
import type { RingPlace } from 'heddle/queues';

/** Where a victim stops at a bell: in front of the ring, or between its swap and its wake. */
export type Stop = 'before the ring' | 'before the wake';

export interface VictimTask {
  readonly place: RingPlace;
  readonly does: 'write' | 'publish' | 'release' | 'read';
  readonly seed: number;
  /** The words of `ControlWord`. */
  readonly control: Int32Array;
  readonly stop?: Stop;
  /** Where in the ring's view the bell of the other end lies. */
  readonly bellWord?: number;
  /** Records to publish or to take before the stop. */
  readonly records?: number;
}

/** What a victim and its test tell each other. */
export const ControlWord = {
  /** Written by the test: how many steps the victim may begin. */
  told: 0,
  /** Written by the victim: how many steps it has ended. */
  reached: 1,
  /** Written by the test before the first step: number of the next record. */
  first: 2,
  /** Records that the victim has begun to write. */
  begun: 3,
  /** Records that it has committed, or taken. */
  done: 4,
  /** Of the record that it began last: its number, its length, and the first word of its payload. */
  number: 5,
  words: 6,
  payload: 7,
  /** 1: a record that it took was not as it must be. */
  faulty: 8,
} as const;
export const CONTROL_WORDS = 9;
