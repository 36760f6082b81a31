/**
 * One step of a thread: an access to a shared word, or what a thread does when it makes none.
 *
 * | kind                      | result that the thread is given                                          |
 * | ------------------------- | ------------------------------------------------------------------------ |
 * | `loadPlain`, `loadShared` | the value of the word                                                    |
 * | `storePlain`, `publish`   | `DONE`                                                                   |
 * | `exchange`                | the value that the word had                                              |
 * | `compareExchange`         | the same; it stores if that is what was expected                         |
 * | `wait`                    | `DONE` once it was woken, `NOT_EQUAL`, or `TIMED_OUT` if it is `limited` |
 * | `waitAsync`               | `DONE` if there is a promise to wait for, or `NOT_EQUAL`                 |
 * | `wake`                    | how many threads it woke                                                 |
 * | `idle`                    | `DONE` once the promise of `waitAsync` is resolved                       |
 * | `end`                     | none: the thread's program has returned                                  |
 * | `failure`                 | none: the program has thrown                                             |
 */
export type AccessKind =
  | 'loadPlain'
  | 'storePlain'
  | 'loadShared'
  | 'publish'
  | 'exchange'
  | 'compareExchange'
  | 'wait'
  | 'waitAsync'
  | 'wake'
  | 'idle'
  | 'end'
  | 'failure';

export interface Access {
  readonly kind: AccessKind;
  /** Index of the word in the ring. */
  readonly word: number;
  /** What is stored, or expected by a wait. */
  readonly value: number;
  /** What a `compareExchange` expects. */
  readonly expected?: number;
  /** Whether a wait has a time limit. */
  readonly limited?: boolean;
  /** What a failure threw. */
  readonly error?: Error;
}

export const DONE = 0;
export const NOT_EQUAL = 1;
export const TIMED_OUT = 2;
