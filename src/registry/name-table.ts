/**
 * The names of a system's actors, in shared memory: a hash table that every thread reads and changes by itself.
 *
 * A name is reserved before its actor's `init` runs, live afterwards, and freed before anybody hears of the actor's end.
 * Only live names are found.
 *
 * **One store each.** Whatever happens to a name happens by one atomic store to the state word of its entry
 * (`name-entry.ts`). What the entry says is written before, while it is empty or freed and nobody looks at it. So a
 * thread that dies at any point leaves a change undone or whole.
 *
 * **Who writes.** Entries begin to be used (`reserve`) and become empty (`#sweep`) only under the lock: two threads must
 * not reserve the same name in two places. All other changes are swaps of one state for another of the same use, and
 * need no lock: `publish`, `conceal`, and `freeAllOf`. The last must not wait for it, because the control thread is
 * who says that the lock's owner is dead. `free` takes the lock for what comes after its swap: count and sweep; `entrust`
 * for what comes before: nobody else may have begun to use the entry.
 *
 * **Who reads.** Everybody, without a lock. What an entry says held at one moment if its state word was the same
 * before and after: every use of the entry has a number of its own. (A reader would have to sleep through 2^30 uses of
 * one entry to be wrong.) All accesses to the table are atomic: with plain ones, a processor might show a reader the
 * name of the next use between two equal looks at the state.
 *
 * **Lookups.** A name's entry is at the place that its hash says, or at one of those that follow, before the next empty
 * one. So this must hold at every moment: *from the place of a used entry's hash to the entry itself, nothing is empty.*
 * `reserve` takes the first entry that is not used on such a way. `#sweep` empties a freed entry only if no used entry's
 * way leads over it, by one store; a reader that stands there at that moment is on no way to a name that is in the
 * table. Entries never move. So a name that is live during a whole lookup is found, whatever happens around it.
 *
 * **Freed entries.** Each that is left makes lookups longer. To empty only those in front of an empty one is not enough:
 * with half of the entries used, all others are freed ones after some hundred thousand names. So `free` looks at all
 * freed entries between two empty ones.
 */

import { describe } from '../base/describe.js';
import { AlreadyRegistered, InvalidOptions, LimitReached, withoutStack } from '../base/errors.js';
import { NAMES_MAX } from '../base/limits.js';
import { nameEntries, namesBytes } from '../mesh/layout.js';
import { threadOf } from '../mesh/link.js';
import * as entry from './name-entry.js';
import { NameLock } from './name-lock.js';
import { NAME_RULE, NameText } from './name-text.js';

/** Whose a name is. All numbers are int32. */
export interface NamedActor {
  /** Life of the thread that the actor lives on. */
  readonly origin: number;
  readonly slot: number;
  readonly generation: number;
  /** Hash of the definition's URL and name. */
  readonly definition: number;
  /** Life of its parent's thread, with which it ends; 0, the one life of the host, if that is the same thread or it has none. */
  readonly parent: number;
}

/** No entry. */
const NONE = -1;

export class NameTable {
  /** Shared memory that it takes. */
  static readonly bytes: number = namesBytes(NAMES_MAX);

  readonly #words: Int32Array;
  readonly #headWord: number;
  readonly #entriesWord: number;
  readonly #namesMax: number;
  readonly #entries: number;
  readonly #lock: NameLock;
  readonly #isOver: (origin: number) => boolean;
  readonly #text = new NameText();

  /**
   * @param words the shared memory
   * @param atBytes where in it the table lies; it is zero before its first use
   * @param origin life of the thread that uses this object
   * @param isOver whether the thread of a life has ended; once it has, this must become true without the help of any
   *   thread but the control thread
   * @param namesMax a power of two; the same for all threads
   */
  constructor(
    words: Int32Array,
    atBytes: number,
    origin: number,
    isOver: (origin: number) => boolean,
    namesMax: number = NAMES_MAX,
  ) {
    this.#words = words;
    this.#headWord = atBytes / 4;
    this.#entriesWord = this.#headWord + entry.ENTRIES_WORD;
    this.#namesMax = namesMax;
    this.#entries = nameEntries(namesMax);
    this.#isOver = isOver;
    this.#lock = new NameLock(words, this.#headWord + entry.LOCK_WORD, origin, isOver);
  }

  // ---- changes ----------------------------------------------------------------------------------------------------

  /**
   * Takes a name for an actor. It is not found before it is published.
   *
   * @throws AlreadyRegistered, LimitReached, InvalidOptions
   */
  reserve(name: string, actor: NamedActor): void {
    if (!this.#text.encode(name)) {
      throw new InvalidOptions(NAME_RULE, {
        got: describe(name),
      });
    }
    const holder = this.#locked(() => this.#reserve(actor));
    if (holder === undefined) return;
    throw withoutStack(() =>
      holder === 'full'
        ? new LimitReached('there are as many names as there can be', { limit: this.#namesMax })
        : new AlreadyRegistered('another actor has this name', { name: describe(name), thread: threadOf(holder) }),
    );
  }

  /** Under the lock. Returns what is in the way: the life whose actor has the name, or that all names are taken. */
  #reserve(actor: NamedActor): number | 'full' | undefined {
    let unused = NONE;
    for (let i = 0, at = this.#homeOf(this.#text.hash); i < this.#entries; i++, at = this.#after(at)) {
      const state = this.#load(at, entry.STATE_WORD);
      if (entry.isUsed(state)) {
        if (this.#isNamed(at)) return this.#load(at, entry.ORIGIN_WORD);
        continue;
      }
      // The first on the way; but the name may still be behind it.
      if (unused === NONE) unused = at;
      if (entry.kindOf(state) === entry.EMPTY) break;
    }
    const count = this.#loadHead(entry.COUNT_WORD);
    if (count >= this.#namesMax) return 'full';
    this.#write(unused, actor);
    // Before the entry is used: those who see no names do not look for any.
    this.#publishHead(entry.COUNT_WORD, count + 1);
    // Pairs with the loads of the state in all lookups: what was written above comes before it.
    this.#publish(unused, entry.STATE_WORD, entry.reservedAfter(this.#load(unused, entry.STATE_WORD)));
    return undefined;
  }

  #write(at: number, actor: NamedActor): void {
    const { hash, lengthBytes, lengthWords, words } = this.#text;
    this.#publish(at, entry.HASH_WORD, hash);
    this.#publish(at, entry.ORIGIN_WORD, actor.origin);
    this.#publish(at, entry.SLOT_WORD, actor.slot);
    this.#publish(at, entry.GENERATION_WORD, actor.generation);
    this.#publish(at, entry.DEFINITION_WORD, actor.definition);
    this.#publish(at, entry.LENGTH_WORD, lengthBytes);
    this.#publish(at, entry.PARENT_WORD, actor.parent);
    for (let i = 0; i < lengthWords; i++) this.#publish(at, entry.NAME_WORD + i, words[i]!);
  }

  /** From now on the name is found. Does nothing if it is not this actor's. */
  publish(name: string, actor: NamedActor): void {
    if (this.#text.encode(name)) this.#turn(actor, (state) => entry.withKind(state, entry.LIVE));
  }

  /** The actor begins anew: it keeps its name, which is not found until it is published again. */
  conceal(name: string, actor: NamedActor): void {
    if (this.#text.encode(name)) this.#turn(actor, (state) => entry.withKind(state, entry.RESERVED));
  }

  /** The actor has another parent. Returns whether the name is still its own: it may have been freed with the former one's. */
  entrust(name: string, actor: NamedActor): boolean {
    if (!this.#text.encode(name)) return false;
    return this.#locked(() => {
      // Changes nothing, but tells where it is.
      const at = this.#turn(actor, (state) => state);
      if (at === NONE) return false;
      this.#publish(at, entry.PARENT_WORD, actor.parent);
      // Whoever has seen the former parent, and would free the name for that, fails to swap the state that he saw.
      return this.#turn(actor, entry.renumbered) !== NONE;
    });
  }

  /** Gives a name back. Does nothing if it is not this actor's, or not any more. */
  free(name: string, actor: NamedActor): void {
    if (!this.#text.encode(name)) return;
    this.#locked(() => {
      const at = this.#turn(actor, (state) => entry.withKind(state, entry.FREED));
      if (at === NONE) return;
      this.#publishHead(entry.COUNT_WORD, this.#loadHead(entry.COUNT_WORD) - 1);
      this.#sweepAround(at);
    });
  }

  /** Changes the state of that name's entry, if it is this actor's; returns which it is. */
  #turn(actor: NamedActor, change: (state: number) => number): number {
    for (let i = 0, at = this.#homeOf(this.#text.hash); i < this.#entries; i++, at = this.#after(at)) {
      for (;;) {
        const state = this.#load(at, entry.STATE_WORD);
        if (entry.kindOf(state) === entry.EMPTY) return NONE;
        if (!entry.isUsed(state) || !this.#isNamed(at) || !this.#isOf(at, actor)) break;
        // A swap and not a store: somebody may have freed the entry, and another taken it, after the look at its name.
        if (this.#swap(at, state, change(state))) return at;
      }
    }
    return NONE;
  }

  /**
   * Frees all names of actors on a thread that has ended, and of those elsewhere whose parents it had, which end now;
   * returns them. Called by the control thread, once `isOver` says so and before others hear of it.
   *
   * Somebody who has not yet heard of it may reserve a name for an actor there a moment later. He calls this too when he
   * hears, or has died as well: so this frees what was reserved for any life that is over.
   */
  freeAllOf(origin: number): string[] {
    const names: string[] = [];
    this.#visitUsed((at) => {
      for (;;) {
        const state = this.#load(at, entry.STATE_WORD);
        const lives = [this.#load(at, entry.ORIGIN_WORD), this.#load(at, entry.PARENT_WORD)];
        if (!entry.isUsed(state) || !lives.some((life) => life === origin || this.#isOver(life))) return;
        const name = this.#nameAt(at);
        if (!this.#swap(at, state, entry.withKind(state, entry.FREED))) continue;
        names.push(name);
        return;
      }
    });
    // After the swaps, so that whoever tidies up finds them. Pairs with the load in `#locked`.
    if (names.length > 0) this.#publishHead(entry.UNTIDY_WORD, 1);
    return names;
  }

  // ---- looks ------------------------------------------------------------------------------------------------------

  /** Whose the name is, if it is live. */
  find(name: string): NamedActor | undefined {
    if (!this.#text.encode(name)) return undefined;
    for (let i = 0, at = this.#homeOf(this.#text.hash); i < this.#entries; i++, at = this.#after(at)) {
      for (;;) {
        const state = this.#load(at, entry.STATE_WORD);
        if (entry.kindOf(state) === entry.EMPTY) return undefined;
        if (entry.kindOf(state) !== entry.LIVE || !this.#isNamed(at)) break;
        const actor = this.#actorAt(at);
        if (this.#load(at, entry.STATE_WORD) === state) return actor;
        // It may have another parent, and be as live as before.
      }
    }
    return undefined;
  }

  /** All live names; those that come or go meanwhile may be among them or not. */
  list(): string[] {
    return this.#collect(entry.LIVE, (at) => this.#nameAt(at));
  }

  /** Names that are reserved and not live, of actors on the thread of this life. */
  reservedOf(origin: number): (readonly [string, NamedActor])[] {
    const all = this.#collect(entry.RESERVED, (at) => [this.#nameAt(at), this.#actorAt(at)] as const);
    return all.filter(([, actor]) => actor.origin === origin);
  }

  /** What `read` makes of the entries of a kind, each as it was at one moment. */
  #collect<T>(kind: number, read: (at: number) => T): T[] {
    const found: T[] = [];
    this.#visitUsed((at) => {
      for (;;) {
        const state = this.#load(at, entry.STATE_WORD);
        if (entry.kindOf(state) !== kind) return;
        const value = read(at);
        if (this.#load(at, entry.STATE_WORD) !== state) continue;
        found.push(value);
        return;
      }
    });
    return found;
  }

  #visitUsed(visit: (at: number) => void): void {
    // Leaves the pages of a system without names untouched.
    if (this.#loadHead(entry.COUNT_WORD) === 0) return;
    for (let at = 0; at < this.#entries; at++) if (entry.isUsed(this.#load(at, entry.STATE_WORD))) visit(at);
  }

  // ---- under the lock ---------------------------------------------------------------------------------------------

  #locked<T>(change: () => T): T {
    if (this.#lock.acquire()) this.#publishHead(entry.UNTIDY_WORD, 1);
    try {
      if (this.#loadHead(entry.UNTIDY_WORD) !== 0) this.#tidy();
      return change();
    } catch (error) {
      // Nothing throws here but a full stack, in the middle of anything: as if the thread had died there.
      this.#publishHead(entry.UNTIDY_WORD, 1);
      throw error;
    } finally {
      this.#lock.release();
    }
  }

  /** Counts anew, and sweeps everywhere. */
  #tidy(): void {
    // Before it looks: what is freed without the lock from now on is for the next one.
    this.#publishHead(entry.UNTIDY_WORD, 0);
    let count = 0;
    for (let at = 0; at < this.#entries; at++) {
      const state = this.#load(at, entry.STATE_WORD);
      if (entry.isUsed(state)) count++;
      else if (entry.kindOf(state) === entry.EMPTY) this.#sweep(at);
    }
    this.#publishHead(entry.COUNT_WORD, count);
  }

  #sweepAround(freed: number): void {
    for (let at = this.#after(freed); at !== freed; at = this.#after(at)) {
      if (entry.kindOf(this.#load(at, entry.STATE_WORD)) !== entry.EMPTY) continue;
      this.#sweep(at);
      return;
    }
  }

  /** Empties the freed entries that nobody's way leads over, from an empty one back to the next. */
  #sweep(empty: number): void {
    /** How many of the entries in front are on the way to one that was seen already. */
    let onWay = 0;
    for (let at = this.#before(empty); at !== empty; at = this.#before(at), onWay--) {
      const state = this.#load(at, entry.STATE_WORD);
      if (entry.kindOf(state) === entry.EMPTY) return;
      // `freeAllOf` may free it meanwhile. Then one entry too many is left, not one too few.
      if (entry.isUsed(state))
        onWay = Math.max(onWay, this.#distance(this.#homeOf(this.#load(at, entry.HASH_WORD)), at) + 1);
      else if (onWay <= 0) this.#publish(at, entry.STATE_WORD, entry.withKind(state, entry.EMPTY));
    }
  }

  // ---- entries ----------------------------------------------------------------------------------------------------

  #homeOf(hash: number): number {
    return hash & (this.#entries - 1);
  }

  #after(at: number): number {
    return (at + 1) & (this.#entries - 1);
  }

  #before(at: number): number {
    return (at - 1) & (this.#entries - 1);
  }

  #distance(from: number, to: number): number {
    return (to - from) & (this.#entries - 1);
  }

  /** Whether the name in the entry is the one that is looked for. */
  #isNamed(at: number): boolean {
    const { hash, lengthBytes, lengthWords, words } = this.#text;
    if (this.#load(at, entry.HASH_WORD) !== hash || this.#load(at, entry.LENGTH_WORD) !== lengthBytes) return false;
    for (let i = 0; i < lengthWords; i++) {
      if (this.#load(at, entry.NAME_WORD + i) !== words[i]) return false;
    }
    return true;
  }

  #isOf(at: number, actor: NamedActor): boolean {
    return (
      this.#load(at, entry.SLOT_WORD) === actor.slot &&
      this.#load(at, entry.GENERATION_WORD) === actor.generation &&
      this.#load(at, entry.ORIGIN_WORD) === actor.origin
    );
  }

  #nameAt(at: number): string {
    const text = this.#text;
    text.lengthBytes = this.#load(at, entry.LENGTH_WORD);
    for (let i = 0; i < text.lengthWords; i++) text.words[i] = this.#load(at, entry.NAME_WORD + i);
    return text.decode();
  }

  #actorAt(at: number): NamedActor {
    return {
      origin: this.#load(at, entry.ORIGIN_WORD),
      slot: this.#load(at, entry.SLOT_WORD),
      generation: this.#load(at, entry.GENERATION_WORD),
      definition: this.#load(at, entry.DEFINITION_WORD),
      parent: this.#load(at, entry.PARENT_WORD),
    };
  }

  #load(at: number, word: number): number {
    return Atomics.load(this.#words, this.#entriesWord + at * entry.ENTRY_WORDS + word);
  }

  #publish(at: number, word: number, value: number): void {
    Atomics.store(this.#words, this.#entriesWord + at * entry.ENTRY_WORDS + word, value);
  }

  #swap(at: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#entriesWord + at * entry.ENTRY_WORDS, from, to) === from;
  }

  #loadHead(word: number): number {
    return Atomics.load(this.#words, this.#headWord + word);
  }

  #publishHead(word: number, value: number): void {
    Atomics.store(this.#words, this.#headWord + word, value);
  }
}
