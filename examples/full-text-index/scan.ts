/** What every worker does with files, whoever hands them out: read, tokenise, and keep count. */
import { type File, readText } from './files.js';
import { Postings } from './postings.js';
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

/** What is in some files. */
export class Scan {
  readonly postings = new Postings();
  readonly tally = emptyTally();

  /** Reads the files and takes their terms; those that are no text are only tallied. */
  constructor(files: Iterable<File>) {
    const { postings } = this;
    for (const { doc, path } of files) {
      const text = this.#read(path);
      if (text !== undefined) tokenise(text, (term) => postings.count(term, doc));
    }
  }

  /** The text of a file, if it has one. A text that is too long for a string counts as unreadable. */
  #read(path: string): string | undefined {
    const { tally } = this;
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
  }
}
