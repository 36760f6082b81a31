/** What the parts of a stage count together, and look at in every step. */
import { DROPPED, EMITTED, type Row, UNWANTED } from './board.js';
import type { Context } from './context.js';

export class Tally {
  /** The number of the step that is under way: what one step emits is taken back if it fails. */
  step = 0;
  /** There is a frame's worth to send, or no room for more. */
  isAlert = false;
  /** The present step goes on later: nobody looks at what it emits unless told. */
  isLate = false;
  /** What the present step emits stays until it is known whether it succeeds. */
  isHolding = false;
  /** Items that were emitted since that was last written down. */
  emitted = 0;
  /** Items that were dropped since then. */
  #dropped = 0;
  /** Items that a source has made. */
  produced = 0;
  /** Its counters; undefined until it begins. */
  row: Row | undefined;
  /** In an acknowledged pipeline items keep the numbers of those that they come from. */
  readonly keepsOrigins: boolean;
  readonly #isSource: boolean;
  readonly #context: Context;
  /** As it was before the present step. */
  #producedBefore = 0;

  constructor(keepsOrigins: boolean, isSource: boolean, context: Context) {
    this.keepsOrigins = keepsOrigins;
    this.#isSource = isSource;
    this.#context = context;
  }

  beginStep(): void {
    this.step++;
    this.#producedBefore = this.produced;
  }

  /** What the present step has emitted is taken back. */
  undoStep(count: number): void {
    this.emitted -= count;
    this.produced = this.#producedBefore;
  }

  /** The number that an item has which is emitted now. */
  originOf(): number {
    return this.#isSource ? this.produced++ : this.#context.id;
  }

  dropped(count: number): void {
    this.#dropped += count;
  }

  unwanted(count: number): void {
    this.row?.add(UNWANTED, count);
  }

  /** Writes down what was emitted and dropped. */
  write(): void {
    this.row?.add(EMITTED, this.emitted);
    this.row?.add(DROPPED, this.#dropped);
    this.emitted = 0;
    this.#dropped = 0;
  }
}
