/** A configuration to check: which ring, which talk over it. */
import * as layout from '../../../native-free-queues/layout.js';
import { calling, echoing, placeBack } from './echo.js';
import { explore, type Outcome } from './explore.js';
import { consuming, producing, type Talk, WrongRecord } from './programs.js';
import { compile, type Edit, shipped } from './source.js';
import { type Program, Thread } from './thread.js';

export interface Configuration extends Talk {
  readonly name: string;
  readonly capacityBytes: number;
  /** Bytes of a cache line, on which a batch begins. */
  readonly lineBytes: number;
  /** Bytes and records that have gone through the ring already. */
  readonly start?: { readonly position: number; readonly number: number };
  /** Whether threads forget at a rest how they got there, see `thread.ts`. */
  readonly rests?: boolean;
  /** States that there are at least. */
  readonly statesMin?: number;
}

/**
 * The limits of `layout.ts`, so small that two records fill a ring. The code compares with these constants and has no
 * cases for their values: a ring of 32 bytes with lines of 16 is to records of 16 bytes what a ring of 1 KiB is to
 * records of 512. Only the longest record is half of the ring and not an eighth, which makes every case harder.
 */
const smallLimits = (lineBytes: number): Edit[] => {
  const limit = (name: string, value: number): Edit => {
    const [find] = new RegExp(`export const ${name} = .*;`).exec(shipped.get('layout.ts')!) ?? [
      `${name} is in layout.ts`,
    ];
    return { file: 'layout.ts', find, replace: `export const ${name} = ${value};` };
  };
  return [
    limit('LINE_BYTES', lineBytes),
    limit('CAPACITY_BYTES_MIN', 2 * lineBytes),
    limit('CAPACITY_BYTES_MAX', CAPACITY_BYTES_MAX),
    limit('RECORD_SHARE', 2),
  ];
};

const CAPACITY_BYTES_MAX = 1 << 10;
const WORD_BYTES = 4;

const HEADER_WORDS = new Map<number, string>([
  [layout.TAIL_WORD, 'the tail'],
  [layout.WANTED_WORD, 'the wish'],
  [layout.PUBLISHED_NUMBER_WORD, 'the published number'],
  [layout.HEAD_WORD, 'the head'],
  [layout.TAKEN_WORD, 'taken'],
  [layout.RELEASED_NUMBER_WORD, 'the released number'],
  [layout.NOTE_WORD, 'a note'],
  [layout.PRODUCER_BELL_WORD, "the producer's bell"],
  [layout.CONSUMER_BELL_WORD, "the consumer's bell"],
  [layout.PRODUCER_CLOSED_WORD, 'producer closed'],
  [layout.CONSUMER_CLOSED_WORD, 'consumer closed'],
]);

const DATA_WORD = layout.RING_HEADER_BYTES / WORD_BYTES;
const nameOf = (word: number): string => HEADER_WORDS.get(word) ?? `word ${word - DATA_WORD} of the records`;

const STATES_MAX = 4_000_000;

/** Checks the shipped source, or a mutation of it. */
export const check = async (configuration: Configuration, mutation: readonly Edit[] = []): Promise<Outcome> => {
  const { capacityBytes, lineBytes, start, rests = true, echo } = configuration;
  const instance = compile([...smallLimits(lineBytes), ...mutation]);
  const ringWords = placeBack({ words: new Int32Array(), atBytes: 0, capacityBytes }).atBytes / WORD_BYTES;
  const ringBegins = echo ? [0, ringWords] : [0];
  // It ends with the ring, so that an access behind it is seen.
  const memory = new Int32Array(ringBegins.at(-1)! + layout.ringBytes(capacityBytes) / WORD_BYTES);
  if (start !== undefined) {
    for (const word of [layout.TAIL_WORD, layout.HEAD_WORD, layout.TAKEN_WORD]) memory[word] = start.position;
    for (const word of [layout.PUBLISHED_NUMBER_WORD, layout.RELEASED_NUMBER_WORD]) memory[word] = start.number;
  }
  const programs = echo
    ? ([calling(configuration), echoing(configuration)] as const)
    : ([producing(configuration), consuming(configuration)] as const);
  const threadOf = (program: Program): Thread =>
    new Thread(program, instance, { wordCount: memory.length, capacityBytes, rests });
  return explore({
    threads: [threadOf(programs[0]), threadOf(programs[1])],
    memory,
    wordsMax: ringBegins.length * (HEADER_WORDS.size + capacityBytes / WORD_BYTES),
    nameOf: (word) => (word < ringWords ? nameOf(word) : `${nameOf(word - ringWords)} of the way back`),
    isWrong: (error) => error instanceof WrongRecord || (error as { code?: string }).code === 'QUEUE_CORRUPT',
    checkEnd: (read) => {
      const asleep = [layout.PRODUCER_BELL_WORD, layout.CONSUMER_BELL_WORD].filter((word) => read(word) !== 0);
      if (asleep.length > 0) return `${asleep.map(nameOf)} says that somebody sleeps`;
      if (configuration.hangUp !== undefined) return undefined;
      for (const begin of ringBegins) {
        const left = ((read(begin + layout.TAIL_WORD) & ~layout.FLAGS_MASK) - read(begin + layout.HEAD_WORD)) | 0;
        if (left !== 0) return `${left} bytes are not given back`;
      }
      return undefined;
    },
    statesMax: STATES_MAX,
  });
};
