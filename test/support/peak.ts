/** How much memory the process takes, all of its threads together. */
import { collectGarbage } from './garbage.js';

/** What the heaps of a few threads may grow by before they collect their garbage, whatever a test does. */
const SLACK_BYTES = 96 << 20;

export class PeakMemory {
  /** To be added to what a test allows. */
  readonly slackBytes = SLACK_BYTES;
  readonly #before: number;
  #peak = 0;

  constructor() {
    collectGarbage();
    this.#before = process.memoryUsage.rss();
  }

  look(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }

  /** How much more it was, at most, than in the beginning. */
  get grownBytes(): number {
    return this.#peak - this.#before;
  }
}
