/**
 * The consuming end of a ring.
 *
 * Owned here: the head, the released number, `taken`, and every byte from the head up to the tail (modulo the capacity).
 * Borrowed: the tail, which only the producer moves; what this end has seen of it is kept in a field.
 *
 * `taken` is where this end has got to, the head how far it has given room back. `taken` is written with a plain
 * store per record and is for whoever has to finish the work after the consumer's thread has ended: a new consumer on
 * the same memory goes on behind the last record that was handed over.
 */
import type { RecordConsumerContract, RecordSink, RingPlace } from './contract.js';
import { Doorbell } from './doorbell.js';
import { QueueError } from './errors.js';
import {
  CONSUMER_BELL_WORD,
  CONSUMER_CLOSED_WORD,
  FLAGS_MASK,
  HEAD_WORD,
  headerBytes,
  headerType,
  NOTE_COUNT,
  NOTE_WORD,
  PADDING_TYPE,
  PAYLOAD_AT,
  PAYLOAD_LENGTH_AT,
  PRODUCER_BELL_WORD,
  PRODUCER_CLOSED_WORD,
  RELEASED_NUMBER_WORD,
  RING_HEADER_BYTES,
  TAIL_WORD,
  TAKEN_WORD,
  WANTED_WORD,
} from './layout.js';
import { exchange, loadPlain, loadShared, publish, storePlain } from './memory.js';
import { checkPlace } from './place.js';
import { numberBehind } from './records.js';
import type { WaitStrategy } from './wait.js';

export class RecordConsumer implements RecordConsumerContract {
  readonly words: Int32Array;
  readonly capacityBytes: number;
  /** What the consumer sleeps on while it waits for records. */
  readonly bell: Doorbell;
  /** Rung when room is given back that the producer waits for. */
  readonly producerBell: Doorbell;

  /** The producer's flags (0 to 7) as of the last look at the tail, by whichever method. */
  flags = 0;
  /** Running number of the next record; wraps at 2^32, as an `Int32`. */
  number = 0;

  readonly #header: number;
  readonly #dataAt: number;
  readonly #mask: number;
  #position = 0;
  #released = 0;
  #tail = 0;

  /**
   * By default each end has a bell in the ring; a thread with many rings gives them all the one it sleeps on. One that
   * is `detached` does not look at the ring before `takeOver`, and must not be used before.
   *
   * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_CORRUPT`
   */
  constructor(
    place: RingPlace,
    { own, producer, detached }: { own?: Doorbell; producer?: Doorbell; detached?: boolean } = {},
  ) {
    checkPlace(place);
    const { words, atBytes, capacityBytes } = place;
    const header = atBytes >> 2;
    this.words = words;
    this.capacityBytes = capacityBytes;
    this.bell = own ?? new Doorbell(words, header + CONSUMER_BELL_WORD);
    this.producerBell = producer ?? new Doorbell(words, header + PRODUCER_BELL_WORD);
    this.#header = header;
    this.#dataAt = atBytes + RING_HEADER_BYTES;
    this.#mask = capacityBytes - 1;
    if (detached !== true) this.takeOver();
  }

  /**
   * Takes the ring over where an earlier consumer, whose thread has ended, left it: what that one drained is not handed
   * over again.
   *
   * @throws QueueError `QUEUE_CORRUPT`
   */
  takeOver(): void {
    const { words } = this;
    const header = this.#header;
    // Own words, so plain loads are enough: an earlier owner handed them over together with the memory.
    const taken = loadPlain(words, header + TAKEN_WORD);
    const head = loadPlain(words, header + HEAD_WORD);
    this.#released = head;
    this.#position = taken;
    this.#tail = taken;
    const releasedNumberAt = header + RELEASED_NUMBER_WORD;
    const area = { words, dataAt: this.#dataAt, capacityBytes: this.capacityBytes, releasedNumberAt };
    this.number = numberBehind(area, head, taken);
    // For an earlier owner that ended between a release and the wake of the producer.
    this.producerBell.rouse();
  }

  /** Looks at the tail again. Returns whether a record, or a change of the flags, is to be seen. */
  look(): boolean {
    // Pairs with the publish of the tail in `RecordProducer.publish`; orders our reads of the records after it.
    const word = loadShared(this.words, this.#header + TAIL_WORD);
    this.#tail = word & ~FLAGS_MASK;
    const flags = word & FLAGS_MASK;
    if (flags === this.flags) return this.#tail !== this.#position;
    this.flags = flags;
    return true;
  }

  /** May say yes once for nothing but padding after `interrupt`, or together with a change of the flags. */
  hasNews(): boolean {
    return this.#tail !== this.#position || this.look();
  }

  /** Bytes that are drained and not yet released. */
  get unreleasedBytes(): number {
    return (this.#position - this.#released) | 0;
  }

  drain(sink: RecordSink, limit: number): number {
    if (this.#tail === this.#position) this.look();
    const { words } = this;
    const dataAt = this.#dataAt;
    const mask = this.#mask;
    const takenIndex = this.#header + TAKEN_WORD;
    let count = 0;
    // Position, number and tail are fields and move before the record is handed out, because `sink` may drain again.
    while (count < limit && this.#position !== this.#tail) {
      const position = this.#position;
      const at = dataAt + (position & mask);
      const header = loadPlain(words, at >> 2);
      const type = headerType(header);
      const bytes = headerBytes(header);
      const next = (position + bytes) | 0;
      this.#position = next;
      storePlain(words, takenIndex, next);
      if (type === PADDING_TYPE) {
        if (bytes === 0) this.#corrupt(at, header, 0);
        continue;
      }
      const number = loadPlain(words, (at >> 2) + 1);
      if (number !== this.number) this.#corrupt(at, header, number);
      this.number = (number + 1) | 0;
      count++;
      sink.receive(type, at, at + bytes);
    }
    if (count === limit) this.#skipPadding();
    return count;
  }

  /** A padding that ends a batch is no news. */
  #skipPadding(): void {
    if (this.#position === this.#tail) return;
    const header = loadPlain(this.words, (this.#dataAt + (this.#position & this.#mask)) >> 2);
    if (headerType(header) !== PADDING_TYPE) return;
    this.#position = (this.#position + headerBytes(header)) | 0;
    storePlain(this.words, this.#header + TAKEN_WORD, this.#position);
  }

  /**
   * A view of the payload of a record that `tryWrite` wrote. It is the ring itself: valid until the record is released,
   * then the producer writes other things there.
   *
   * @param at where the record begins, as `receive` got it
   * @throws QueueError `QUEUE_CORRUPT` if the record cannot be one of `tryWrite`
   */
  payload(at: number): Uint8Array {
    const { words } = this;
    const header = loadPlain(words, at >> 2);
    const length = loadPlain(words, (at + PAYLOAD_LENGTH_AT) >> 2);
    if (length < 0 || length > headerBytes(header) - PAYLOAD_AT) {
      throw new QueueError(
        'QUEUE_CORRUPT',
        `this is no record of tryWrite, atBytes=${at} header=${header >>> 0} payloadBytes=${length}`,
      );
    }
    return new Uint8Array(words.buffer, words.byteOffset + at + PAYLOAD_AT, length);
  }

  /** The same as a copy in memory of its own, which may be kept. */
  copyPayload(at: number): Uint8Array<ArrayBuffer> {
    return this.payload(at).slice();
  }

  waitForNews<Result>(strategy: WaitStrategy<Result>): Result {
    return strategy.wait(this.bell, () => this.hasNews() || this.ended);
  }

  /** Ends the `drain` that is under way, and those around it, after the record that is being handed over. */
  interrupt(): void {
    this.#tail = this.#position;
  }

  release(): void {
    if (this.#released === this.#position) return;
    this.#released = this.#position;
    const numberAt = this.#header + RELEASED_NUMBER_WORD;
    // Not written for paddings alone: a producer that takes the ring over may be reading it, see `numberBehind`.
    if (loadPlain(this.words, numberAt) !== this.number) storePlain(this.words, numberAt, this.number);
    // Pairs with `RecordProducer.refreshFreeBytes`: orders our reads of the records, and the released number, before the
    // producer's next writes over them. A plain store would let those overtake our reads.
    publish(this.words, this.#header + HEAD_WORD, this.#released);
    // Pairs with `RecordProducer.wantRoom`; it must come after the publish above, see there.
    if (loadShared(this.words, this.#header + WANTED_WORD) === 0) return;
    if (exchange(this.words, this.#header + WANTED_WORD, 0) !== 0) this.producerBell.ring();
  }

  /**
   * Writes one of 16 words, index 0 to 15, that the producer can read at any time: for what a consumer has to say
   * about its side. Each word by itself is current; several are not a snapshot.
   *
   * @param value a 32-bit integer
   * @throws QueueError `QUEUE_INVALID_ARGUMENT`
   */
  publishNote(index: number, value: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= NOTE_COUNT) {
      throw new QueueError('QUEUE_INVALID_ARGUMENT', `there are ${NOTE_COUNT} notes, index=${index}`);
    }
    // Pairs with `RecordProducer.loadNote`.
    publish(this.words, this.#header + NOTE_WORD + index, value);
  }

  get ended(): boolean {
    // Pairs with `RecordProducer.close`, which publishes its last tail first: so look at the tail after this.
    if (loadShared(this.words, this.#header + PRODUCER_CLOSED_WORD) === 0) return false;
    this.look();
    return this.#tail === this.#position;
  }

  close(): void {
    // Pairs with the loads in `RecordProducer.makeRoom` and, in the order publish, then ring, `waitForRoom`.
    publish(this.words, this.#header + CONSUMER_CLOSED_WORD, 1);
    this.producerBell.ring();
  }

  #corrupt(at: number, header: number, number: number): never {
    throw new QueueError(
      'QUEUE_CORRUPT',
      `the ring holds something that its producer cannot have written, atBytes=${at} header=${header >>> 0} number=${number} expected=${this.number}`,
    );
  }
}
