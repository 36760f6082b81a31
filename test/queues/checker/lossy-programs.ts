/** What two threads do that have a lossy ring between them. */
import type { LossyConsumer, LossyPlace, LossyProducer } from '../../../native-free-queues/index.js';
import { lossyRingBytes } from '../../../native-free-queues/lossy-layout.js';
import { mute, payloadOf, typeOf, WrongRecord, waitOf } from './programs.js';
import type { Program, Surroundings } from './thread.js';

export interface LossyTalk {
  readonly capacity: number;
  /** Records that the producer writes. */
  readonly records: number;
  /** Id of the first one. */
  readonly firstId?: number;
  /** The consumer takes so often and then ends; else it takes until the ring has ended, and sleeps in between. */
  readonly passes?: number;
  /** Whether the producer does not close: the consumer ends behind the last record. */
  readonly unclosed?: boolean;
  /** Whether the consumer sleeps on its event loop. */
  readonly eventLoop?: boolean;
  /** Whether sleeps have a time limit, which may pass at any time. */
  readonly timeLimits?: boolean;
  /** Behind so many records the producer says so by another word: whoever then takes must get as far. */
  readonly announced?: number;
  /** The producer's thread ends in front of its last ring, or between the swap and the wake; another one settles. */
  readonly endsBefore?: 'ring' | 'wake';
  /** Whether both threads try to be the producer, or the consumer. */
  readonly rivals?: 'producer' | 'consumer';
  /** Whether the lap turns over so soon that it may mislead the consumer. */
  readonly misled?: boolean;
}

export const SLOT_BYTES = 8;
const PAYLOAD_WORDS = 1;
const WORD_BYTES = 4;

/** Words behind the ring: which records were lost and read, as bits; what was announced; who has got an end. */
export const NOTES = { lost: 0, read: 1, announced: 2, ends: 3 } as const;
/** The last one takes a word for each thread. */
export const NOTE_WORDS = 5;

export const placeOf = ({ words }: Pick<LossyPlace, 'words'>, { capacity }: LossyTalk): LossyPlace => ({
  words,
  atBytes: 0,
  capacity,
  slotBytes: SLOT_BYTES,
});

export const noteWord = ({ capacity }: LossyTalk, note: keyof typeof NOTES): number =>
  lossyRingBytes(capacity, SLOT_BYTES) / WORD_BYTES + NOTES[note];

const checkPayload = (index: number, payload: Uint8Array, tag: number): void => {
  if (tag !== typeOf(index) || payload.join() !== payloadOf(index, PAYLOAD_WORDS).join()) {
    throw new WrongRecord(`record ${index} has the tag ${tag} and says ${payload}`);
  }
};

/** Both threads ask for the same end; each notes whether it has got it. */
const contend = ({ queues, place: { words } }: Surroundings, talk: LossyTalk, side: number): void => {
  const place = placeOf({ words }, talk);
  try {
    if (talk.rivals === 'producer') new queues.LossyProducer(place);
    else new queues.LossyConsumer(place);
  } catch (error) {
    if ((error as { code?: string }).code !== 'QUEUE_END_TAKEN') throw error;
    return;
  }
  words[noteWord(talk, 'ends') + side] = 1;
};

export const lossyProducing =
  (talk: LossyTalk): Program =>
  async (thread) => {
    const { queues, rest, tell } = thread;
    const { capacity, records, firstId = 0 } = talk;
    const { words } = thread.place;
    if (talk.rivals !== undefined) return contend(thread, talk, 0);
    const place = placeOf({ words }, talk);
    const end: LossyProducer = new queues.LossyProducer(place);
    const announcement = new queues.Doorbell(words, noteWord(talk, 'announced'));
    let lostBits = 0;
    for (let index = 0; index < records; index++) {
      rest('write', end, index, lostBits);
      if (talk.endsBefore !== undefined && index === records - 1) mute(end.consumerBell, talk.endsBefore);
      tell(index + 1);
      const lost = end.write(payloadOf(index, PAYLOAD_WORDS), typeOf(index));
      rest('written', end, index, lost, lostBits);
      if (lost >= 0) {
        if (lost !== firstId + index - capacity) throw new WrongRecord(`record ${lost} is lost for ${index}`);
        checkPayload(lost - firstId, end.lostPayload().slice(), end.lostTag);
        lostBits |= 1 << (lost - firstId);
      }
      if (index + 1 === talk.announced) announcement.arm();
    }
    rest('close', end, lostBits);
    words[noteWord(talk, 'lost')] = lostBits;
    if (end.written !== records) throw new WrongRecord(`${end.written} records are said to be written`);
    if (talk.unclosed) return;
    if (talk.endsBefore === undefined) end.close();
    else queues.settleLossyProducer(place);
  };

export const lossyConsuming =
  (talk: LossyTalk): Program =>
  async (thread) => {
    const { queues, rest, tell } = thread;
    const { firstId = 0, passes } = talk;
    const { words } = thread.place;
    if (talk.rivals !== undefined) return contend(thread, talk, 1);
    const end: LossyConsumer = new queues.LossyConsumer(placeOf({ words }, talk));
    const announcement = new queues.Doorbell(words, noteWord(talk, 'announced'));
    let readBits = 0;
    let read = 0;
    let lost = 0;
    const isDone = (pass: number): boolean => {
      if (talk.unclosed) return end.to === firstId + talk.records;
      return passes === undefined ? end.ended : pass === passes;
    };
    // Passes are counted only where they matter, so that there are no more states than need be.
    for (let pass = 0; ; pass += passes === undefined ? 0 : 1) {
      rest('look', end, readBits, read, lost, pass);
      if (isDone(pass)) break;
      const expected = end.to;
      const isAnnounced = talk.announced !== undefined && announcement.asleep;
      rest('take', end, readBits, read, lost, pass, isAnnounced);
      const count = end.take();
      rest('taken', end, readBits, read, lost, pass, isAnnounced, count, expected);
      tell(end.to - firstId);
      if (isAnnounced && end.to < firstId + talk.announced!) throw new WrongRecord(`it was not taken to ${end.to}`);
      if (end.from < expected || end.to - end.from !== count) {
        throw new WrongRecord(`${count} records from ${end.from} to ${end.to} behind ${expected}`);
      }
      for (let index = 0; index < count; index++) {
        const record = end.from + index - firstId;
        checkPayload(record, end.payload(index).slice(), end.tag(index));
        readBits |= 1 << record;
      }
      read += count;
      lost += end.from - expected;
      if (end.read !== read || end.lost !== lost) throw new WrongRecord(`${end.read} read and ${end.lost} lost`);
      if (passes === undefined && count === 0) await end.waitForNews(waitOf(thread, talk));
    }
    rest('end', readBits);
    words[noteWord(talk, 'read')] = readBits;
  };
