/**
 * When messages are due that are sent at a fixed rate. A sender or receiver that stalls does not stop the schedule: what was
 * due meanwhile is sent late and still timed from when it was due. To time it from when it is sent instead would leave out
 * just the messages that had to wait (coordinated omission: Gil Tene, "How not to measure latency").
 */
import { nowNs } from './clock.js';
import { MS_PER_SECOND, NANOSECONDS_PER_SECOND } from './units.js';

export interface Rate {
  readonly perSecond: number;
  readonly forMs: number;
}

export const messagesOf = ({ perSecond, forMs }: Rate): number =>
  Math.max(1, Math.round((perSecond * forMs) / MS_PER_SECOND));

export class Schedule {
  readonly count: number;
  readonly #everyNs: number;
  readonly #clock: () => number;
  readonly #beganNs: number;
  #next = 0;

  /** The first message is due one period from now. */
  constructor(rate: Rate, clock = nowNs) {
    this.#clock = clock;
    this.#beganNs = clock();
    this.count = messagesOf(rate);
    this.#everyNs = NANOSECONDS_PER_SECOND / rate.perSecond;
  }

  get isOver(): boolean {
    return this.#next === this.count;
  }

  /** Sends what is due by now; how many messages that were. */
  sendDue(send: (index: number, dueNs: number) => void): number {
    const now = this.#clock();
    const first = this.#next;
    while (this.#next < this.count) {
      const due = this.#beganNs + (this.#next + 1) * this.#everyNs;
      if (due > now) break;
      send(this.#next++, due);
    }
    return this.#next - first;
  }
}
