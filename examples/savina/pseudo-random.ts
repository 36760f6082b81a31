/** The generator of the suite, so that every implementation in every language draws the same numbers. */
const MULTIPLIER = 1309;
const INCREMENT = 13849;
const MASK = 0xffff;

export class PseudoRandom {
  #value: number;

  constructor(seed: number) {
    this.#value = seed;
  }

  /** From 0 to 65,535; each of them once in 65,536 draws. */
  next(): number {
    this.#value = (this.#value * MULTIPLIER + INCREMENT) & MASK;
    return this.#value;
  }

  /** Below `limit`. */
  below(limit: number): number {
    return this.next() % limit;
  }

  /** From 1 / 65,536 to 1, and small nearly always. */
  fraction(): number {
    return 1 / (this.next() + 1);
  }
}
