/** What every worker does with a batch of files, whoever hands it out: read, tokenise, and keep count. */
import { type Batch, readText } from './files.js';
import type { Postings } from './postings.js';
import { tokenise } from './tokenise.js';

/** What became of the files. */
export interface Tally {
  /** Files that were indexed. */
  files: number;
  bytes: number;
  /** Files that are not text. */
  binary: number;
  /** Paths of files that could not be read, and why. */
  unreadable: string[];
}

export const emptyTally = (): Tally => ({ files: 0, bytes: 0, binary: 0, unreadable: [] });

export const addTally = (sum: Tally, { files, bytes, binary, unreadable }: Tally): void => {
  sum.files += files;
  sum.bytes += bytes;
  sum.binary += binary;
  sum.unreadable.push(...unreadable);
};

/** Files that a tally speaks of. */
export const filesOf = ({ files, binary, unreadable }: Tally): number => files + binary + unreadable.length;

/** Reads the files of a batch and adds their terms to an index; those that are no text are only tallied. */
export const scanInto = (postings: Postings, { firstDoc, paths }: Batch): Tally => {
  const tally = emptyTally();
  for (const [place, path] of paths.entries()) {
    const text = readOrTally(path, tally);
    if (text === undefined) continue;
    tokenise(text, (term) => postings.count(term, firstDoc + place));
  }
  return tally;
};

/** The text of a file, if it has one. A text that is too long for a string counts as unreadable. */
const readOrTally = (path: string, tally: Tally): string | undefined => {
  try {
    const bytes = readText(path);
    const text = bytes?.toString();
    if (bytes === undefined) tally.binary++;
    else {
      tally.files++;
      tally.bytes += bytes.length;
    }
    return text;
  } catch (error) {
    tally.unreadable.push(`${path}: ${(error as NodeJS.ErrnoException).code}`);
    return undefined;
  }
};
