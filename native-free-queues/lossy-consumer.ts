/**
 * The consuming end of a lossy ring.
 *
 * Owned here: as many slots as there are cells, of which only this object knows the numbers, and the two counts. Shared:
 * the cells. To take a record is to give its cell a slot of one's own for it, by a compare-exchange; when that fails, the
 * producer was faster, and this end has neither lost nor got a slot.
 *
 * **A pass goes backwards.** It begins at the newest record and ends where a cell has been taken before, or already
 * belongs to a later lap: everything that is older is gone too, because the producer goes forwards. So what a pass takes
 * is without gaps, and what it has not taken below that is lost.
 *
 * **A consumer that is held up** anywhere for any time gets no record twice, torn, or under a wrong id. A compare-exchange
 * that succeeds has taken a slot that was in the cell at that moment, and the slot says the id. Only after 2^28 to 2^29
 * records, in front of that very compare-exchange, may it be of a later turn of the lap than was asked for. Then
 * the pass begins anew from there and drops what it had, which counts as lost, although no `publish` has said so.
 *
 * Between two passes no cell holds a record with an id below `to`, and the records in the ring are without gaps. So the
 * next cell says whether there is anything to take.
 */
import { Doorbell } from './doorbell.js';
import type { LossyConsumerContract, LossyPlace } from './lossy-contract.js';
import {
  ASKED,
  CONSUMER_THERE_WORD,
  FULL,
  idOf,
  LAP_ID_WORD,
  LENGTH_WORD,
  LOSSY_BELL_WORD,
  LOSSY_CLOSED_WORD,
  LOST_COUNT_WORD,
  type LossyShape,
  lossyShape,
  READ_COUNT_WORD,
  SLOT_HEADER_BYTES,
  slotField,
  TAG_WORD,
} from './lossy-layout.js';
import { checkLossyPlace, firstIdOf, takeEnd } from './lossy-place.js';
import { writtenCells } from './lossy-search.js';
import { compareExchange, loadPlain, loadShared, storePlain } from './memory.js';
import type { WaitStrategy } from './wait.js';

export class LossyConsumer implements LossyConsumerContract {
  readonly words: Int32Array;
  readonly capacity: number;
  /** Longest payload in bytes. */
  readonly slotBytes: number;
  /** What the consumer sleeps on while it waits for records. */
  readonly bell: Doorbell;

  from: number;
  to: number;
  read = 0;
  lost = 0;

  readonly #shape: LossyShape;
  readonly #header: number;
  readonly #cells: number;
  readonly #slots: number;
  readonly #slotScale: number;
  readonly #slotMask: number;
  readonly #lapUnit: number;
  readonly #lapMask: number;
  /** The slots that are this end's, as their numbers stand in a cell: first those of the batch, newest first, then those to give for others. */
  readonly #own: Int32Array;
  /** Position of the cell of record `to`. */
  #next: number;

  /**
   * By default the bell is in the ring; a thread with many rings gives them all the one it sleeps on.
   *
   * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_END_TAKEN`
   */
  constructor(place: LossyPlace, { own }: { own?: Doorbell } = {}) {
    checkLossyPlace(place);
    takeEnd(place, CONSUMER_THERE_WORD, 'consumer');
    const { words, capacity, slotBytes } = place;
    const shape = lossyShape(place);
    const { header, cells, slots, slotScale, slotMask, lapUnit, lapMask } = shape;
    this.words = words;
    this.capacity = capacity;
    this.slotBytes = slotBytes;
    this.bell = own ?? new Doorbell(words, header + LOSSY_BELL_WORD);
    this.#shape = shape;
    this.#header = header;
    this.#cells = cells;
    this.#slots = slots;
    this.#slotScale = slotScale;
    this.#slotMask = slotMask;
    this.#lapUnit = lapUnit;
    this.#lapMask = lapMask;
    // Behind those in the cells and the producer's.
    this.#own = Int32Array.from({ length: capacity }, (_, index) => slotField(capacity + 1 + index));
    const firstId = firstIdOf(place);
    this.from = firstId;
    this.to = firstId;
    this.#next = firstId % capacity;
  }

  hasNews(): boolean {
    // Pairs with the exchange in `LossyProducer.publish`.
    return (loadShared(this.words, this.#cells + this.#next) & FULL) !== 0;
  }

  take(): number {
    const { words, capacity } = this;
    const own = this.#own;
    const expected = this.to;
    this.from = expected;
    let position: number;
    let cell: number;
    // Again only if the producer has gone a lap in between.
    do {
      if (!this.hasNews()) return 0;
      position = this.#newestPosition();
      // Pairs with the exchange in `LossyProducer.publish`.
      cell = loadShared(words, this.#cells + position);
    } while (!this.#swap(position, cell, 0));
    let newestAt = position;
    let newest = this.#idOf(own[0] as number, position);
    let lap = cell & this.#lapMask;
    let count = 1;
    while (count < capacity) {
      if (position > 0) position--;
      else {
        position = capacity - 1;
        lap = (lap - this.#lapUnit) & this.#lapMask;
      }
      // As above.
      cell = loadShared(words, this.#cells + position);
      if ((cell & this.#lapMask) !== lap || !this.#swap(position, cell, count)) break;
      const slot = own[count] as number;
      const id = this.#idOf(slot, position);
      if (id === newest - count) count++;
      else {
        // A later turn of the lap: what was taken before is older and not next to it.
        own[count] = own[0] as number;
        own[0] = slot;
        newest = id;
        newestAt = position;
        count = 1;
      }
    }
    this.#next = newestAt + 1 < capacity ? newestAt + 1 : 0;
    this.from = newest - count + 1;
    this.to = newest + 1;
    this.lost += this.from - expected;
    this.read += count;
    storePlain(words, this.#header + READ_COUNT_WORD, this.read | 0);
    storePlain(words, this.#header + LOST_COUNT_WORD, this.lost | 0);
    return count;
  }

  /** Where the last cell is that the producer has written in the lap in which it is, or was at some moment since. */
  #newestPosition(): number {
    // Orders nothing: whatever is found is looked at again.
    const lap = loadShared(this.words, this.#cells) & this.#lapMask;
    const lapBefore = (lap - this.#lapUnit) & this.#lapMask;
    return writtenCells(this.words, this.#shape, lapBefore, 1) - 1;
  }

  /** Gives a full cell the slot that is `own[index]` for the one that it has, if it is still as it was seen. */
  #swap(position: number, cell: number, index: number): boolean {
    if ((cell & FULL) === 0) return false;
    const own = this.#own;
    const emptied = (cell & this.#lapMask) | (own[index] as number);
    // Pairs with the exchange in `LossyProducer.publish`, both ways: orders what this end reads of the slot that it gets
    // behind the producer's writes, and what it has read of the slot that it gives before the producer's next ones.
    // A store would overwrite a record that has come in between, and both sides would own its slot.
    if (compareExchange(this.words, this.#cells + position, cell, emptied) !== cell) return false;
    own[index] = cell & this.#slotMask;
    return true;
  }

  #idOf(slot: number, position: number): number {
    const at = this.#slots + slot * this.#slotScale + LAP_ID_WORD;
    return idOf(loadPlain(this.words, at), loadPlain(this.words, at + 1)) + position;
  }

  /** Where the slot of a record of the batch begins. */
  #slotAt(index: number): number {
    return this.#slots + (this.#own[this.to - this.from - 1 - index] as number) * this.#slotScale;
  }

  at(index: number): number {
    return (this.#slotAt(index) << 2) + SLOT_HEADER_BYTES;
  }

  bytes(index: number): number {
    return loadPlain(this.words, this.#slotAt(index) + LENGTH_WORD);
  }

  tag(index: number): number {
    return loadPlain(this.words, this.#slotAt(index) + TAG_WORD);
  }

  payload(index: number): Uint8Array {
    const { words } = this;
    return new Uint8Array(words.buffer, words.byteOffset + this.at(index), this.bytes(index));
  }

  waitForNews<Result>(strategy: WaitStrategy<Result>): Result {
    return strategy.wait(this.bell, () => {
      if (this.#closed || this.hasNews()) return true;
      // Only a strategy that is about to sleep has armed the bell, and only then is it worth asking to be rung.
      return this.bell.asleep && !this.#ask();
    });
  }

  /** Asks the producer to ring when it writes the next record. False if it has written it already. */
  #ask(): boolean {
    const at = this.#cells + this.#next;
    // Pairs with the exchange in `LossyProducer.publish`, as does the compare-exchange: either that one gets the wish, or
    // this end sees the record. The bell is armed before, so that who gets the wish finds it so.
    const cell = loadShared(this.words, at);
    if ((cell & FULL) !== 0) return false;
    if ((cell & ASKED) !== 0) return true;
    return compareExchange(this.words, at, cell, cell | ASKED) === cell;
  }

  get #closed(): boolean {
    // Pairs with `LossyProducer.close`.
    return loadShared(this.words, this.#header + LOSSY_CLOSED_WORD) !== 0;
  }

  get ended(): boolean {
    // The producer closes behind its last record: so look for records after this.
    return this.#closed && !this.hasNews();
  }
}
