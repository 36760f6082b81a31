/** Pairs of texts to compare: the same for the same seed. */
import { answer, type Question } from './answer.js';

const LINES = 2_000;
const WORDS_PER_LINE = 4;
const WORDS = 'shed pick weft warp reed beam loom treadle heddle shuttle selvage bobbin lease sley'.split(' ');
/** How many lines of a hundred are changed, removed, and preceded by a new one. */
const PERCENT = { changed: 10, removed: 5, added: 5 };

/** A request and the one right answer to it. */
export interface Document {
  readonly request: Buffer;
  readonly reply: Uint8Array;
}

/** G. Marsaglia's xorshift, 32 bits. @returns a function that gives integers from 0 to below `end` */
const randomIntegers = (seed: number): ((end: number) => number) => {
  let state = seed;
  return (end) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % end;
  };
};

const makeQuestion = (seed: number): Question => {
  const below = randomIntegers(seed);
  const line = (): string => Array.from({ length: WORDS_PER_LINE }, () => WORDS[below(WORDS.length)]).join(' ');
  const happens = (percent: number): boolean => below(100) < percent;
  const before = Array.from({ length: LINES }, line);
  const after = before.flatMap((old) => {
    if (happens(PERCENT.removed)) return [];
    const kept = happens(PERCENT.changed) ? line() : old;
    return happens(PERCENT.added) ? [line(), kept] : [kept];
  });
  return { before: before.join('\n'), after: after.join('\n') };
};

export const makeDocuments = (count: number): Document[] =>
  Array.from({ length: count }, (_, index) => {
    const request = Buffer.from(JSON.stringify(makeQuestion(index + 1)));
    return { request, reply: answer(request).body };
  });
