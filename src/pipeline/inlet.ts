/** The end of a channel at the stage that takes items from it: what was taken, and what the other end may send. */
import type { Frame, InletPlan, StageRef } from './protocol.js';

/** The other end is told when this part of a window has become free. */
const CREDIT_SHARE = 4;

/** What the instance of a parallel stage has room for, before it is known how fast it is. */
export const INNER_WINDOW = 2;

export class Inlet {
  readonly plan: InletPlan;
  readonly source: StageRef;
  /** The number of the next item that is to arrive. */
  expected = 0;
  /** Frames that wait, or of which not all is taken. */
  frames = 0;
  /** Items that wait. */
  waiting = 0;
  /** All items before this number are done, or did not arrive. */
  taken = 0;
  /** The other end has no more. */
  isEnded = false;
  /** All items of the source before this number are done, as far as they come by this channel. */
  mark = 0;
  /** As the other end knows them. */
  #told = 0;
  #window: number;

  constructor(plan: InletPlan, source: StageRef) {
    this.plan = plan;
    this.source = source;
    this.#window = plan.isAdaptive ? Math.min(INNER_WINDOW, plan.window) : plan.window;
  }

  /** All that came is done, and nothing more will come. */
  get isDone(): boolean {
    return this.isEnded && this.frames === 0;
  }

  /** A frame has arrived; returns how many items before it did not. */
  arrive({ first, items }: Frame): number {
    const missed = first - this.expected;
    this.expected = first + items.length;
    this.waiting += items.length;
    this.frames++;
    return missed;
  }

  /** @param window items that may be on their way, besides those that are done */
  grant(window: number): void {
    const { taken } = this;
    if (this.isEnded || (taken === this.#told && window <= this.#window)) return;
    const isIdle = this.waiting === 0 && this.plan.isEager;
    // Who is not told has most of the window left, and need not wake up for the rest of it.
    if (!isIdle && taken - this.#told < Math.min(window, this.#window) / CREDIT_SHARE) return;
    this.#told = taken;
    this.#window = window;
    this.source.credit({ channel: this.plan.channel, taken, window });
  }
}
