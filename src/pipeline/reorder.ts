/** Puts the frames of an ordered parallel stage, which come by several channels, into the order of their chunks. */
import type { Inlet } from './inlet.js';
import type { Frame } from './protocol.js';

export interface Arrival {
  readonly inlet: Inlet;
  readonly frame: Frame;
}

export class Reorder {
  #next = 0;
  readonly #held = new Map<number, Arrival[]>();

  /** Takes a frame, and gives to `release` those whose turn it is. */
  take(arrival: Arrival, release: (arrival: Arrival) => void): void {
    const { chunk } = arrival.frame;
    if (chunk < 0) this.#takeUnordered(arrival, release);
    else if (chunk === this.#next) {
      release(arrival);
      if (arrival.frame.isLast) this.#advance(release);
    } else {
      const held = this.#held.get(chunk);
      if (held === undefined) this.#held.set(chunk, [arrival]);
      else held.push(arrival);
    }
  }

  /** What it says is true when all that came before it by its inlet is done: the last that is held says it instead. */
  #takeUnordered(arrival: Arrival, release: (arrival: Arrival) => void): void {
    const { inlet, frame } = arrival;
    const last = Math.max(...[...this.#held].filter(([, [head]]) => head!.inlet === inlet).map(([chunk]) => chunk));
    const held = this.#held.get(last);
    if (held === undefined) {
      release(arrival);
      return;
    }
    inlet.frames--;
    const { inlet: _, frame: before } = held.pop()!;
    held.push({ inlet, frame: { ...before, mark: frame.mark } });
  }

  /** Nothing more will come: gives what is left, in order. */
  releaseAll(release: (arrival: Arrival) => void): void {
    const chunks = [...this.#held].sort(([one], [other]) => one - other);
    this.#held.clear();
    for (const [, arrivals] of chunks) for (const arrival of arrivals) release(arrival);
  }

  #advance(release: (arrival: Arrival) => void): void {
    this.#next++;
    for (let held = this.#held.get(this.#next); held !== undefined; held = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      for (const arrival of held) release(arrival);
      // Its last frame has yet to come.
      if (held.at(-1)!.frame.isLast !== true) return;
      this.#next++;
    }
  }
}
