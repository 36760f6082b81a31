/**
 * What two threads know of each other's accesses: data races, by vector clocks (FastTrack, Flanagan and Freund 2009).
 *
 * A thread's time is an epoch that ends with each of its shared stores. For each word and thread four epochs are kept,
 * of its last plain and shared store and load, in 4 bits each: one integer per word. With two threads, what matters of
 * an access is whether the other thread knows of it (whether it happens before what that one does next):
 *
 * - An access that the other thread knows of has epoch 0. So a race is a conflicting access that is not 0.
 * - A shared load of what the other thread stored by a shared store learns of all of its epochs up to that store.
 * - Epochs that nobody asks for are left out and the others move down. So equal situations are equal numbers, and
 *   there are finitely many of them.
 *
 * Nothing else orders anything here: that `wake` comes before the end of the sleep is not counted, so what is proved
 * does not lean on it.
 */

/** In the integer of a word: the place of an epoch. */
const PLAIN_STORE = 0;
const SHARED_STORE = 4;
const PLAIN_LOAD = 8;
const SHARED_LOAD = 12;
const THREAD_BITS = 16;
const EPOCH_MASK = 15;

const ANY = 0xffff;
const at = (thread: number, kind: number): number => thread * THREAD_BITS + kind;
const field = (kind: number): number => EPOCH_MASK << kind;

/** Accesses of the other thread that an access conflicts with, and those of its own that it makes superfluous. */
const rules = {
  loadPlain: { races: field(PLAIN_STORE) | field(SHARED_STORE), covers: field(SHARED_LOAD) },
  loadShared: { races: field(PLAIN_STORE), covers: 0 },
  storePlain: { races: ANY, covers: ANY },
  storeShared: { races: field(PLAIN_STORE) | field(PLAIN_LOAD), covers: field(SHARED_LOAD) },
} as const;
const kinds = {
  loadPlain: PLAIN_LOAD,
  loadShared: SHARED_LOAD,
  storePlain: PLAIN_STORE,
  storeShared: SHARED_STORE,
} as const;

/**
 * Clocks in a state: `epochs` of the two threads, and `count` words of which each has an integer of epochs and
 * the thread whose shared store it holds (1 or 2; 0 if there is nothing to learn from it).
 */
export class Clocks {
  readonly #state: Int32Array;
  readonly #epochs: number;
  readonly #marks: number;
  readonly #authors: number;
  readonly #count: number;
  readonly #ranks = new Int32Array(EPOCH_MASK + 1);

  /** `epochs`, `marks` and `authors` are where these begin in `state`. */
  constructor(state: Int32Array, places: { epochs: number; marks: number; authors: number; count: number }) {
    this.#state = state;
    this.#epochs = places.epochs;
    this.#marks = places.marks;
    this.#authors = places.authors;
    this.#count = places.count;
  }

  /** Notes an access; returns false if it races with an earlier one of the other thread. */
  access(thread: number, word: number, kind: keyof typeof rules): boolean {
    const state = this.#state;
    const other = 1 - thread;
    if (kind === 'loadShared' && state[this.#authors + word] === other + 1) {
      this.#learn(other, (state[this.#marks + word]! >>> at(other, SHARED_STORE)) & EPOCH_MASK);
    }
    const { races, covers } = rules[kind];
    const index = this.#marks + word;
    const mark = state[index]!;
    if ((mark & (races << at(other, 0))) !== 0) return false;
    const place = at(thread, kinds[kind]);
    const epoch = state[this.#epochs + thread]!;
    state[index] = (mark & ~((covers << at(thread, 0)) | (EPOCH_MASK << place))) | (epoch << place);
    if (kind === 'storePlain') state[this.#authors + word] = 0;
    if (kind === 'storeShared') {
      state[this.#authors + word] = thread + 1;
      this.#setEpoch(thread, epoch + 1);
    }
    return true;
  }

  #setEpoch(thread: number, epoch: number): void {
    if (epoch > EPOCH_MASK) throw new Error('more epochs than the checker has bits for');
    this.#state[this.#epochs + thread] = epoch;
  }

  /** From now on the other thread knows of all that `thread` did up to this epoch. */
  #learn(thread: number, epoch: number): void {
    const state = this.#state;
    for (let index = this.#marks; index < this.#marks + this.#count; index++) {
      let mark = state[index]!;
      for (let place = at(thread, 0); mark !== 0 && place < at(thread + 1, 0); place += SHARED_STORE) {
        if (((mark >>> place) & EPOCH_MASK) <= epoch) mark &= ~(EPOCH_MASK << place);
      }
      state[index] = mark;
    }
  }

  /** Gives equal situations equal numbers. */
  normalise(): void {
    const state = this.#state;
    for (let word = 0; word < this.#count; word++) {
      const author = state[this.#authors + word]!;
      if (author === 0) continue;
      const known = ((state[this.#marks + word]! >>> at(author - 1, SHARED_STORE)) & EPOCH_MASK) === 0;
      if (known) state[this.#authors + word] = 0;
    }
    this.#closeGaps(0);
    this.#closeGaps(1);
  }

  #closeGaps(thread: number): void {
    const state = this.#state;
    const begin = at(thread, 0);
    const end = at(thread + 1, 0);
    const last = this.#marks + this.#count;
    let used = 1 << state[this.#epochs + thread]!;
    for (let index = this.#marks; index < last; index++) {
      const mark = state[index]!;
      if (mark === 0) continue;
      for (let place = begin; place < end; place += SHARED_STORE) used |= 1 << ((mark >>> place) & EPOCH_MASK);
    }
    used |= 1;
    if ((used & (used + 1)) === 0) return;
    const ranks = this.#ranks;
    for (let epoch = 0, rank = 0; epoch <= EPOCH_MASK; epoch++) ranks[epoch] = (used >>> epoch) & 1 ? rank++ : 0;
    for (let index = this.#marks; index < last; index++) {
      const mark = state[index]!;
      if (mark === 0) continue;
      let moved = mark;
      for (let place = begin; place < end; place += SHARED_STORE) {
        moved = (moved & ~(EPOCH_MASK << place)) | (ranks[(mark >>> place) & EPOCH_MASK]! << place);
      }
      state[index] = moved;
    }
    state[this.#epochs + thread] = ranks[state[this.#epochs + thread]!]!;
  }
}
