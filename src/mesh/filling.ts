/**
 * What a consumer says in the notes of a ring about the mailboxes behind it: which fill, so that `room` waits, and
 * which are full, so that sends are refused where they are made. Note 0 says how many there are, and which of them are
 * full; the notes behind it are their slots. Advisory: a reader may see some of it a moment before the rest.
 *
 * ```
 *   note 0      31          16 15         4 3       0      note 1, 2, ...
 *              +--------------+------------+---------+    +------+------+
 *              | full, bit i  |     0      |  count  |    | slot | slot | ...
 *              +--------------+------------+---------+    +------+------+
 * ```
 */
import { NOTE_COUNT, type RecordProducer } from '../../native-free-queues/index.js';

/** Mailboxes of which the consumer of one ring can speak at a time. */
export const FILLING_MAX = NOTE_COUNT - 1;

const COUNT_MASK = 0xf;
const FULL_SHIFT = 16;

export const packFilling = (count: number, fullBits: number): number => count | (fullBits << FULL_SHIFT);

/** Whether any mailbox behind the ring is full. */
export const anyFull = (producer: RecordProducer): boolean => producer.loadNote(0) >>> FULL_SHIFT !== 0;

export type Fullness = 'roomy' | 'filling' | 'full';

/** What the consumer says of one mailbox. */
export const fullnessOf = (producer: RecordProducer, slot: number): Fullness => {
  const header = producer.loadNote(0);
  for (let index = 0; index < (header & COUNT_MASK); index++) {
    if (producer.loadNote(1 + index) !== slot) continue;
    return ((header >>> FULL_SHIFT) & (1 << index)) === 0 ? 'filling' : 'full';
  }
  return 'roomy';
};

if (FILLING_MAX > COUNT_MASK) throw new Error('mesh/filling: a count of mailboxes does not fit');
