/**
 * How contestants are told apart: by colour, dashes and marks at once, so that no one of them has to be seen. The
 * colours themselves are in the style sheet, where they know light and dark.
 */
import { SUBJECT } from './figure.js';

export interface Look {
  readonly name: string;
  /** `subject`, or the number of a rival's colour. */
  readonly slot: string;
  /** Lengths of dashes and gaps; none: solid. */
  readonly dash: readonly number[];
  /** An SVG path around the origin, some 2 wide. */
  readonly mark: string;
}

const SUBJECT_SLOT = 'subject';

/** As many as the style sheet has colours for rivals. */
const RIVAL_SLOTS = 8;

const CIRCLE = 'M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z';
const MARKS = [
  'M-.9-.9h1.8v1.8h-1.8z',
  'M0-1.2L1.2 0L0 1.2L-1.2 0z',
  'M0-1.15L1.1.85H-1.1z',
  'M0 1.15L1.1-.85H-1.1z',
  'M-.4-1.1h.8v.7h.7v.8h-.7v.7h-.8v-.7h-.7v-.8h.7z',
  'M-1.2-.55h2.4v1.1h-2.4z',
  'M-.55-1.2h1.1v2.4h-1.1z',
] as const;

const SOLID: readonly number[] = [];
const DASHES: readonly (readonly number[])[] = [SOLID, [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [12, 4], [1, 2]];

const ofSubject = (name: string): boolean => name === SUBJECT || name.startsWith(`${SUBJECT} `);

/** The subject first, then its variants, then the rivals in their order. */
export const looksOf = (names: readonly string[]): Look[] => {
  const own = names.filter(ofSubject).sort((a, b) => a.length - b.length);
  const rivals = names.filter((name) => !ofSubject(name));
  return [
    ...own.map((name, index) => ({ name, slot: SUBJECT_SLOT, dash: DASHES[index % DASHES.length]!, mark: CIRCLE })),
    ...rivals.map((name, index) => ({
      name,
      slot: String(index % RIVAL_SLOTS),
      dash: DASHES[index % DASHES.length]!,
      mark: MARKS[index % MARKS.length]!,
    })),
  ];
};
