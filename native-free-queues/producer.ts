/**
 * The producing end of a ring.
 *
 * Owned here: the tail, the published number, and every byte from the tail up to the head (modulo the capacity).
 * Borrowed: the head, which only the consumer moves. A copy of it is kept in a field, because a copy that is too
 * old can only make the ring look fuller than it is.
 *
 * An atomic operation is a call of 7 to 10 ns in Node 20 to 26, so their number is the cost of a ring: one store and
 * one load per batch, one load when the copy of the head says full, none per record.
 */
import type { RecordProducerContract, RingPlace } from './contract.js';
import { Doorbell } from './doorbell.js';
import { QueueError } from './errors.js';
import {
  CONSUMER_BELL_WORD,
  CONSUMER_CLOSED_WORD,
  FLAGS_MASK,
  HEAD_WORD,
  headerBytes,
  headerType,
  LINE_BYTES,
  NOTE_WORD,
  PADDING_TYPE,
  PAYLOAD_AT,
  PAYLOAD_LENGTH_AT,
  PRODUCER_BELL_WORD,
  PRODUCER_CLOSED_WORD,
  PUBLISHED_NUMBER_WORD,
  packHeader,
  payloadBytesMax,
  payloadRecordBytes,
  RELEASED_NUMBER_WORD,
  RING_HEADER_BYTES,
  recordBytesMax,
  TAIL_WORD,
  TYPE_MAX,
  WANTED_WORD,
} from './layout.js';
import { loadPlain, loadShared, publish, storePlain } from './memory.js';
import { checkPlace } from './place.js';
import { numberBehind } from './records.js';
import type { WaitStrategy } from './wait.js';

/**
 * A batch that holds this many bytes, or an eighth of a small ring, is published by the next `claim`; all others when
 * `publish` is called.
 */
export const BATCH_BYTES = 1024;

/** The limit of a ring in which nothing can be claimed. */
const NOWHERE = -1;

export class RecordProducer implements RecordProducerContract {
  readonly words: Int32Array;
  readonly capacityBytes: number;
  /** Longest record in bytes that can be claimed, its header included: an eighth of the capacity. */
  readonly recordBytesMax: number;
  /** Longest payload in bytes that `tryWrite` takes. */
  readonly payloadBytesMax: number;
  /** What the producer sleeps on while it waits for room. */
  readonly bell: Doorbell;
  /** Rung after each publication. */
  readonly consumerBell: Doorbell;

  /** Where the next record begins, in bytes from the start of the view. */
  cursor = 0;
  /** A record that ends here or earlier needs no second thought; all else is the business of `makeRoom`. */
  limit = NOWHERE;
  /** Where the first record that is not yet published begins; equal to `cursor` when there is none. */
  batchAt = 0;
  /** Running number of the next record; wraps at 2^32, as an `Int32`. */
  number = 0;

  readonly #header: number;
  readonly #dataAt: number;
  readonly #dataEnd: number;
  readonly #batchBytes: number;
  /** What turns a place in the view into a position, as long as `cursor` does not pass the end of the ring. */
  #lap = 0;
  /** Up to here everything from `cursor` on is free, as far as this end has looked, and in one piece. */
  #roomEnd = NOWHERE;
  #cachedHead = 0;
  #flags = 0;
  #publishedFlags = 0;
  #closed = false;
  #bytes: Uint8Array | undefined;

  /**
   * By default each end has a bell in the ring; a thread with many rings gives them all the one it sleeps on. One that
   * is `detached` does not look at the ring before `takeOver`, and must not be used before.
   *
   * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_CORRUPT`
   */
  constructor(
    place: RingPlace,
    { own, consumer, detached }: { own?: Doorbell; consumer?: Doorbell; detached?: boolean } = {},
  ) {
    checkPlace(place);
    const { words, atBytes, capacityBytes } = place;
    const header = atBytes >> 2;
    this.words = words;
    this.capacityBytes = capacityBytes;
    this.recordBytesMax = recordBytesMax(capacityBytes);
    this.payloadBytesMax = payloadBytesMax(capacityBytes);
    this.bell = own ?? new Doorbell(words, header + PRODUCER_BELL_WORD);
    this.consumerBell = consumer ?? new Doorbell(words, header + CONSUMER_BELL_WORD);
    this.#header = header;
    this.#dataAt = atBytes + RING_HEADER_BYTES;
    this.#dataEnd = this.#dataAt + capacityBytes;
    // At most the longest record, so that a longer one never passes by the limit of a batch, but goes to `makeRoom`.
    this.#batchBytes = Math.min(BATCH_BYTES, this.recordBytesMax);
    if (detached !== true) this.takeOver();
  }

  /**
   * Takes the ring over where an earlier producer, whose thread has ended, left it: what that one published stands, with
   * its flags and whether it has closed; what it only committed is gone.
   *
   * @throws QueueError `QUEUE_CORRUPT`
   */
  takeOver(): void {
    const { words, capacityBytes } = this;
    const header = this.#header;
    // Own words, so plain loads are enough: an earlier owner handed them over together with the memory.
    const tailAndFlags = loadPlain(words, header + TAIL_WORD);
    const tail = tailAndFlags & ~FLAGS_MASK;
    this.#flags = tailAndFlags & FLAGS_MASK;
    this.#publishedFlags = this.#flags;
    this.cursor = this.#dataAt + (tail & (capacityBytes - 1));
    this.#lap = (tail - this.cursor) | 0;
    // Pairs with the publish of the head in `RecordConsumer.release`, as in `refreshFreeBytes`.
    this.#cachedHead = loadShared(words, header + HEAD_WORD);
    const releasedNumberAt = header + RELEASED_NUMBER_WORD;
    this.number = numberBehind(
      { words, dataAt: this.#dataAt, capacityBytes, releasedNumberAt },
      this.#cachedHead,
      tail,
    );
    storePlain(words, header + PUBLISHED_NUMBER_WORD, this.number);
    this.#roomEnd = Math.min(this.#dataEnd, this.cursor + this.freeBytes);
    this.batchAt = this.cursor;
    this.limit = Math.min(this.#roomEnd, this.cursor + this.#batchBytes);
    if (loadPlain(words, header + PRODUCER_CLOSED_WORD) !== 0) this.#end();
    // For an earlier owner that ended between a publication and the wake of the consumer.
    this.consumerBell.rouse();
  }

  /** Position of the next record; wraps at 2^32, as an `Int32`. */
  get position(): number {
    return (this.cursor + this.#lap) | 0;
  }

  /** Bytes that are free as far as this end has last looked. */
  get freeBytes(): number {
    return this.capacityBytes - ((this.position - this.#cachedHead) | 0);
  }

  /** Looks at the head again. */
  refreshFreeBytes(): number {
    // Pairs with the publish of the head in `RecordConsumer.release`: the consumer's reads of the records before it
    // come before our writes over them.
    this.#cachedHead = loadShared(this.words, this.#header + HEAD_WORD);
    return this.freeBytes;
  }

  claim(bytes: number): number {
    const at = this.cursor;
    return at + bytes <= this.limit ? at : this.makeRoom(bytes);
  }

  commit(at: number, bytes: number, type: number): void {
    const { words } = this;
    const index = at >> 2;
    storePlain(words, index, packHeader(bytes, type));
    storePlain(words, index + 1, this.number);
    this.number = (this.number + 1) | 0;
    this.cursor = at + bytes;
  }

  /**
   * The slow half of `claim`: ends a batch that is long enough, goes round at the end of the ring, looks at the head
   * again. Returns where a record of `bytes` bytes can begin, or -1.
   */
  protected makeRoom(bytes: number): number {
    this.#checkClaim(bytes);
    if (this.cursor - this.batchAt >= this.#batchBytes) this.publish();
    const toEnd = this.#dataEnd - this.cursor;
    const needed = this.#neededBytes(bytes);
    if (needed > this.freeBytes && needed > this.refreshFreeBytes()) {
      // What is committed must be visible, or a consumer that sleeps would never make room.
      this.publish();
      // Pairs with the publish in `RecordConsumer.close`; looked at only here, where the ring is full anyway.
      if (loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0) {
        throw new QueueError('QUEUE_CLOSED', 'the consumer has closed the ring');
      }
      return -1;
    }
    if (bytes > toEnd) this.#goRound(toEnd);
    this.#roomEnd = Math.min(this.#dataEnd, this.cursor + this.freeBytes);
    this.limit = Math.min(this.#roomEnd, this.batchAt + this.#batchBytes);
    return this.cursor;
  }

  /** @throws QueueError `QUEUE_RECORD_TOO_LARGE`, `QUEUE_CLOSED` */
  #checkClaim(bytes: number): void {
    if (this.#closed) throw new QueueError('QUEUE_CLOSED', 'the producer has closed the ring');
    if (bytes <= this.recordBytesMax) return;
    throw new QueueError(
      'QUEUE_RECORD_TOO_LARGE',
      `a record takes at most an eighth of its ring, bytes=${bytes} bytesMax=${this.recordBytesMax}`,
    );
  }

  /** Bytes that a record of `bytes` bytes takes here: if it has to go round, what is left of the ring as well. */
  #neededBytes(bytes: number): number {
    const toEnd = this.#dataEnd - this.cursor;
    return bytes > toEnd ? toEnd + bytes : bytes;
  }

  /**
   * Fills what is left of the ring with a padding record. A batch never spans the end, so it is published first; a
   * padding alone is not, because it would be no news: it is in front of the next batch.
   */
  #goRound(toEnd: number): void {
    const pending = this.cursor !== this.batchAt;
    if (toEnd > 0) storePlain(this.words, this.cursor >> 2, packHeader(toEnd, PADDING_TYPE));
    this.cursor = this.#dataEnd;
    if (pending) this.publish();
    this.cursor = this.#dataAt;
    this.batchAt = this.#dataAt;
    this.#lap = (this.#lap + this.capacityBytes) | 0;
  }

  publish(): boolean {
    const { words, cursor } = this;
    if (cursor === this.batchAt && this.#flags === this.#publishedFlags) return false;
    const roomEnd = this.#roomEnd;
    // A batch ends with its cache line: the next one must not dirty the line that the consumer is about to read.
    const gap = (this.#dataAt - cursor) & (LINE_BYTES - 1);
    const next = cursor !== this.batchAt && cursor + gap <= roomEnd ? cursor + gap : cursor;
    if (next !== cursor) this.#fill(cursor, next);
    storePlain(words, this.#header + PUBLISHED_NUMBER_WORD, this.number);
    // Pairs with `RecordConsumer.look`: orders every plain store above (payloads, headers, paddings, the published
    // number) before what the consumer reads after it has seen this tail. A plain store would let it read garbage.
    publish(words, this.#header + TAIL_WORD, (next + this.#lap) | 0 | this.#flags);
    this.#publishedFlags = this.#flags;
    this.cursor = next;
    this.batchAt = next;
    const batchEnd = next + this.#batchBytes;
    // biome-ignore lint/complexity/useMathMinMax: Math.min goes by way of floating point
    this.limit = batchEnd < roomEnd ? batchEnd : roomEnd;
    // Take the next line while the message travels: its owner is the consumer, which read it a lap ago. The line is
    // free, and nobody looks at it before the next publication. Measured on two cores, a ping-pong over rings takes
    // 1.3 times one over a bare word with this and the padding above, 1.6 times without.
    if (next + LINE_BYTES <= roomEnd) storePlain(words, next >> 2, 0);
    // Pairs with `Doorbell.arm`; it must come after the publish above, see there.
    return this.consumerBell.ring();
  }

  /** Covers the bytes from `cursor` to `next`: a lone record grows over them, several are followed by a padding. */
  #fill(cursor: number, next: number): void {
    const first = this.batchAt >> 2;
    const header = loadPlain(this.words, first);
    if (headerBytes(header) === cursor - this.batchAt) {
      storePlain(this.words, first, packHeader(next - this.batchAt, headerType(header)));
    } else storePlain(this.words, cursor >> 2, packHeader(next - cursor, PADDING_TYPE));
  }

  /** Reads one of the 16 words that `RecordConsumer.publishNote` writes, index 0 to 15 (not checked). */
  loadNote(index: number): number {
    // Pairs with the publish there.
    return loadShared(this.words, this.#header + NOTE_WORD + index);
  }

  /**
   * Sets bits (0 to 7) that `RecordConsumer.look` sees beside the tail from the next publication on. A changed flag is
   * reason enough for `publish` to publish.
   */
  setFlags(flags: number): void {
    this.#flags = flags & FLAGS_MASK;
  }

  get flags(): number {
    return this.#flags;
  }

  tryWrite(type: number, payload: Uint8Array): boolean {
    if (!Number.isInteger(type) || type <= PADDING_TYPE || type > TYPE_MAX) {
      throw new QueueError('QUEUE_INVALID_ARGUMENT', `a type is an integer from 1 to ${TYPE_MAX}, type=${type}`);
    }
    if (payload.length > this.payloadBytesMax) {
      throw new QueueError(
        'QUEUE_RECORD_TOO_LARGE',
        `the payload is too long for this ring, bytes=${payload.length} bytesMax=${this.payloadBytesMax}`,
      );
    }
    const { words } = this;
    const bytes = payloadRecordBytes(payload.length);
    const at = this.claim(bytes);
    if (at < 0) return false;
    this.#bytes ??= new Uint8Array(words.buffer, words.byteOffset);
    storePlain(words, (at + PAYLOAD_LENGTH_AT) >> 2, payload.length);
    this.#bytes.set(payload, at + PAYLOAD_AT);
    this.commit(at, bytes, type);
    return true;
  }

  /**
   * Says that this end is about to sleep until there is room. Call `bell.arm()` first, then this, then look at
   * `refreshFreeBytes` once more, and sleep on `bell` if that is still too little.
   */
  wantRoom(): void {
    // Pairs with the load in `RecordConsumer.release`, in the order publish, then look, on both sides: either the
    // consumer sees the wish, or this end's second look sees the new head. The bell is armed before, because the
    // first room that is made spends the wish, and that may not be enough: then nobody would ring again.
    publish(this.words, this.#header + WANTED_WORD, 1);
  }

  waitForRoom<Result>(bytes: number, strategy: WaitStrategy<Result>): Result {
    this.#checkClaim(bytes);
    // What is committed must be visible, or a consumer that sleeps would never make room.
    this.publish();
    return strategy.wait(this.bell, () => {
      if (this.#mayClaim(bytes)) return true;
      // Only a strategy that is about to sleep has armed the bell, and only then is a wish worth its stores.
      if (!this.bell.asleep) return false;
      this.wantRoom();
      return this.#mayClaim(bytes);
    });
  }

  /** Whether `claim` would find room, or throw. */
  #mayClaim(bytes: number): boolean {
    if (this.#neededBytes(bytes) <= this.refreshFreeBytes()) return true;
    // Pairs with the publish in `RecordConsumer.close`.
    return loadShared(this.words, this.#header + CONSUMER_CLOSED_WORD) !== 0;
  }

  /** From here on nothing can be claimed. */
  #end(): void {
    this.#closed = true;
    this.#roomEnd = NOWHERE;
    this.limit = NOWHERE;
  }

  close(): void {
    this.publish();
    this.#end();
    // Pairs with `RecordConsumer.ended`, which looks at the tail once more after it has seen this.
    publish(this.words, this.#header + PRODUCER_CLOSED_WORD, 1);
    this.consumerBell.ring();
  }
}
