/**
 * Where the words of a ring lie. No other file of this folder contains a number that is an offset.
 *
 * ```
 *   byte   word                    written by             read by
 *   ----   ----                    ----------             -------
 *      0   tail                    producer (publish)     consumer (loadShared)
 *      4   wanted                  producer (publish),    consumer (loadShared, exchange)
 *                                  consumer (exchange)
 *      8   published number        producer (plain,       anybody who has read that tail
 *                                  before the tail)
 *    128   head                    consumer (publish)     producer (loadShared)
 *    132   taken                   consumer (plain)       anybody once the consumer's thread has ended
 *    136   released number         consumer (plain,       anybody who has read that head
 *                                  before the head)
 *    192   16 notes                consumer (publish)     producer (loadShared)
 *    256   producer bell           both (exchange)        both
 *    260   consumer bell           both (exchange)        both
 *    264   producer closed         producer (publish)     consumer (loadShared)
 *    268   consumer closed         consumer (publish)     producer (loadShared)
 *    384   records                 producer (plain, handed over by the tail, handed back by the head)
 * ```
 *
 * Three regions, because the first changes with every batch that is sent, the second with every record that is
 * taken, and the third hardly ever: a producer that looks for a sleeping consumer must not wait for a line that the
 * consumer is writing.
 *
 * The words of the two sides are 128 bytes apart: x86 fetches cache lines in adjacent pairs, and the large cores of
 * Apple and ARM have lines of 128 bytes (crossbeam `cache_padded.rs`, JCTools). The start of a SharedArrayBuffer is
 * not promised to be aligned, so the header is padded on both sides.
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
 * next cache line when a batch is published.
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

/** Bytes of shared memory that a ring of this capacity takes; a multiple of `ISOLATION_BYTES`. */
export const ringBytes = (capacityBytes: number): number => RING_HEADER_BYTES + capacityBytes;

/** Longest record in bytes, its header included. */
export const recordBytesMax = (capacityBytes: number): number => capacityBytes / RECORD_SHARE;

export const alignRecord = (bytes: number): number => (bytes + (RECORD_ALIGNMENT_BYTES - 1)) & -RECORD_ALIGNMENT_BYTES;

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
  recordBytesMax(CAPACITY_BYTES_MAX) / RECORD_ALIGNMENT_BYTES < 2 ** (32 - TYPE_BITS) &&
  recordBytesMax(CAPACITY_BYTES_MIN) >= LINE_BYTES;
if (!relationsHold) throw new Error('native-free-queues/layout: the offsets contradict each other');
