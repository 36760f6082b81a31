/** A look at the records that lie between two positions, for an end that takes a ring over, or acts for the other one. */
import type { RingPlace } from './contract.js';
import { QueueError } from './errors.js';
import {
  FLAGS_MASK,
  HEAD_WORD,
  headerBytes,
  headerType,
  NOTE_COUNT,
  NOTE_WORD,
  PADDING_TYPE,
  RELEASED_NUMBER_WORD,
  RING_HEADER_BYTES,
  TAIL_WORD,
  TAKEN_WORD,
  WANTED_WORD,
} from './layout.js';
import { loadPlain, loadShared, publish, storePlain } from './memory.js';
import { checkPlace } from './place.js';

/** Where the records of a ring lie. */
interface RecordArea {
  readonly words: Int32Array;
  readonly dataAt: number;
  readonly capacityBytes: number;
}

/** @throws QueueError `QUEUE_CORRUPT` */
const walk = (area: RecordArea, from: number, to: number, visit: (type: number, at: number, end: number) => void) => {
  const { words, dataAt, capacityBytes } = area;
  for (let position = from; position !== to; ) {
    const at = dataAt + (position & (capacityBytes - 1));
    const header = loadPlain(words, at >> 2);
    const bytes = headerBytes(header);
    if (bytes === 0 || bytes > ((to - position) | 0)) {
      throw new QueueError(
        'QUEUE_CORRUPT',
        `the ring that is taken over holds no records there, position=${position >>> 0} header=${header >>> 0}`,
      );
    }
    if (headerType(header) !== PADDING_TYPE) visit(headerType(header), at, at + bytes);
    position = (position + bytes) | 0;
  }
};

/**
 * Running number of the record behind those from position `from` up to `to`; `none` if there are only paddings.
 *
 * The words in the ring's header that hold such numbers are written just before the tail and the head that they
 * belong to. A thread that ends between the two leaves a number that is ahead, so who comes next asks the records.
 *
 * @throws QueueError `QUEUE_CORRUPT`
 */
export const numberBehind = (area: RecordArea, from: number, to: number, none: number): number => {
  let number = none;
  walk(area, from, to, (_type, at) => {
    number = (loadPlain(area.words, (at >> 2) + 1) + 1) | 0;
  });
  return number;
};

/**
 * Does for a consumer whose thread has ended what it can no longer do: hands what was published and not drained to
 * `visit`, oldest first, and leaves the ring as if all of it had been drained and released, with no notes. For the
 * producer's thread, or for a third one when that has ended as well; a new consumer may be made afterwards.
 *
 * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_CORRUPT`
 */
export const settleConsumer = (place: RingPlace, visit: (type: number, at: number, end: number) => void): void => {
  checkPlace(place);
  const { words, atBytes, capacityBytes } = place;
  const header = atBytes >> 2;
  const area = { words, dataAt: atBytes + RING_HEADER_BYTES, capacityBytes };
  // The dead consumer's words: whoever told of its end has ordered its stores before these loads.
  const head = loadPlain(words, header + HEAD_WORD);
  const taken = loadPlain(words, header + TAKEN_WORD);
  const released = loadPlain(words, header + RELEASED_NUMBER_WORD);
  // Pairs with the publish of the tail, where its producer was another thread.
  const tail = loadShared(words, header + TAIL_WORD) & ~FLAGS_MASK;
  walk(area, taken, tail, visit);
  storePlain(words, header + RELEASED_NUMBER_WORD, numberBehind(area, head, tail, released));
  storePlain(words, header + TAKEN_WORD, tail);
  for (let note = 0; note < NOTE_COUNT; note++) publish(words, header + NOTE_WORD + note, 0);
  publish(words, header + WANTED_WORD, 0);
  // Last, as in `RecordConsumer.release`.
  publish(words, header + HEAD_WORD, tail);
};
