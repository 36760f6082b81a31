/**
 * A lock whose owner may die: its word names the life of a thread that holds it, so that whoever waits can see that
 * this life is over, and takes the lock over.
 *
 * ```
 *             acquire                      Who writes the word: whoever takes the lock swaps it in, its
 *    FREE ----------------> life A         owner puts FREE back. Who reads it: whoever wants it.
 *     ^                      |    |
 *     |       release        |    |  take over: only after A's end
 *     +----------------------+    v
 *     ^                         life B
 *     +---------------------------+
 * ```
 *
 * A life ends once, and its number does not come again, so the swap of a dead owner's number is one that only one of
 * all who wait can win. What the dead owner has left half-done is for the new one to see to.
 */
import { pause } from '../../native-free-queues/index.js';

/** What memory is filled with that nobody has touched. */
const FREE = 0;

/** The first life of the host has number 0. No thread has number 255, so this never gives `FREE`. */
const holderOf = (origin: number): number => (origin + 1) | 0;
const originOfHolder = (holder: number): number => (holder - 1) | 0;

export class NameLock {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #self: number;
  readonly #isOver: (origin: number) => boolean;

  constructor(words: Int32Array, word: number, origin: number, isOver: (origin: number) => boolean) {
    this.#words = words;
    this.#word = word;
    this.#self = holderOf(origin);
    this.#isOver = isOver;
  }

  /** Waits for the lock. Returns whether its last owner did not release it, but left it in the middle of something. */
  acquire(): boolean {
    for (;;) {
      const holder = Atomics.load(this.#words, this.#word);
      if (holder === FREE) {
        // Pairs with `release`: whoever sees FREE sees everything that was written under the lock.
        if (Atomics.compareExchange(this.#words, this.#word, FREE, this.#self) === FREE) return false;
      } else if (holder === this.#self) {
        // The same life, and nothing that runs under the lock asks for it: the stack was full in front of `release`.
        return true;
      } else if (this.#isOver(originOfHolder(holder))) {
        // Pairs with the same swap of others who wait: a plain store would let two of them in.
        if (Atomics.compareExchange(this.#words, this.#word, holder, this.#self) === holder) return true;
      }
      pause();
    }
  }

  release(): void {
    Atomics.store(this.#words, this.#word, FREE);
  }
}
