/** What can happen to a record between its writer and its reader. */
import type { Random } from './random.js';

const WORD_BYTES = 4;
const CHANGES_MAX = 4;
/** How much longer than it is a record may claim to be. */
const EXCESS_WORDS = 64;

/** Words that mean something in a record: lengths and counts that are too large, markers, values by their tags. */
const TELLING_WORDS: readonly number[] = [
  0,
  1,
  -1,
  -2,
  4,
  2 ** 31 - 1,
  2 ** 31 - 4,
  -(2 ** 31),
  // 64 MiB, as a count of bytes and as a text.
  2 ** 26,
  2 ** 27,
  2 ** 24,
  ...Array.from({ length: 28 }, (_, tag) => 0xffff_ff00 | tag),
  ...Array.from({ length: 28 }, (_, tag) => 0x0000_0100 | tag),
];

type Corruption = (record: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const wordsOf = (record: Uint8Array): Int32Array =>
  new Int32Array(record.buffer, record.byteOffset, record.byteLength / WORD_BYTES);

const changedWord =
  (word: (old: number, random: Random) => number): Corruption =>
  (record, _other, random) => {
    const words = wordsOf(record);
    const at = random.below(words.length);
    if (words.length > 0) words[at] = word(words[at]!, random);
    return record;
  };

const wordAt = (record: Uint8Array, random: Random): number =>
  random.below(record.byteLength / WORD_BYTES + 1) * WORD_BYTES;

const corruptions = {
  byte(record, _other, random) {
    if (record.length > 0) record[random.below(record.length)] = random.below(256);
    return record;
  },
  bit(record, _other, random) {
    if (record.length > 0) record[random.below(record.length)]! ^= 1 << random.below(8);
    return record;
  },
  word: changedWord((_old, random) => random.next() * 2 ** 32),
  tellingWord: changedWord((_old, random) => random.pick(TELLING_WORDS)),
  /** What a word holds above its lowest byte, which in a general value is its tag. */
  hugeCount: changedWord((old) => old | 0xffff_ff00),
  truncation: (record, _other, random) => record.subarray(0, wordAt(record, random)),
  extension(record, _other, random) {
    const longer = new Uint8Array(record.length + random.below(EXCESS_WORDS) * WORD_BYTES);
    longer.set(record);
    for (let at = record.length; at < longer.length; at++) longer[at] = random.below(256);
    return longer;
  },
  splice(record, other, random) {
    const head = record.subarray(0, wordAt(record, random));
    const tail = other.subarray(wordAt(other, random));
    const both = new Uint8Array(head.length + tail.length);
    both.set(head);
    both.set(tail, head.length);
    return both;
  },
} as const satisfies Record<string, Corruption>;

export type CorruptionName = keyof typeof corruptions;

export const CORRUPTIONS = Object.keys(corruptions) as readonly CorruptionName[];

/** A copy of `record`, changed one to four times; `other` is another record of the same kind. */
export const corrupted = (
  record: Uint8Array,
  other: Uint8Array,
  random: Random,
): { readonly record: Uint8Array; readonly by: ReadonlySet<CorruptionName> } => {
  const by = new Set<CorruptionName>();
  let changed: Uint8Array = record.slice();
  for (let left = 1 + random.below(CHANGES_MAX); left > 0; left--) {
    const name = random.pick(CORRUPTIONS);
    by.add(name);
    changed = corruptions[name](changed, other, random);
  }
  return { record: changed, by };
};
