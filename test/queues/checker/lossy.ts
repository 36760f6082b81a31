/** Lossy rings and talks over them that are checked, and how. */
import * as layout from '../../../native-free-queues/lossy-layout.js';
import { explore, type Outcome } from './explore.js';
import {
  type LossyTalk,
  lossyConsuming,
  lossyProducing,
  NOTE_WORDS,
  type NOTES,
  noteWord,
  placeOf,
} from './lossy-programs.js';
import { WrongRecord } from './programs.js';
import { compile, type Edit } from './source.js';
import { type Program, Thread } from './thread.js';

export interface LossyConfiguration extends LossyTalk {
  readonly name: string;
  /** Whether threads forget at a rest how they got there, see `thread.ts`. */
  readonly rests?: boolean;
  /** States that there are at least. */
  readonly statesMin?: number;
}

/** What a hand-written model would have: less would say that accesses are left out. */
const STATES_MIN = 20_000;
const HALF_TURN = 2 ** 31;
const FULL_TURN = 2 ** 32;

export const lossyConfigurations = {
  one: { name: 'room for one record, four records', capacity: 1, records: 4 },
  two: { name: 'room for two records, five records', capacity: 2, records: 5, statesMin: STATES_MIN },
  three: { name: 'room for three records, five records', capacity: 3, records: 5, statesMin: STATES_MIN },
  passes: {
    name: 'a consumer that takes three times, whatever the producer has done by then',
    capacity: 2,
    records: 5,
    passes: 3,
  },
  passesOfThree: { name: 'the same with room for three records', capacity: 3, records: 7, passes: 2 },
  later: { name: 'a ring whose first record is its only one', capacity: 3, records: 1, firstId: 4, unclosed: true },
  unclosed: { name: 'a ring that nobody closes', capacity: 2, records: 3, unclosed: true },
  announced: { name: 'a consumer that knows of three records', capacity: 2, records: 5, passes: 2, announced: 3 },
  announcedOfThree: { name: 'the same with room for three', capacity: 3, records: 5, passes: 2, announced: 4 },
  history: {
    name: 'room for one record and three records, with all histories told apart',
    capacity: 1,
    records: 3,
    passes: 2,
    rests: false,
  },
  eventLoop: { name: 'sleeps on an event loop', capacity: 2, records: 3, eventLoop: true },
  timeLimits: { name: 'sleeps that may end by their time limits', capacity: 2, records: 3, timeLimits: true },
  unrung: { name: 'a producer settled that ended before it rang', capacity: 2, records: 2, endsBefore: 'ring' },
  unwoken: {
    name: 'a producer settled that ended in the middle of a ring',
    capacity: 2,
    records: 2,
    endsBefore: 'wake',
  },
  halfTurn: { name: 'ids that pass 2^31', capacity: 2, records: 4, firstId: HALF_TURN - 2 },
  fullTurn: { name: 'ids that pass 2^32', capacity: 3, records: 5, firstId: 3 * FULL_TURN - 2 },
  oneMisled: { name: 'a lap of one bit, room for one record', capacity: 1, records: 5, passes: 2, misled: true },
  twoMisled: { name: 'a lap of one bit, room for two records', capacity: 2, records: 6, passes: 2, misled: true },
  threeMisled: { name: 'a lap of one bit, room for three records', capacity: 3, records: 7, passes: 2, misled: true },
  sleepsMisled: { name: 'a lap of one bit, and sleeps', capacity: 2, records: 5, misled: true },
  producers: { name: 'two threads that would be the producer', capacity: 1, records: 0, rivals: 'producer' },
  consumers: { name: 'two threads that would be the consumer', capacity: 1, records: 0, rivals: 'consumer' },
} satisfies Record<string, LossyConfiguration>;

export type LossyConfigurationName = keyof typeof lossyConfigurations;

/** For who has the time. */
export const lossySoakConfigurations: readonly LossyConfiguration[] = [
  { name: 'room for three records, ten records', capacity: 3, records: 10 },
  { name: 'room for four records, twelve records, three passes', capacity: 4, records: 12, passes: 3 },
  { name: 'room for two records, ten records, a lap of one bit', capacity: 2, records: 10, misled: true },
];

/** So two laps are enough to mislead a consumer that is held up, where 2^28 records are needed else. */
const LAP_OF_ONE_BIT: Edit = {
  file: 'lossy-layout.ts',
  find: 'const lapBits = CELL_BITS - lapShift;',
  replace: 'const lapBits = 1;',
};

/**
 * Accesses of the producer for a record: its payload of one word, four words of the slot's header, the exchange, three
 * words for the counters, and a ring of the consumer's bell: a load, a swap and a wake.
 */
const PRODUCER_STEPS_MAX = 1 + 4 + 1 + 3 + 3;

/** The consumer's steps depend on the producer's, who may lap it: a pass that goes on for so long never ends. */
const CONSUMER_STEPS_MAX = 60;

const HEADER_NAMES = new Map<number, string>([
  [layout.LAP_BEGUN_WORD, 'the lap id'],
  [layout.LAP_BEGUN_WORD + 1, 'the lap id, high'],
  [layout.OVERWRITTEN_COUNT_WORD, 'the overwritten count'],
  [layout.READ_COUNT_WORD, 'the read count'],
  [layout.LOST_COUNT_WORD, 'the lost count'],
  [layout.LOSSY_BELL_WORD, 'the bell'],
  [layout.LOSSY_CLOSED_WORD, 'closed'],
  [layout.PRODUCER_THERE_WORD, 'producer there'],
  [layout.CONSUMER_THERE_WORD, 'consumer there'],
  [layout.FIRST_ID_WORD, 'the first id'],
  [layout.FIRST_ID_WORD + 1, 'the first id, high'],
]);
const SLOT_NAMES = ['lap id', 'lap id, high', 'length', 'tag'];
const SLOT_WORDS_USED = SLOT_NAMES.length + 1;

const STATES_MAX = 4_000_000;

const bitsOf = (value: number): number => [...(value >>> 0).toString(2)].filter((bit) => bit === '1').length;

/** What is wrong with the books once both threads have ended. */
const auditOf =
  (talk: LossyConfiguration, cells: number) =>
  (read: (word: number) => number): string | undefined => {
    const note = (which: keyof typeof NOTES): number => read(noteWord(talk, which));
    if (talk.rivals !== undefined) {
      const ends = read(noteWord(talk, 'ends')) + read(noteWord(talk, 'ends') + 1);
      return ends === 1 ? undefined : `${ends} threads have got the end`;
    }
    if (read(layout.LOSSY_BELL_WORD) !== 0) return 'the bell says that the consumer sleeps';
    const lost = note('lost');
    const taken = note('read');
    if ((lost & taken) !== 0) return `records ${lost & taken} are both lost and read`;
    const counts = {
      written: talk.records,
      overwritten: read(layout.OVERWRITTEN_COUNT_WORD),
      read: read(layout.READ_COUNT_WORD),
      lost: read(layout.LOST_COUNT_WORD),
      left: Array.from({ length: talk.capacity }, (_, i) => read(cells + i) & layout.FULL).reduce((a, b) => a + b),
    };
    const books = JSON.stringify(counts);
    if (counts.overwritten !== bitsOf(lost) || counts.read !== bitsOf(taken)) {
      return `the counts are wrong: ${books}`;
    }
    const sum = counts.overwritten + counts.read + counts.left;
    // A consumer that was misled has dropped what it had, and only it knows.
    if (talk.misled ? sum > counts.written : sum !== counts.written)
      return `the producer's books do not balance: ${books}`;
    if (talk.passes === undefined && (counts.left > 0 || counts.read + counts.lost !== counts.written)) {
      return `the consumer's books do not balance: ${books}`;
    }
    return undefined;
  };

/** Checks the shipped source, or a mutation of it. */
export const checkLossy = async (
  configuration: LossyConfiguration,
  mutation: readonly Edit[] = [],
): Promise<Outcome> => {
  const { capacity, firstId, misled, rests = true } = configuration;
  const instance = compile([...(misled ? [LAP_OF_ONE_BIT] : []), ...mutation]);
  const notes = noteWord(configuration, 'lost');
  const wordCount = notes + NOTE_WORDS;
  const memory = new Int32Array(new SharedArrayBuffer(wordCount * 4));
  const place = placeOf({ words: memory }, configuration);
  instance({ Atomics, Uint8Array }).layOutLossyRing(place, firstId);
  const { cells, slots, slotScale } = layout.lossyShape(place);
  const slotWords = layout.slotField(slotScale);
  const nameOf = (word: number): string => {
    if (word < cells) return HEADER_NAMES.get(word) ?? `word ${word} of the header`;
    if (word < slots) return `cell ${word - cells}`;
    if (word >= notes) return `note ${word - notes}`;
    const at = (word - slots) % slotWords;
    return `${SLOT_NAMES[at] ?? 'payload'} of slot ${Math.floor((word - slots) / slotWords)}`;
  };
  const threadOf = (program: Program): Thread => new Thread(program, instance, { wordCount, capacityBytes: 0, rests });
  return explore({
    threads: [threadOf(lossyProducing(configuration)), threadOf(lossyConsuming(configuration))],
    memory,
    wordsMax: HEADER_NAMES.size + capacity + (2 * capacity + 1) * SLOT_WORDS_USED + NOTE_WORDS,
    nameOf,
    isWrong: (error) => error instanceof WrongRecord,
    checkEnd: auditOf(configuration, cells),
    ...(rests ? { stepsMax: [PRODUCER_STEPS_MAX, CONSUMER_STEPS_MAX] } : {}),
    statesMax: STATES_MAX,
  });
};
