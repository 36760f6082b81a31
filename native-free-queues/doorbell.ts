/**
 * A doorbell: one word that one thread sleeps on and that every other thread may ring.
 *
 * ```
 *            arm (owner)                    Who writes the word: its owner arms and disarms it,
 *    AWAKE ---------------> ASLEEP          a ringer swaps ASLEEP for AWAKE.
 *      ^  <---------------    |             Who reads it: ringers, after they have published something.
 *      |    disarm (owner)    |
 *      +----------------------+
 *        ring (anybody), then wake
 * ```
 *
 * No wake-up is lost because both sides write first and look afterwards (Dekker's pattern, which needs sequential
 * consistency on all four accesses):
 *
 * | sleeper                              | ringer                                   |
 * | ------------------------------------ | ---------------------------------------- |
 * | `arm`: publish ASLEEP                | publish the news (a ring's tail or head) |
 * | look for news; found: `disarm`       | `ring`: load the word; ASLEEP: swap, wake |
 * | sleep while the word says ASLEEP     |                                          |
 *
 * At least one of the two sees what the other wrote. The word is a flag and not a counter of rings: a 32-bit counter
 * that goes round exactly once between look and sleep would be mistaken for silence, a flag cannot be.
 *
 * A ringer's thread may be ended at any step. Before the swap the word still says ASLEEP, and the next ring wakes the
 * sleeper; between the swap and the wake it says AWAKE over a sleeper that no ring would ever wake again. Therefore
 * whoever learns that a thread has ended does not ring for it, but uses `rouse`. (To wake first and swap then is no way
 * out: the owner may have gone back to sleep in between, and the late swap would hide that.)
 */
import { exchange, loadShared, publish, waitOn, waitOnAsync, wake } from './memory.js';

const AWAKE = 0;
const ASLEEP = 1;

export class Doorbell {
  readonly #words: Int32Array;
  readonly #index: number;
  /** The one `waitAsync` that is outstanding; a sleep that ended otherwise leaves it for the next. */
  #listening: Promise<unknown> | undefined;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /**
   * Called by whoever has just published something that the owner may be waiting for. Wakes the owner if it sleeps,
   * and says whether it did. With nobody asleep it costs one load.
   */
  ring(): boolean {
    // Pairs with `arm`: this load comes after the caller's publish, that publish before the sleeper's look. A check
    // before the publish would let both sides miss each other.
    if (loadShared(this.#words, this.#index) !== ASLEEP) return false;
    // A swap and not a store: of several ringers exactly one pays for the wake.
    if (exchange(this.#words, this.#index, AWAKE) !== ASLEEP) return false;
    // Pairs with `waitOn`/`waitOnAsync` in the sleeps below.
    wake(this.#words, this.#index);
    return true;
  }

  /**
   * Called on behalf of a thread that has ended, which may have been about to ring, or in the middle of it: wakes the
   * owner whatever the word says. Returns whether it found the owner asleep. Costs a wake each time, so it is not for news.
   */
  rouse(): boolean {
    exchange(this.#words, this.#index, AWAKE);
    // Pairs with `waitOn`/`waitOnAsync` in the sleeps below.
    return wake(this.#words, this.#index) > 0;
  }

  /** Whether the owner has said that it sleeps. Advisory: it may be waking at this moment. */
  get asleep(): boolean {
    return loadShared(this.#words, this.#index) === ASLEEP;
  }

  /** Owner: announces the sleep. Look for news once more after this and before sleeping. */
  arm(): void {
    // Pairs with the load in `ring`.
    publish(this.#words, this.#index, ASLEEP);
  }

  /** Owner: takes the announcement back, after a look that found something or a sleep that ended by itself. */
  disarm(): void {
    publish(this.#words, this.#index, AWAKE);
  }

  /**
   * Owner: blocks the thread until the bell rings. Returns false if `timeoutMs` passed first.
   * Timers, I/O and promises of the thread stand still meanwhile.
   */
  block(timeoutMs: number): boolean {
    // Checks the word and falls asleep in one step: a ring between `arm` and here is seen as 'not-equal'.
    return waitOn(this.#words, this.#index, ASLEEP, timeoutMs) !== 'timed-out';
  }

  /**
   * Owner: resolves when the bell rings, or at once if it already did. The event loop goes on; the promise alone
   * does not keep a process or thread alive (nodejs/node#44729), so the caller holds a handle of its own.
   */
  listen(): Promise<unknown> {
    if (this.#listening === undefined) {
      const rung = waitOnAsync(this.#words, this.#index, ASLEEP);
      if (rung === undefined) return Promise.resolve();
      this.#listening = rung.then(() => {
        this.#listening = undefined;
      });
    }
    return this.#listening;
  }
}
