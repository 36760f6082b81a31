/** The times of a periodic stage: multiples of its period from its start, so that it does not drift. */
const MICROS_PER_MS = 1_000;

export class Metronome {
  readonly #periodMs: number;
  readonly #startMs: number;
  /** The number of the next tick. */
  #next = 1;

  /** @param nowMs by a clock that does not go back */
  constructor(periodMicros: number, nowMs: number) {
    this.#periodMs = periodMicros / MICROS_PER_MS;
    this.#startMs = nowMs;
  }

  get periodMs(): number {
    return this.#periodMs;
  }

  get dueMs(): number {
    return this.#startMs + this.#next * this.#periodMs;
  }

  /** How many ticks were missed before the one that is due; undefined: none is due. */
  tick(nowMs: number): number | undefined {
    if (nowMs < this.dueMs) return undefined;
    const last = Math.max(this.#next, Math.floor((nowMs - this.#startMs) / this.#periodMs));
    const missed = last - this.#next;
    this.#next = last + 1;
    return missed;
  }
}
