/** A look at the records that lie between two positions, for an end that takes a ring over. */
import { QueueError } from './errors.js';
import { headerBytes, headerType, PADDING_TYPE } from './layout.js';
import { loadPlain } from './memory.js';

/** Where the records of a ring lie, and the word with the number behind those that have been released. */
interface RecordArea {
  readonly words: Int32Array;
  readonly dataAt: number;
  readonly capacityBytes: number;
  readonly releasedNumberAt: number;
}

/**
 * Running number of the record behind those from position `from`, which is the head or was it, up to `to`.
 *
 * The words in the ring's header that hold such numbers are written just before the tail and the head that they
 * belong to. A thread that ends between the two leaves a number that is ahead, so who comes next asks the records.
 * Only if there are none but paddings, the word says it: a consumer that is at work writes there when it releases a
 * record, so as long as none is left to be released it does not.
 *
 * @throws QueueError `QUEUE_CORRUPT`
 */
export const numberBehind = (area: RecordArea, from: number, to: number): number => {
  const { words, dataAt, capacityBytes, releasedNumberAt } = area;
  let number: number | undefined;
  for (let position = from; position !== to; ) {
    const word = (dataAt + (position & (capacityBytes - 1))) >> 2;
    const header = loadPlain(words, word);
    const bytes = headerBytes(header);
    if (bytes === 0 || bytes > ((to - position) | 0)) {
      throw new QueueError(
        'QUEUE_CORRUPT',
        `the ring that is taken over holds no records there, position=${position >>> 0} header=${header >>> 0}`,
      );
    }
    if (headerType(header) !== PADDING_TYPE) number = (loadPlain(words, word + 1) + 1) | 0;
    position = (position + bytes) | 0;
  }
  return number ?? loadPlain(words, releasedNumberAt);
};
