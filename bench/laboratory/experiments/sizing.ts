/** How much a sample does, so that it takes about as long as it should, whoever is measured. */
import { SampleSize } from '../../harness/sample-size.js';

const LEAST = 64;

/** A sample that took less than this part of its time is done again, with more: it has only warmed up. */
const LONG_ENOUGH = 0.25;

/** A size for each thing that is measured, remembered from round to round. */
export class Sizing {
  readonly #sizes = new Map<string, SampleSize>();
  readonly #most: number;
  readonly #ms: number;

  constructor(most: number, ms: number) {
    this.#most = most;
    this.#ms = ms;
  }

  /** Does something so many times, again and with more while that was too short. */
  async measure<T>(
    name: string,
    action: (count: number) => Promise<T>,
  ): Promise<{ value: T; count: number; ms: number }> {
    const size = this.#sizes.get(name) ?? new SampleSize(LEAST, this.#most, this.#ms);
    this.#sizes.set(name, size);
    for (;;) {
      const { count, isFull } = size;
      const began = performance.now();
      const value = await action(count);
      const ms = performance.now() - began;
      size.took(ms);
      if (isFull || ms >= this.#ms * LONG_ENOUGH) return { value, count, ms };
    }
  }
}
