/**
 * The seam to shared memory: every access of this folder to a word that two threads can see goes through here.
 *
 * The name of a function says how strong the access is (the habit of JCTools' `lp`/`lv`/`so` prefixes), so that a
 * reader of the rings never has to guess:
 *
 * | name          | flavour                      | who may use it                                              |
 * | ------------- | ---------------------------- | ----------------------------------------------------------- |
 * | `loadPlain`   | unordered                    | the word's owner, or a reader that a shared load has ordered |
 * | `storePlain`  | unordered                    | the word's owner, before it publishes                       |
 * | `loadShared`  | sequentially consistent load | anybody                                                     |
 * | `publish`     | sequentially consistent store | the word's owner                                            |
 * | `exchange`    | sequentially consistent swap | anybody                                                     |
 * | `compareExchange` | the same, if the word holds what is expected | anybody                                 |
 * | `waitOn`      | sleeps while the word holds a value | a thread that may block                              |
 * | `waitOnAsync` | the same for an event loop   | anybody                                                     |
 * | `wake`        | wakes the sleepers of a word | anybody                                                     |
 * | `pauseHint`   | touches no memory            | anybody who polls                                           |
 *
 * JavaScript has nothing between unordered and sequentially consistent (ECMA-262, Memory Model). A program without
 * data races behaves sequentially consistently, so each word below is either always accessed by the shared
 * flavours, or handed from its writer to its reader by a `publish` that a `loadShared` reads. (`readRingCounters`
 * excepted: what it reads of plain words is advisory. It reads by `loadShared`, which keeps its loads in order.)
 *
 * It is a module of functions and not an object that is passed around, so that an engine can inline them, and so
 * that a second build can replace exactly this file by one that records or interleaves every access.
 */

export const loadPlain = (words: Int32Array, index: number): number => words[index] as number;

export const storePlain = (words: Int32Array, index: number, value: number): void => {
  words[index] = value;
};

export const loadShared = (words: Int32Array, index: number): number => Atomics.load(words, index);

export const publish = (words: Int32Array, index: number, value: number): void => {
  Atomics.store(words, index, value);
};

export const exchange = (words: Int32Array, index: number, value: number): number =>
  Atomics.exchange(words, index, value);

/** Returns what the word held: `expected` if it holds `value` now. */
export const compareExchange = (words: Int32Array, index: number, expected: number, value: number): number =>
  Atomics.compareExchange(words, index, expected, value);

export const waitOn = (
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number,
): 'ok' | 'not-equal' | 'timed-out' => Atomics.wait(words, index, value, timeoutMs);

/**
 * Resolves when the word is woken; `undefined` when it no longer holds `value`. There is no time limit on purpose:
 * with one, each wait keeps some 300 bytes until the limit has passed, however early it was woken.
 */
export const waitOnAsync = (words: Int32Array, index: number, value: number): Promise<unknown> | undefined => {
  const outcome = Atomics.waitAsync(words, index, value);
  return outcome.async ? outcome.value : undefined;
};

export const wake = (words: Int32Array, index: number): number => Atomics.notify(words, index);

/** Tells the processor that the thread is polling; engines from 2025 on have it. */
export const pauseHint = (Atomics as { pause?: () => void }).pause;
