/**
 * How much of something a sample does. Two threads that are awake are hundreds of times faster with each other than two
 * that wake each other, and which it is depends on what else the machine does. So samples begin small and grow to the full
 * size as long as they take a reasonable time.
 */
const SAMPLE_MS = 500;

export class SampleSize {
  readonly #least: number;
  readonly #most: number;
  readonly #ms: number;
  #count: number;

  /** @param ms what a sample may take */
  constructor(least: number, most: number, ms = SAMPLE_MS) {
    this.#ms = ms;
    this.#least = least;
    this.#most = most;
    this.#count = least;
  }

  get isFull(): boolean {
    return this.#count === this.#most;
  }

  /** What the next sample does. */
  get count(): number {
    return this.#count;
  }

  /** Learns what the last sample took. */
  took(ms: number): void {
    const fitting = Math.round((this.#count * this.#ms) / ms);
    this.#count = Math.min(this.#most, Math.max(this.#least, fitting));
  }
}
