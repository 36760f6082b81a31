/**
 * Stages that read files, on whatever threads they are placed: a source that divides files into ranges, and filters that
 * read what is in a range. So the parallel instances of a filter read one large file together.
 *
 * ```
 *   range        |<------------- 1 ------------->|<------------- 2 ------------->|
 *   file         a line\n  another one\n  a line that ends behind its range\n  next\n
 *   its lines    1         1              1                                    2
 * ```
 *
 * A line belongs to the range that it begins in.
 */
import type { FileHandle } from 'node:fs/promises';
import { describe } from '../base/describe.js';
import { InvalidOptions, LimitReached } from '../base/errors.js';
import { bytes, f64, record, text, type ValueOf } from '../messages/fields.js';
import type { Writer } from './contract.js';
import { NOWHERE } from './protocol.js';
import { defineStage } from './stage.js';

/** Other threads import this file, too. A bundle of CommonJS modules does not say where it is; no thread starts there. */
const HERE = URL.canParse(import.meta.url) ? import.meta.url : NOWHERE;

/** Imported when it is needed: it takes a fifth of the time in which a thread starts, and most threads read no files. */
const fileSystem = (): Promise<typeof import('node:fs/promises')> => import('node:fs/promises');

/** A part of a file: the bytes from `from` on, to before `to`. */
export const fileRange = record({ path: text, from: f64, to: f64 });
export type FileRange = ValueOf<typeof fileRange>;

/** Bytes of a file, and where they begin in it. */
export const fileChunk = record({ path: text, at: f64, bytes });
export type FileChunk = ValueOf<typeof fileChunk>;

const RANGE_BYTES = 4 * 2 ** 20;
const CHUNK_BYTES = 128 * 2 ** 10;
const CHUNK_BYTES_MAX = 16 * 2 ** 20;
/** A line is one item. */
const LINE_BYTES_MAX = 64 * 2 ** 20;

export interface RangeOptions {
  readonly paths: readonly string[];
  /** How long a range is, in bytes, but for the last one of a file: 1 to 2^53 - 1. Default 4 MiB. */
  readonly rangeBytes?: number;
}

export interface ReadOptions {
  /** How much is read at a time, in bytes: 1 to 16 MiB. Default 128 KiB. */
  readonly chunkBytes?: number;
}

const checkBytes = (what: string, option: string, bytes: number, max: number): number => {
  if (Number.isInteger(bytes) && bytes >= 1 && bytes <= max) return bytes;
  throw new InvalidOptions(`${what}: ${option} is an integer from 1 to ${max}`, { got: describe(bytes) });
};

const chunkBytesOf = (what: string, { chunkBytes = CHUNK_BYTES }: ReadOptions = {}): number =>
  checkBytes(what, 'chunkBytes', chunkBytes, CHUNK_BYTES_MAX);

/** How long a file is. @throws as `stat`; InvalidOptions if it is none */
const sizeOf = async (path: string): Promise<number> => {
  const { stat } = await fileSystem();
  const stats = await stat(path);
  if (stats.isFile()) return stats.size;
  throw new InvalidOptions('fileRanges: this is not a file', { path });
};

interface Ranges {
  readonly paths: readonly string[];
  readonly rangeBytes: number;
  /** As they were when it came to them: so the same ranges have the same numbers again. */
  readonly sizes: Map<string, number>;
  path: number;
  from: number;
  /** Ranges that are not emitted again. */
  skipped: number;
  hasFailed: boolean;
}

/**
 * A source: divides files into ranges, one file after the other. An empty file is one empty range.
 *
 * A file that is missing fails the stage, with the code of the system, `ENOENT`; a policy of `skip` goes on with the
 * next one.
 *
 * @example
 * flow.stage(fileRanges, { paths: ['access.log'] }).to(flow.stage(readLines, undefined, { parallel: 4 })).to(parse);
 */
export const fileRanges = defineStage(HERE, 'fileRanges', {
  out: fileRange,
  init: (_, { paths, rangeBytes = RANGE_BYTES }: RangeOptions): Ranges => {
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) {
      throw new InvalidOptions('fileRanges: paths is an array of strings', { got: describe(paths) });
    }
    checkBytes('fileRanges', 'rangeBytes', rangeBytes, Number.MAX_SAFE_INTEGER);
    return { paths, rangeBytes, sizes: new Map(), path: 0, from: 0, skipped: 0, hasFailed: false };
  },
  async process(state, _, out, stage) {
    const { signal } = stage;
    // A path that failed is tried again, or left out.
    if (state.hasFailed && stage.attempt === 0) state.path++;
    state.hasFailed = false;
    const path = state.paths[state.path];
    if (path === undefined) {
      stage.stop();
      return;
    }
    let size = state.sizes.get(path);
    try {
      size ??= await sizeOf(path);
    } catch (error) {
      if (!signal.aborted) state.hasFailed = true;
      throw error;
    }
    if (signal.aborted) return;
    state.sizes.set(path, size);
    emitRanges(state, path, size, out);
  },
  replay(state, from) {
    state.path = 0;
    state.from = 0;
    state.skipped = from;
    state.hasFailed = false;
  },
});

/** Emits ranges of a file as long as there is room. */
const emitRanges = (state: Ranges, path: string, size: number, out: Writer<FileRange>): void => {
  for (let hasRoom = true; hasRoom; ) {
    const { from } = state;
    const to = Math.min(size, from + state.rangeBytes);
    state.from = to;
    if (state.skipped > 0) state.skipped--;
    else hasRoom = out.emit({ path, from, to });
    if (to < size) continue;
    state.path++;
    state.from = 0;
    return;
  }
};

/** Opens a file for as long as it is read. */
const reading = async <T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> => {
  const { open } = await fileSystem();
  const file = await open(path);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
};

/**
 * A filter: the bytes of a range, in chunks. A range in which nothing is gives one empty chunk. A file that has become
 * shorter meanwhile ends where it ends.
 *
 * @example
 * flow.stage(fileRanges, { paths }).to(flow.stage(readBytes, undefined, { parallel: 2, ordered: true })).to(digest);
 */
export const readBytes = defineStage(HERE, 'readBytes', {
  in: fileRange,
  out: fileChunk,
  init: (_, options: ReadOptions | undefined) => chunkBytesOf('readBytes', options),
  async process(chunkBytes, { path, from, to }, out, { signal }) {
    await reading(path, async (file) => {
      if (from >= to) out.emit({ path, at: from, bytes: new Uint8Array(0) });
      for (let at = from; at < to && !signal.aborted; ) {
        // The chunk is an item, and waits for room: each has a memory of its own.
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, to - at));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0 || signal.aborted) return;
        const hasRoom = out.emit({ path, at, bytes: chunk.subarray(0, bytesRead) });
        at += bytesRead;
        if (!hasRoom) await out.room();
      }
    });
  },
});

const NEWLINE = 0x0a;

/** Puts the chunks of a file together to the lines of a range. */
class Lines {
  /** There are no more. */
  isOver = false;
  readonly #range: FileRange;
  /** Whether the line that is under way begins in the range; else it is what comes before the first one that does. */
  #isOurs: boolean;
  /** What was read of that line. */
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(range: FileRange) {
    this.#range = range;
    this.#isOurs = range.from === 0;
  }

  /** Where to read from: what is before the range shows whether a line begins with it. */
  get at(): number {
    return Math.max(0, this.#range.from - 1);
  }

  /** The lines that end in a chunk, which is not looked at again. */
  take(chunk: Buffer, at: number): readonly string[] {
    let begin = 0;
    if (!this.#isOurs) {
      begin = chunk.indexOf(NEWLINE) + 1;
      this.#isOurs = begin > 0;
      this.isOver = at + (this.#isOurs ? begin : chunk.length) >= this.#range.to;
      if (this.isOver || !this.#isOurs) return [];
    }
    // A line that ends here, or behind it, is the last one.
    const last = this.#range.to - 1 - at;
    let end = last < chunk.length ? chunk.indexOf(NEWLINE, Math.max(begin, last)) : NONE;
    this.isOver = end !== NONE;
    if (!this.isOver) end = chunk.lastIndexOf(NEWLINE);
    if (end < begin) {
      this.#keep(chunk.subarray(begin));
      return [];
    }
    const lines = this.#split(chunk.subarray(begin, end + 1));
    if (!this.isOver) this.#keep(chunk.subarray(end + 1));
    return lines;
  }

  /** The file has ended, perhaps within a line. */
  finish(): readonly string[] {
    this.isOver = true;
    return this.#partBytes === 0 ? [] : [Buffer.concat(this.#parts).toString()];
  }

  /** Whole lines; what was read of the first one is put before them. No part of a UTF-8 character is a newline. */
  #split(bytes: Buffer): string[] {
    const read = this.#parts.length === 0 ? bytes : Buffer.concat([...this.#parts, bytes]);
    this.#parts = [];
    this.#partBytes = 0;
    const text = read.toString();
    const lines = text.split(text.includes('\r') ? /\r?\n/ : '\n');
    lines.pop();
    return lines;
  }

  /** @throws LimitReached */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(Buffer.from(part));
    this.#partBytes += part.length;
    if (this.#partBytes <= LINE_BYTES_MAX) return;
    throw new LimitReached('readLines: a line is too long', { path: this.#range.path, bytesMax: LINE_BYTES_MAX });
  }
}

/** What `indexOf` returns. */
const NONE = -1;

/**
 * A filter: the lines that begin in a range, as UTF-8, without the `\n` or `\r\n` that ends them. A newline at the end
 * of a file begins no line. With `ordered: true` parallel instances give them in the order of the file.
 *
 * A line of more than 64 MiB fails with `LimitReached`.
 *
 * @example
 * flow.stage(fileRanges, { paths }).to(flow.stage(readLines, undefined, { parallel: 2, ordered: true })).to(parse);
 */
export const readLines = defineStage(HERE, 'readLines', {
  in: fileRange,
  out: text,
  init: (_, options: ReadOptions | undefined) => chunkBytesOf('readLines', options),
  async process(chunkBytes, range, out, { signal }) {
    await reading(range.path, async (file) => {
      const lines = new Lines(range);
      const chunk = Buffer.allocUnsafeSlow(chunkBytes);
      for (let { at } = lines; range.from < range.to && !lines.isOver; ) {
        const { bytesRead } = await file.read(chunk, 0, chunkBytes, at);
        if (signal.aborted) return;
        const found = bytesRead === 0 ? lines.finish() : lines.take(chunk.subarray(0, bytesRead), at);
        at += bytesRead;
        for (const line of found) if (!out.emit(line)) await out.room();
      }
    });
  },
});
