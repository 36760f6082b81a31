/**
 * Gives the items of a parallel stage to its instances: in turn, to the one with the most room, or by key. Items go in
 * chunks, which are as large as the instance has room for, so that slow items are spread one by one. With `ordered`
 * each chunk has a number, by which whoever takes the results puts them in order again.
 */
import { hashText } from '../base/hash.js';
import { FRAME_ITEMS_MAX, type Outlet } from './outlet.js';
import type { Dispatch } from './setup.js';

/** An instance gets this part of its window at once, when it has room for so much. */
const WINDOW_SHARE = 4;

const numberOf = (key: string | number): number =>
  typeof key === 'number' && Number.isSafeInteger(key) ? key : hashText(String(key));

const chunkOf = ({ window }: Outlet): number =>
  Math.max(1, Math.min(FRAME_ITEMS_MAX, Math.floor(window / WINDOW_SHARE)));

/** Otherwise chunks would become smaller and smaller as the window fills. */
const hasRoomForChunk = (outlet: Outlet): boolean => outlet.hasRoom && outlet.space >= chunkOf(outlet);

export class Splitter {
  readonly #dispatch: Dispatch;
  readonly #isOrdered: boolean;
  readonly #key: ((item: unknown) => string | number) | undefined;
  #outlets: readonly Outlet[] = [];
  #current: Outlet | undefined;
  #left = 0;
  #turn = 0;
  #chunks = 0;

  constructor(dispatch: Dispatch, isOrdered: boolean, key: ((item: unknown) => string | number) | undefined) {
    this.#dispatch = dispatch;
    this.#isOrdered = isOrdered;
    this.#key = key;
  }

  lead(outlets: readonly Outlet[]): void {
    this.#outlets = outlets;
    this.#current = undefined;
    this.#left = 0;
    this.#turn = 0;
    this.#chunks = 0;
  }

  /** Whether the next item, whatever it is, finds room. */
  get hasRoom(): boolean {
    if (this.#dispatch === 'key') return this.#outlets.every(({ hasRoom }) => hasRoom);
    return this.#left > 0 && this.#current?.hasRoom === true ? true : this.#outlets.some(hasRoomForChunk);
  }

  put(item: unknown, origin: number): void {
    this.#choose(item).put(item, origin);
  }

  #choose(item: unknown): Outlet {
    if (this.#dispatch === 'key') {
      return this.#outlets[this.#numberOf(item) % this.#outlets.length]!;
    }
    if (this.#current === undefined || this.#left === 0 || !this.#current.hasRoom) this.#begin();
    this.#left--;
    return this.#current!;
  }

  #numberOf(item: unknown): number {
    try {
      return Math.abs(numberOf(this.#key!(item)));
    } catch {
      // What has no key fails where it would be processed.
      return 0;
    }
  }

  #begin(): void {
    this.endChunk();
    const next = this.#dispatch === 'round-robin' ? this.#inTurn() : this.#roomiest();
    if (this.#isOrdered) next.beginChunk(this.#chunks++);
    this.#current = next;
    this.#left = chunkOf(next);
  }

  /** The chunk that is open is complete. */
  endChunk(): void {
    const outlet = this.#current;
    if (outlet === undefined) return;
    if (this.#isOrdered) outlet.endChunk();
    this.#current = undefined;
  }

  #inTurn(): Outlet {
    const { length } = this.#outlets;
    for (let looks = 0; looks < length; looks++) {
      const outlet = this.#outlets[this.#turn++ % length]!;
      if (hasRoomForChunk(outlet)) return outlet;
    }
    return this.#outlets[this.#turn++ % length]!;
  }

  #roomiest(): Outlet {
    return this.#outlets.reduce((best, outlet) => (outlet.space > best.space ? outlet : best));
  }
}
