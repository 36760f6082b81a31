/**
 * What all programs of this folder have in common: what is asked of one, and what it answers.
 *
 * Programs are those of the Savina suite (S. Imam and V. Sarkar, 2014), by their published definitions. Three things are
 * said once for all:
 *
 * - The time runs from before the first actor is made until the last one has ended; the system and its threads are there
 *   before. A program checks what it has computed, and throws if it is wrong, so no time stands for a wrong result.
 * - `messages` are those that the definition counts. Refs travel in messages and not in the arguments of a spawn, so actors
 *   are told whom they work with by a message more, which is answered before the work begins: else a message of somebody
 *   else could overtake it. That, and the reports at the end, are not counted.
 * - Nothing is unbounded: whoever sends more than a few messages awaits `room`.
 */
import type { System } from 'heddle';

export type Parameters<Name extends string = string> = Readonly<Record<Name, number>>;

export interface Played {
  /** From before the first actor is made until the last one has ended. */
  readonly ms: number;
  readonly messages: number;
  readonly figure: { readonly value: number; readonly unit: string };
  readonly better: 'less' | 'more';
}

export const SIZES = ['faithful', 'usual', 'quick'] as const;
/** The defaults of the suite; about a second on two cores; for tests. */
export type Size = (typeof SIZES)[number];

export interface Program<Name extends string = string> {
  readonly name: string;
  /** What it stresses. */
  readonly title: string;
  readonly sizes: Readonly<Record<Size, Parameters<Name>>>;
  /** @throws WrongResult, or what an actor has failed with */
  run(system: System, parameters: Parameters<Name>): Promise<Played>;
}

const MS_PER_SECOND = 1_000;
const NANOSECONDS_PER_MS = 1e6;

/** A result whose figure is how many of something are done in a second. */
export const rate = (ms: number, messages: number, count: number, what: string): Played => ({
  ms,
  messages,
  figure: { value: (count / ms) * MS_PER_SECOND, unit: `${what}/s` },
  better: 'more',
});

/** A result whose figure is how long one of something takes. */
export const duration = (ms: number, messages: number, count: number, what: string): Played => ({
  ms,
  messages,
  figure: { value: (ms / count) * NANOSECONDS_PER_MS, unit: `ns/${what}` },
  better: 'less',
});
