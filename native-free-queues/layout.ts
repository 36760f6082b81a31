/**
 * Where the words of a ring lie. No other file of this folder contains a number that is an offset.
 *
 * ```
 *   byte   word               written by                       read by
 *   ----   ----               ----------                       -------
 *      0   tail and flags     producer (publish)               consumer (loadShared)
 *      4   wanted             producer sets it (publish),      consumer (loadShared, exchange)
 *                             consumer clears it (exchange)
 *      8   published number   producer (plain, before the      who has read that tail; exact but for a
 *                             tail)                            producer that died between the two
 *    128   head               consumer (publish)               producer (loadShared)
 *    132   taken              consumer (plain)                 who knows that the consumer's thread has ended
 *    136   released number    consumer (plain, before the      who has read that head; exact but for a
 *                             head)                            consumer that died between the two
 *    192   16 notes           consumer (publish)               producer (loadShared)
 *    256   producer bell      producer arms and disarms it     anybody who rings it (loadShared, exchange)
 *                             (publish), ringers (exchange)
 *    260   consumer bell      the same for the consumer        the same
 *    264   producer closed    producer (publish)               consumer (loadShared)
 *    268   consumer closed    consumer (publish)               producer (loadShared)
 *    384   records            producer (plain; handed over     consumer (plain)
 *                             by the tail, back by the head)
 * ```
 *
 * Besides, `readRingCounters` reads the tail, the head and the three numbers from any thread, and each end reads its
 * own words once when it is made, to go on where an earlier owner of that end has left off.
 *
 * Three regions, because the first changes with every batch that is sent, the second with every record that is
 * taken, and the third hardly ever: a producer that looks for a sleeping consumer must not wait for a line that the
 * consumer is writing.
 *
 * The words of the two sides are 128 bytes apart: x86 fetches cache lines in adjacent pairs, and the large cores of
 * Apple and ARM have lines of 128 bytes (crossbeam `cache_padded.rs`, JCTools). What counts is the distance, because
 * the start of a SharedArrayBuffer is not promised to be aligned; for the same reason the records keep theirs from the
 * header.
 *
 * The tail and the head are positions in bytes that run freely and wrap at 2^32; where a position lies in the ring is
 * its remainder by the capacity. Positions are multiples of 8, and the three low bits of the tail are flags that the
 * producer may use to say something with every publication at no cost.
 *
 * A record:
 *
 * ```
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-------------------------+---------------------------------------+
 *   |  type (12 bits)         |  length in units of 8 bytes (20 bits) |   bits counted from the least significant
 *   +-------------------------+---------------------------------------+
 *   |  running number (0 in a padding record)                         |
 *   +-----------------------------------------------------------------+
 *   |  payload ...                                                    |
 * ```
 *
 * The length counts the header. Type 0 is padding: it fills what is left before the end of the ring, or before the
 * next cache line when a batch is published. A batch that is a single record needs no padding: its length grows.
 *
 * The payload belongs to who claims the record. `tryWrite` begins it with the number of bytes that follow:
 *
 * ```
 *   +-----------------------------------------------------------------+
 *   |  8: length of the payload in bytes                              |
 *   +-----------------------------------------------------------------+
 *   | 12: payload ...                                                 |
 * ```
 */

/** Bytes between words that different threads write. */
export const ISOLATION_BYTES = 128;
/** Bytes of a cache line; a published batch begins on a new one. */
export const LINE_BYTES = 64;

export const RING_HEADER_BYTES = 384;

const WORD_BYTES = 4;
export const TAIL_WORD = 0;
export const WANTED_WORD = 1;
export const PUBLISHED_NUMBER_WORD = 2;
export const HEAD_WORD = ISOLATION_BYTES / WORD_BYTES;
export const TAKEN_WORD = HEAD_WORD + 1;
export const RELEASED_NUMBER_WORD = HEAD_WORD + 2;
export const PRODUCER_BELL_WORD = (2 * ISOLATION_BYTES) / WORD_BYTES;
export const CONSUMER_BELL_WORD = PRODUCER_BELL_WORD + 1;
export const PRODUCER_CLOSED_WORD = PRODUCER_BELL_WORD + 2;
export const CONSUMER_CLOSED_WORD = PRODUCER_BELL_WORD + 3;

/** Words with which the consumer may say something to the producer; their meaning is up to who uses the ring. */
export const NOTE_WORD = 192 / WORD_BYTES;
export const NOTE_COUNT = 16;

/** The bits of the tail that are flags. */
export const FLAGS_MASK = 7;

export const RECORD_ALIGNMENT_BYTES = 8;
export const RECORD_HEADER_BYTES = 8;
export const TYPE_BITS = 12;
export const TYPE_MAX = (1 << TYPE_BITS) - 1;
export const PADDING_TYPE = 0;

export const CAPACITY_BYTES_MIN = 1 << 10;
export const CAPACITY_BYTES_MAX = 1 << 25;
/** A record takes at most this part of the ring, so that no record needs an empty ring to fit (Agrona's rule). */
export const RECORD_SHARE = 8;
/** A ring ends here at the latest, so that every place in the view is a 32-bit integer. */
export const PLACE_END_MAX = 2 ** 31;

/** In a record of `tryWrite`: where the length of the payload lies, and the payload, in bytes from its beginning. */
export const PAYLOAD_LENGTH_AT = RECORD_HEADER_BYTES;
export const PAYLOAD_AT = PAYLOAD_LENGTH_AT + WORD_BYTES;

/** Bytes of shared memory that a ring of this capacity takes; a multiple of `ISOLATION_BYTES`. */
export const ringBytes = (capacityBytes: number): number => RING_HEADER_BYTES + capacityBytes;

/** Longest record in bytes that can be claimed, its header included. */
export const recordBytesMax = (capacityBytes: number): number => capacityBytes / RECORD_SHARE;

/** The next multiple of 8. */
export const alignRecord = (bytes: number): number => (bytes + (RECORD_ALIGNMENT_BYTES - 1)) & -RECORD_ALIGNMENT_BYTES;

/** Bytes of the record in which `tryWrite` writes a payload of so many bytes. */
export const payloadRecordBytes = (payloadBytes: number): number => alignRecord(PAYLOAD_AT + payloadBytes);

/** Longest payload in bytes that `tryWrite` takes. */
export const payloadBytesMax = (capacityBytes: number): number => recordBytesMax(capacityBytes) - PAYLOAD_AT;

/** First header word of a record; `bytes` is a multiple of 8 and counts the header. */
export const packHeader = (bytes: number, type: number): number => (bytes << (TYPE_BITS - 3)) | type;
export const headerType = (header: number): number => header & TYPE_MAX;
export const headerBytes = (header: number): number => (header >>> TYPE_BITS) << 3;

const relationsHold =
  RING_HEADER_BYTES % ISOLATION_BYTES === 0 &&
  PUBLISHED_NUMBER_WORD * WORD_BYTES < ISOLATION_BYTES &&
  RELEASED_NUMBER_WORD < NOTE_WORD &&
  (NOTE_WORD + NOTE_COUNT) * WORD_BYTES <= 2 * ISOLATION_BYTES &&
  CONSUMER_CLOSED_WORD * WORD_BYTES < RING_HEADER_BYTES &&
  FLAGS_MASK < RECORD_ALIGNMENT_BYTES &&
  (recordBytesMax(CAPACITY_BYTES_MAX) + LINE_BYTES) / RECORD_ALIGNMENT_BYTES < 2 ** (32 - TYPE_BITS) &&
  recordBytesMax(CAPACITY_BYTES_MIN) >= LINE_BYTES;
if (!relationsHold) throw new Error('native-free-queues/layout: the offsets contradict each other');
