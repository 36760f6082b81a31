/**
 * The table of names: where every word of it lies.
 *
 * ```
 *   +--------------------+
 *   | head               |  128 bytes: lock, count, untidy
 *   +--------------------+
 *   | entry 0 ... N      |  128 bytes each
 *   +--------------------+
 * ```
 *
 * An entry:
 *
 * ```
 *   byte   words                        written by
 *      0   state                        see below
 *      4   hash of the name             whoever holds the lock, while the entry is empty or freed
 *      8   actor: origin, slot,         the same
 *          generation, definition
 *     24   bytes of the name            the same
 *     28   life of the parent's thread  the same, and whoever holds the lock
 *     32   the name in UTF-8, filled    the same
 *          up with zeros to whole words
 * ```
 *
 * Its state, in one word:
 *
 * ```
 *    31                         2 1    0
 *   +----------------------------+------+
 *   | how often it was reserved, | kind |
 *   | or given another parent    |      |
 *   +----------------------------+------+
 *
 *            reserve                 publish
 *   EMPTY ------------> RESERVED <-------------> LIVE
 *     ^  \               ^    |      conceal      |        entrust: the next number, of the same kind
 *     |   \      reserve |    | free              | free
 *     |    \             |    v                   |
 *     +-----------------  FREED  <----------------+
 *        sweep
 * ```
 */
import { NAME_BYTES_MAX, NAMES_MAX } from '../base/limits.js';
import { NAME_ENTRY_BYTES, NAMES_HEAD_BYTES } from '../mesh/layout.js';

export const ENTRY_WORDS = NAME_ENTRY_BYTES / 4;

/** Head. */
export const LOCK_WORD = 0;
/** How many names there are; too many for moments and after a death, never too few. */
export const COUNT_WORD = 1;
/** 1: threads have died, so the count may be too high, and freed entries lie about that nobody needs. */
export const UNTIDY_WORD = 2;
export const ENTRIES_WORD = NAMES_HEAD_BYTES / 4;

/** Entry. */
export const STATE_WORD = 0;
export const HASH_WORD = 1;
export const ORIGIN_WORD = 2;
export const SLOT_WORD = 3;
export const GENERATION_WORD = 4;
export const DEFINITION_WORD = 5;
export const LENGTH_WORD = 6;
export const PARENT_WORD = 7;
export const NAME_WORD = 8;

/** Ends every lookup that comes by. */
export const EMPTY = 0;
/** Of no name, but lookups of others may lead past it. */
export const FREED = 1;
export const RESERVED = 2;
export const LIVE = 3;

const KIND_MASK = 3;
const SEQUENCE_STEP = KIND_MASK + 1;

export const kindOf = (state: number): number => state & KIND_MASK;
export const isUsed = (state: number): boolean => kindOf(state) >= RESERVED;
/** The same use of the entry in another kind. */
export const withKind = (state: number, kind: number): number => (state & ~KIND_MASK) | kind;
/** The same kind, told apart from what the entry said before. */
export const renumbered = (state: number): number => (state + SEQUENCE_STEP) | 0;
/** The next use of the entry. */
export const reservedAfter = (state: number): number => withKind(renumbered(state), RESERVED);

if (NAME_WORD * 4 + NAME_BYTES_MAX > NAME_ENTRY_BYTES) throw new Error('registry/name-entry: a name does not fit');
if ((NAMES_MAX & (NAMES_MAX - 1)) !== 0) throw new Error('registry/name-entry: places are masked, not divided');
