/**
 * Where the words of a lossy ring lie. No other file of this folder contains a number that is an offset.
 *
 * ```
 *   byte   word               written by                        read by
 *   ----   ----               ----------                        -------
 *      0   lap id, low        producer (plain)                  counters
 *      4   lap id, high       the same                          the same
 *      8   overwritten count  the same                          the same
 *    128   read count         consumer (plain)                  counters
 *    132   lost count         consumer (plain)                  counters
 *    256   consumer bell      consumer arms and disarms it      who rings it (loadShared, exchange)
 *                             (publish), ringers (exchange)
 *    260   producer closed    producer (publish)                consumer (loadShared)
 *    264   producer there     who becomes the producer          the same
 *                             (exchange)
 *    268   consumer there     the same for the consumer         the same
 *    272   capacity           who makes the ring (plain,        who opens it
 *    276   slot bytes         before it hands the memory over)  the same
 *    280   first id, low      the same                          both ends, when they are made
 *    284   first id, high     the same                          the same
 *    384   cells              producer (exchange),              both
 *                             consumer (compareExchange)
 *          slots              who owns the slot (plain)         who owns it
 * ```
 *
 * There are as many cells as the ring has room for records, and twice as many slots and one more. Each cell holds
 * the number of a slot; the others belong to the consumer, as many as there are cells, and to the producer, one. Record
 * `id` goes through cell `id % capacity`, in lap `Math.floor(id / capacity)`. A cell:
 *
 * ```
 *    0 1 2              s                                     31
 *   +-+-+----------------+--------------------------------------+
 *   |F|A|  slot          |  lap, as far as it fits              |   bits counted from the least significant
 *   +-+-+----------------+--------------------------------------+
 *    F: full, the slot holds a record that nobody has taken. A: asked, the consumer wants to be rung for the next record.
 * ```
 *
 * The number of a slot takes as few bits as it can, so that the lap has as many as it can: it turns over after 2^28 to
 * 2^29 records. The lap tells the consumer where to look, and nothing more: whether it has found the record that it was
 * looking for says the slot, where nothing turns over: the id of the record that went through the first cell in this lap.
 *
 * A slot, which begins on a multiple of 64 bytes behind the start of the ring:
 *
 * ```
 *   +-----------------------------------+
 *   |  lap id, low 32 bits              |
 *   |  lap id, high bits                |
 *   |  length of the payload in bytes   |
 *   |  tag                              |
 *   +-----------------------------------+
 *   |  payload ...                      |
 * ```
 */
import { ISOLATION_BYTES, LINE_BYTES } from './layout.js';
import type { LossyPlace } from './lossy-contract.js';

const WORD_BYTES = 4;

export const LOSSY_HEADER_BYTES = 384;
export const LAP_BEGUN_WORD = 0;
export const OVERWRITTEN_COUNT_WORD = 2;
export const READ_COUNT_WORD = ISOLATION_BYTES / WORD_BYTES;
export const LOST_COUNT_WORD = READ_COUNT_WORD + 1;
export const LOSSY_BELL_WORD = (2 * ISOLATION_BYTES) / WORD_BYTES;
export const LOSSY_CLOSED_WORD = LOSSY_BELL_WORD + 1;
export const PRODUCER_THERE_WORD = LOSSY_BELL_WORD + 2;
export const CONSUMER_THERE_WORD = LOSSY_BELL_WORD + 3;
export const CAPACITY_WORD = LOSSY_BELL_WORD + 4;
export const SLOT_BYTES_WORD = LOSSY_BELL_WORD + 5;
export const FIRST_ID_WORD = LOSSY_BELL_WORD + 6;
const CELLS_WORD = LOSSY_HEADER_BYTES / WORD_BYTES;

/** Words of a slot. */
export const LAP_ID_WORD = 0;
export const LENGTH_WORD = 2;
export const TAG_WORD = 3;
export const SLOT_HEADER_BYTES = 16;

/** Bits of a cell. */
export const FULL = 1;
export const ASKED = 2;
const SLOT_SHIFT = 2;
const CELL_BITS = 32;

export const LOSSY_CAPACITY_MAX = (1 << 15) - 1;
export const SLOT_ALIGNMENT_BYTES = 8;
export const SLOT_BYTES_MAX = 1 << 24;

const UINT32_SIZE = 2 ** 32;
export const idLow = (id: number): number => id | 0;
export const idHigh = (id: number): number => Math.floor(id / UINT32_SIZE);
export const idOf = (low: number, high: number): number => high * UINT32_SIZE + (low >>> 0);

const roundUp = (bytes: number, unit: number): number => Math.ceil(bytes / unit) * unit;

/** Bytes from one slot to the next. */
const slotStride = (slotBytes: number): number => roundUp(SLOT_HEADER_BYTES + slotBytes, LINE_BYTES);

const slotCount = (capacity: number): number => 2 * capacity + 1;

/** Bytes from the beginning of the ring to its slots. */
const slotsAtBytes = (capacity: number): number => LOSSY_HEADER_BYTES + roundUp(capacity * WORD_BYTES, ISOLATION_BYTES);

/** Bytes of shared memory that such a ring takes; a multiple of 128. */
export const lossyRingBytes = (capacity: number, slotBytes: number): number =>
  roundUp(slotsAtBytes(capacity) + slotCount(capacity) * slotStride(slotBytes), ISOLATION_BYTES);

/**
 * Where everything lies in the view of a place, by the index of its word, and what the bits of a cell mean. A slot begins
 * at `slots`, and `slotScale` times its number as it stands in a cell.
 */
export interface LossyShape {
  readonly header: number;
  readonly cells: number;
  readonly capacity: number;
  readonly slots: number;
  readonly slotScale: number;
  readonly slotMask: number;
  readonly lapUnit: number;
  readonly lapMask: number;
}

export const lossyShape = ({ atBytes, capacity, slotBytes }: LossyPlace): LossyShape => {
  const header = atBytes / WORD_BYTES;
  const lapShift = SLOT_SHIFT + CELL_BITS - Math.clz32(slotCount(capacity) - 1);
  const lapBits = CELL_BITS - lapShift;
  return {
    header,
    cells: header + CELLS_WORD,
    capacity,
    slots: header + slotsAtBytes(capacity) / WORD_BYTES,
    slotScale: slotStride(slotBytes) / WORD_BYTES / (1 << SLOT_SHIFT),
    slotMask: (1 << lapShift) - (1 << SLOT_SHIFT),
    lapUnit: 1 << lapShift,
    lapMask: ((1 << lapBits) - 1) << lapShift,
  };
};

/** The lap of a cell, in its place there. */
export const lapField = (lap: number, { lapUnit, lapMask }: LossyShape): number =>
  Math.imul(idLow(lap), lapUnit) & lapMask;

/** The number of a slot, in its place in a cell. */
export const slotField = (slot: number): number => slot << SLOT_SHIFT;
const relationsHold =
  LOSSY_HEADER_BYTES % ISOLATION_BYTES === 0 &&
  (FIRST_ID_WORD + 2) * WORD_BYTES <= LOSSY_HEADER_BYTES &&
  (FULL | ASKED) < 1 << SLOT_SHIFT &&
  LINE_BYTES % (WORD_BYTES << SLOT_SHIFT) === 0 &&
  SLOT_HEADER_BYTES % SLOT_ALIGNMENT_BYTES === 0 &&
  slotCount(LOSSY_CAPACITY_MAX) <= 1 << 16;
if (!relationsHold) throw new Error('native-free-queues/lossy-layout: the offsets contradict each other');
