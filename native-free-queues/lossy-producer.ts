/**
 * The producing end of a lossy ring.
 *
 * Owned here: one slot, of which only this object knows the number, and the words for the counters, which are written
 * once per lap and per record that is lost: every store more would show. Shared: the cells. An exchange gives the slot to
 * a cell and gets the one that the cell had, whatever the consumer does meanwhile. So there is no loop, and the slot that
 * is written is never one that the consumer has or can get.
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
  idHigh,
  idLow,
  LAP_ID_WORD,
  LENGTH_WORD,
  LOSSY_BELL_WORD,
  LOSSY_CLOSED_WORD,
  lapField,
  lossyShape,
  OVERWRITTEN_COUNT_WORD,
  PRODUCER_THERE_WORD,
  SLOT_HEADER_BYTES,
  slotField,
  TAG_WORD,
} from './lossy-layout.js';
import { checkLossyPlace, firstIdOf, storeLapBegun, takeEnd } from './lossy-place.js';
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

  /** Records that were overwritten unread. */
  overwritten = 0;

  readonly #header: number;
  readonly #cells: number;
  readonly #cellsEnd: number;
  readonly #slots: number;
  /** What turns the number of a slot, as it stands in a cell, into the words from the first slot to it. */
  readonly #slotScale: number;
  readonly #slotMask: number;
  readonly #lapUnit: number;
  readonly #lapMask: number;
  readonly #firstId: number;
  /** The private slot, as its number stands in a cell, and where it begins. */
  #slot: number;
  #slotAt: number;
  /** The cell of the next record, and what it will say besides the slot. */
  #cell: number;
  #lap: number;
  /** Id of the record in the first cell of this lap, at once and in two halves. */
  #lapId: number;
  #lapIdLow: number;
  #lapIdHigh: number;
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
    const { header, cells, slots, slotScale, slotMask, lapUnit, lapMask } = shape;
    this.words = words;
    this.capacity = capacity;
    this.slotBytes = slotBytes;
    this.consumerBell = consumer ?? new Doorbell(words, header + LOSSY_BELL_WORD);
    this.#header = header;
    this.#cells = cells;
    this.#cellsEnd = cells + capacity;
    this.#slots = slots;
    this.#slotScale = slotScale;
    this.#slotMask = slotMask;
    this.#lapUnit = lapUnit;
    this.#lapMask = lapMask;
    this.#bytesMax = slotBytes;
    // Behind those in the cells; the consumer's are behind this one.
    this.#slot = slotField(capacity);
    this.#slotAt = slots + this.#slot * slotScale;
    const firstId = firstIdOf(place);
    const position = firstId % capacity;
    this.#firstId = firstId;
    this.#lapId = firstId - position;
    this.#lapIdLow = idLow(this.#lapId);
    this.#lapIdHigh = idHigh(this.#lapId);
    this.#cell = cells + position;
    this.#lap = lapField(this.#lapId / capacity, shape) | FULL;
  }

  get nextId(): number {
    return this.#lapId + (this.#cell - this.#cells);
  }

  get written(): number {
    return this.nextId - this.#firstId;
  }

  claim(): number {
    return (this.#slotAt << 2) + SLOT_HEADER_BYTES;
  }

  publish(bytes: number, tag = 0): number {
    if (bytes > this.#bytesMax) this.#refuse(bytes);
    const { words } = this;
    const at = this.#slotAt;
    const cell = this.#cell;
    storePlain(words, at + LAP_ID_WORD, this.#lapIdLow);
    storePlain(words, at + LAP_ID_WORD + 1, this.#lapIdHigh);
    storePlain(words, at + LENGTH_WORD, bytes);
    storePlain(words, at + TAG_WORD, tag);
    // Pairs with the loads and the compare-exchange in `LossyConsumer`: orders every plain store above, and the payload,
    // before what the consumer reads of the slot once it has got it. The other way round it orders what the consumer
    // read of the slot that comes back, before what is written there next. It must be a swap: a load and a store would
    // lose a slot that the consumer puts in between the two, and hand out twice the one that it takes.
    const before = exchange(words, cell, this.#lap | this.#slot);
    const slot = before & this.#slotMask;
    this.#slot = slot;
    this.#slotAt = this.#slots + slot * this.#slotScale;
    this.#cell = cell + 1;
    const lost = (before & FULL) === 0 ? NONE_LOST : this.#countLost(cell);
    if (cell + 1 === this.#cellsEnd) this.#goRound();
    // Pairs with `LossyConsumer.#ask`, which arms the bell first.
    if ((before & ASKED) !== 0) this.consumerBell.ring();
    return lost;
  }

  /** The cell held the record of the lap before. */
  #countLost(cell: number): number {
    const overwritten = this.overwritten + 1;
    this.overwritten = overwritten;
    storePlain(this.words, this.#header + OVERWRITTEN_COUNT_WORD, overwritten | 0);
    return this.#lapId + (cell - this.#cells) - this.capacity;
  }

  /** On to the first cell, and the next lap. */
  #goRound(): void {
    const lapId = this.#lapId + this.capacity;
    this.#lapId = lapId;
    this.#lapIdLow = idLow(lapId);
    this.#lapIdHigh = idHigh(lapId);
    this.#lap = ((this.#lap + this.#lapUnit) & this.#lapMask) | FULL;
    this.#cell = this.#cells;
    storeLapBegun(this.words, this.#header, lapId);
  }

  write(payload: Uint8Array, tag = 0): number {
    const bytes = payload.length;
    if (bytes > this.#bytesMax) this.#refuse(bytes);
    const { words } = this;
    this.#bytes ??= new Uint8Array(words.buffer, words.byteOffset);
    this.#bytes.set(payload, this.claim());
    return this.publish(bytes, tag);
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
