/**
 * How a thread made by hand waits for what another has written, and how the other wakes it.
 *
 * One word says whether the waiter sleeps: it writes 1 before its last look, the other 0 before it wakes it. Whoever has
 * published looks at the word afterwards, so either the waiter's last look finds what is there, or the other finds the word.
 */
import type { Wait } from '../adapter.js';

const AWAKE = 0;
const ASLEEP = 1;
const BYTES = 128;

/** How long an adaptive waiter spins before it sleeps: as long as heddle does by default. */
const SPIN_MS = 0.1;
const LOOKS_PER_CLOCK = 32;

export const makeBell = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES);

export class Bell {
  readonly #word: Int32Array;
  readonly #wait: Wait;

  constructor(bell: SharedArrayBuffer, wait: Wait) {
    this.#word = new Int32Array(bell);
    this.#wait = wait;
  }

  /** Wakes whoever sleeps, after something was published. */
  ring(): void {
    if (Atomics.load(this.#word, 0) === AWAKE) return;
    Atomics.store(this.#word, 0, AWAKE);
    Atomics.notify(this.#word, 0);
  }

  /** Looks until there is something: what the look has found. `idle` is called between two looks of a spin. */
  untilSome(look: () => number, idle: () => void): number {
    for (;;) {
      const found = this.#wait === 'parked' ? look() : this.#spin(look, idle);
      if (found > 0) return found;
      Atomics.store(this.#word, 0, ASLEEP);
      const late = look();
      if (late > 0) {
        Atomics.store(this.#word, 0, AWAKE);
        return late;
      }
      Atomics.wait(this.#word, 0, ASLEEP);
    }
  }

  /** 0: nothing has come for as long as it spins. */
  #spin(look: () => number, idle: () => void): number {
    const until = this.#wait === 'hot' ? Number.POSITIVE_INFINITY : performance.now() + SPIN_MS;
    for (let looks = 1; ; looks++) {
      const found = look();
      if (found > 0) return found;
      if (looks % LOOKS_PER_CLOCK === 0 && performance.now() > until) return 0;
      idle();
    }
  }
}
