/** A look at the records that lie between two positions, for an end that takes a ring over. */
import { QueueError } from './errors.js';
import { headerBytes, headerType, PADDING_TYPE } from './layout.js';
import { loadPlain } from './memory.js';

/** Where the records of a ring lie. */
interface RecordArea {
  readonly words: Int32Array;
  readonly dataAt: number;
  readonly capacityBytes: number;
}

/**
 * Running number of the record behind those from position `from` up to `to`; `none` if there are only paddings.
 *
 * The words in the ring's header that hold such numbers are written just before the tail and the head that they
 * belong to. A thread that ends between the two leaves a number that is ahead, so who comes next asks the records.
 *
 * @throws QueueError `QUEUE_CORRUPT`
 */
export const numberBehind = (area: RecordArea, from: number, to: number, none: number): number => {
  const { words, dataAt, capacityBytes } = area;
  let number = none;
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
  return number;
};
