/** A set of states, each a row of 32-bit integers, numbered in the order of their coming. Compared in full. */

const CHUNK_BITS = 14;
const CHUNK_ROWS = 1 << CHUNK_BITS;
const TABLE_ROWS_MIN = 1 << 12;

export class States {
  readonly #width: number;
  readonly #chunks: Int32Array[] = [];
  /** Open addressing: number of a state plus 1, or 0. */
  #table = new Int32Array(TABLE_ROWS_MIN);
  #hashes = new Int32Array(TABLE_ROWS_MIN);
  count = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** The number of this state, which is put in if it is new: then it is the `count` of before. */
  add(state: Int32Array): number {
    const hash = hashOf(state);
    let mask = this.#table.length - 1;
    let at = hash & mask;
    for (let found = this.#table[at]!; found !== 0; found = this.#table[at]!) {
      if (this.#hashes[found - 1] === hash && this.#equals(found - 1, state)) return found - 1;
      at = (at + 1) & mask;
    }
    if (2 * this.count >= this.#table.length) {
      this.#grow();
      mask = this.#table.length - 1;
      at = hash & mask;
      while (this.#table[at] !== 0) at = (at + 1) & mask;
    }
    const number = this.count++;
    this.#table[at] = number + 1;
    this.#hashes[number] = hash;
    const row = number & (CHUNK_ROWS - 1);
    if (row === 0) this.#chunks.push(new Int32Array(CHUNK_ROWS * this.#width));
    this.#chunks[number >> CHUNK_BITS]!.set(state, row * this.#width);
    return number;
  }

  /** Copies a state out. */
  read(number: number, into: Int32Array): void {
    const from = (number & (CHUNK_ROWS - 1)) * this.#width;
    const chunk = this.#chunks[number >> CHUNK_BITS]!;
    for (let i = 0; i < this.#width; i++) into[i] = chunk[from + i]!;
  }

  #equals(number: number, state: Int32Array): boolean {
    const from = (number & (CHUNK_ROWS - 1)) * this.#width;
    const chunk = this.#chunks[number >> CHUNK_BITS]!;
    for (let i = 0; i < this.#width; i++) if (chunk[from + i] !== state[i]) return false;
    return true;
  }

  #grow(): void {
    const length = 2 * this.#table.length;
    const hashes = new Int32Array(length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#table = new Int32Array(length);
    for (let number = 0; number < this.count; number++) {
      let at = hashes[number]! & (length - 1);
      while (this.#table[at] !== 0) at = (at + 1) & (length - 1);
      this.#table[at] = number + 1;
    }
  }
}

/** Mixes as MurmurHash3 does. */
const hashOf = (state: Int32Array): number => {
  let hash = 0;
  for (let i = 0; i < state.length; i++) {
    const mixed = Math.imul(state[i]!, 0xcc9e2d51);
    hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
};
