/**
 * The producing end of a lossy ring.
 *
 * Owned here: one slot, of which only this object knows the number, and the two counts. Shared: the cells. An exchange
 * gives the slot to a cell and gets the one that the cell had, whatever the consumer does meanwhile. So there is no loop,
 * and the slot that is written is never one that the consumer has or can get.
 *
 * One atomic operation per record. The consumer that sleeps has left its wish to be rung in the very cell that comes
 * next, so there is no other word to look at.
 */
import { Doorbell } from './doorbell.js';
import { QueueError } from './errors.js';
import type { LossyPlace, LossyProducerContract } from './lossy-contract.js';
import {
  ASKED,
  FULL,
  ID_WORD,
  idHigh,
  idLow,
  idOf,
  LENGTH_WORD,
  LOSSY_BELL_WORD,
  LOSSY_CLOSED_WORD,
  lapField,
  lossyShape,
  OVERWRITTEN_COUNT_WORD,
  PRODUCER_THERE_WORD,
  SLOT_HEADER_BYTES,
  slotField,
  slotOf,
  TAG_WORD,
  WRITTEN_COUNT_WORD,
} from './lossy-layout.js';
import { checkLossyPlace, firstIdOf, takeEnd } from './lossy-place.js';
import { exchange, loadPlain, publish, storePlain } from './memory.js';

const NONE_LOST = -1;
/** No record is as short as that. */
const CLOSED = -1;

export class LossyProducer implements LossyProducerContract {
  readonly words: Int32Array;
  readonly capacity: number;
  /** Longest payload in bytes. */
  readonly slotBytes: number;
  /** Rung when the consumer has asked for it. */
  readonly consumerBell: Doorbell;

  readonly #header: number;
  readonly #cells: number;
  readonly #cellsEnd: number;
  readonly #slots: number;
  readonly #slotWords: number;
  readonly #lapUnit: number;
  readonly #lapMask: number;
  readonly #firstId: number;
  readonly #firstIdLow: number;
  /** The private slot, and where it begins. */
  #slot: number;
  #slotAt: number;
  /** The cell of the next record, and what it will say besides the slot. */
  #cell: number;
  #lap: number;
  /** The id of the next record. In two halves, which stay small integers. */
  #idLow: number;
  #idHigh: number;
  #overwritten = 0;
  #bytesMax: number;
  #bytes: Uint8Array | undefined;

  /**
   * By default the consumer's bell is in the ring; a thread with many rings gives them all the one it sleeps on.
   *
   * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_END_TAKEN`
   */
  constructor(place: LossyPlace, { consumer }: { consumer?: Doorbell } = {}) {
    checkLossyPlace(place);
    takeEnd(place, PRODUCER_THERE_WORD, 'producer');
    const { words, capacity, slotBytes } = place;
    const shape = lossyShape(place);
    const { header, cells, slots, slotWords, lapUnit, lapMask } = shape;
    this.words = words;
    this.capacity = capacity;
    this.slotBytes = slotBytes;
    this.consumerBell = consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD);
    this.#header = header;
    this.#cells = cells;
    this.#cellsEnd = cells + capacity;
    this.#slots = slots;
    this.#slotWords = slotWords;
    this.#lapUnit = lapUnit;
    this.#lapMask = lapMask;
    this.#bytesMax = slotBytes;
    // Behind those in the cells; the consumer's are behind this one.
    this.#slot = capacity;
    this.#slotAt = slots + capacity * slotWords;
    const firstId = firstIdOf(place);
    this.#firstId = firstId;
    this.#firstIdLow = idLow(firstId);
    this.#idLow = this.#firstIdLow;
    this.#idHigh = idHigh(firstId);
    this.#cell = cells + (firstId % capacity);
    this.#lap = lapField(Math.floor(firstId / capacity), shape);
  }

  get nextId(): number {
    return idOf(this.#idLow, this.#idHigh);
  }

  get written(): number {
    return this.nextId - this.#firstId;
  }

  get overwritten(): number {
    return this.#overwritten;
  }

  claim(): number {
    if (this.#bytesMax === CLOSED) this.#refuse(0);
    return (this.#slotAt << 2) + SLOT_HEADER_BYTES;
  }

  publish(bytes: number, tag = 0): number {
    if (bytes > this.#bytesMax) this.#refuse(bytes);
    const { words } = this;
    const slotAt = this.#slotAt;
    const cell = this.#cell;
    const low = this.#idLow;
    storePlain(words, slotAt + ID_WORD, low);
    storePlain(words, slotAt + ID_WORD + 1, this.#idHigh);
    storePlain(words, slotAt + LENGTH_WORD, bytes);
    storePlain(words, slotAt + TAG_WORD, tag);
    // Pairs with the loads and the compare-exchange in `LossyConsumer`: orders every plain store above, and the payload,
    // before what the consumer reads of the slot once it has got it. The other way round it orders what the consumer
    // read of the slot that comes back, before what is written there next. It must be a swap: a load and a store would
    // lose a slot that the consumer puts in between the two, and hand out twice the one that it takes.
    const before = exchange(words, cell, this.#lap | slotField(this.#slot) | FULL);
    const slot = slotOf(before, this.#lapUnit);
    this.#slot = slot;
    this.#slotAt = this.#slots + slot * this.#slotWords;
    if (cell + 1 < this.#cellsEnd) this.#cell = cell + 1;
    else {
      this.#cell = this.#cells;
      this.#lap = (this.#lap + this.#lapUnit) & this.#lapMask;
    }
    const next = (low + 1) | 0;
    this.#idLow = next;
    if (next === 0) this.#idHigh++;
    storePlain(words, this.#header + WRITTEN_COUNT_WORD, (next - this.#firstIdLow) | 0);
    // Pairs with `LossyConsumer.#ask`, which arms the bell first.
    if ((before & ASKED) !== 0) this.consumerBell.ring();
    return (before & FULL) === 0 ? NONE_LOST : this.#countLost();
  }

  write(payload: Uint8Array, tag = 0): number {
    const bytes = payload.length;
    if (bytes > this.#bytesMax) this.#refuse(bytes);
    const { words } = this;
    this.#bytes ??= new Uint8Array(words.buffer, words.byteOffset);
    this.#bytes.set(payload, this.claim());
    return this.publish(bytes, tag);
  }

  /** The record that the slot of before held has as many behind it as the ring has room for, and the one just written. */
  #countLost(): number {
    this.#overwritten++;
    storePlain(this.words, this.#header + OVERWRITTEN_COUNT_WORD, this.#overwritten | 0);
    return this.nextId - 1 - this.capacity;
  }

  lostPayload(): Uint8Array {
    const { words } = this;
    const at = (this.#slotAt << 2) + SLOT_HEADER_BYTES;
    return new Uint8Array(words.buffer, words.byteOffset + at, loadPlain(words, this.#slotAt + LENGTH_WORD));
  }

  get lostTag(): number {
    return loadPlain(this.words, this.#slotAt + TAG_WORD);
  }

  close(): void {
    this.#bytesMax = CLOSED;
    // Pairs with `LossyConsumer.ended`, which looks at its next cell once more after it has seen this.
    publish(this.words, this.#header + LOSSY_CLOSED_WORD, 1);
    this.consumerBell.ring();
  }

  #refuse(bytes: number): never {
    if (this.#bytesMax === CLOSED) throw new QueueError('QUEUE_CLOSED', 'the producer has closed the ring');
    throw new QueueError(
      'QUEUE_RECORD_TOO_LARGE',
      `the payload is too long for the slots of this ring, bytes=${bytes} slotBytes=${this.slotBytes}`,
    );
  }
}
