/**
 * How much of something a sample does. Two threads that are awake are hundreds of times faster with each other than two
 * that wake each other, and which it is depends on what else the machine does. So samples begin small and grow to the full
 * size as long as they take a reasonable time.
 */
const SAMPLE_MS = 500;

export class SampleSize {
  readonly #least: number;
  readonly #most: number;
  #count: number;

  constructor(least: number, most: number) {
    this.#least = least;
    this.#most = most;
    this.#count = least;
  }

  /** What the next sample does. */
  get count(): number {
    return this.#count;
  }

  /** Learns what the last sample took. */
  took(ms: number): void {
    const fitting = Math.round((this.#count * SAMPLE_MS) / ms);
    this.#count = Math.min(this.#most, Math.max(this.#least, fitting));
  }
}
