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
import { loadPlain, storePlain } from './memory.js';
import { checkPlace } from './place.js';

/** Where the records of a ring lie, and the word with the number behind those that have been released. */
interface RecordArea {
  readonly words: Int32Array;
  readonly dataAt: number;
  readonly capacityBytes: number;
  readonly releasedNumberAt: number;
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
  let number: number | undefined;
  walk(area, from, to, (_type, at) => {
    number = (loadPlain(area.words, (at >> 2) + 1) + 1) | 0;
  });
  return number ?? loadPlain(area.words, area.releasedNumberAt);
};

/**
 * Does for a consumer whose thread has ended what it can no longer do: hands what was published and not drained to
 * `visit`, oldest first, and leaves the ring as if all of it had been drained and released, with no notes. For the
 * producer's thread, or for a third one when that has ended as well. Nobody else may touch the ring meanwhile, so all
 * accesses are plain: whoever lets a new consumer be made on another thread orders them before that.
 *
 * @throws QueueError `QUEUE_INVALID_CAPACITY`, `QUEUE_INVALID_MEMORY`, `QUEUE_CORRUPT`
 */
export const settleConsumer = (place: RingPlace, visit: (type: number, at: number, end: number) => void): void => {
  checkPlace(place);
  const { words, atBytes, capacityBytes } = place;
  const header = atBytes >> 2;
  const releasedNumberAt = header + RELEASED_NUMBER_WORD;
  const area = { words, dataAt: atBytes + RING_HEADER_BYTES, capacityBytes, releasedNumberAt };
  const head = loadPlain(words, header + HEAD_WORD);
  const taken = loadPlain(words, header + TAKEN_WORD);
  const tail = loadPlain(words, header + TAIL_WORD) & ~FLAGS_MASK;
  walk(area, taken, tail, visit);
  storePlain(words, releasedNumberAt, numberBehind(area, head, tail));
  storePlain(words, header + TAKEN_WORD, tail);
  storePlain(words, header + HEAD_WORD, tail);
  storePlain(words, header + WANTED_WORD, 0);
  for (let note = 0; note < NOTE_COUNT; note++) storePlain(words, header + NOTE_WORD + note, 0);
};
