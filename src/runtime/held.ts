/**
 * Records that have arrived before the actor that they are for: kept as bytes until it is born, or is known not to come,
 * up to a limit for the whole thread.
 */
import { HELD_BYTES_MAX } from '../base/limits.js';
import type { Assembly } from '../mesh/assembly.js';
import type { Books } from '../mesh/books.js';

export interface HeldRecord {
  /** Who sent it: one life of a thread. */
  readonly origin: number;
  /** Where its large parts are. */
  readonly assembly: Assembly;
  readonly type: number;
  readonly words: Int32Array;
}

interface Address {
  readonly slot: number;
  readonly generation: number;
}

interface Waiting extends Address {
  readonly records: HeldRecord[];
}

/** What it costs to hold a record, beside its bytes: the objects around it. */
const RECORD_BYTES = 256;

const keyOf = ({ slot, generation }: Address): string => `${slot}:${generation}`;

export class Held {
  readonly #books: Books;
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Counts a record that somebody keeps; false: there is too much. */
  hold({ words }: HeldRecord): boolean {
    const bytes = words.byteLength + RECORD_BYTES;
    if (this.#bytes + bytes > HELD_BYTES_MAX) return false;
    this.#count(bytes);
    return true;
  }

  /** No longer kept. */
  letGo({ words }: HeldRecord): void {
    this.#count(-words.byteLength - RECORD_BYTES);
  }

  /** Keeps a record for an actor; false: there is too much. */
  keep({ slot, generation }: Address, record: HeldRecord): boolean {
    if (!this.hold(record)) return false;
    const key = keyOf({ slot, generation });
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, { slot, generation, records: [record] });
    else waiting.records.push(record);
    return true;
  }

  /** Takes out what waits for an actor, in the order in which it came. */
  take(address: Address): readonly HeldRecord[] {
    if (this.#waiting.size === 0) return [];
    const key = keyOf(address);
    const records = this.#waiting.get(key)?.records ?? [];
    this.#waiting.delete(key);
    for (const record of records) this.letGo(record);
    return records;
  }

  /** Takes out everything. */
  takeAll(): readonly HeldRecord[] {
    return this.addresses().flatMap((address) => this.take(address));
  }

  /** The actors for which something waits. */
  addresses(): readonly Address[] {
    return [...this.#waiting.values()];
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#books.add('heldBytes', bytes);
  }
}
