/** The files under a folder, in batches that are worth a message, and the text in them. */
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface File {
  /** The number of the document: its place among them. */
  readonly doc: number;
  readonly path: string;
  readonly bytes: number;
}

const BATCH_BYTES = 512 << 10;
const BATCH_FILES = 64;

/** Files that hold a NUL in their first bytes are not text. */
const HEAD_BYTES = 1024;

/** Not the user's text. Links are not followed, so that nothing is found twice. */
const SKIPPED_FOLDERS = new Set(['.git']);

function* walk(folder: string): Generator<Omit<File, 'doc'>> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield { path, bytes: lstatSync(path).size };
    else if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* walk(path);
  }
}

/** All files under a folder, the largest first: what is left for the end is small, so that all workers end together. */
export const listFiles = (folder: string): File[] =>
  [...walk(folder)]
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .map((file, doc) => ({ doc, ...file }));

export function* batchesOf(files: readonly File[]): Generator<File[]> {
  for (let first = 0, end = 0; first < files.length; first = end) {
    let bytes = 0;
    while (end < files.length && end - first < BATCH_FILES && bytes < BATCH_BYTES) bytes += files[end++]!.bytes;
    yield files.slice(first, end);
  }
}

/** The bytes of a text file, or nothing if it is binary. @throws what the file system throws */
export const readText = (path: string): Buffer | undefined => {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    const headBytes = readSync(file, head);
    if (head.subarray(0, headBytes).includes(0)) return undefined;
    const bytes = Buffer.allocUnsafe(Math.max(headBytes, fstatSync(file).size));
    head.copy(bytes, 0, 0, headBytes);
    let end = headBytes;
    for (let more = 1; more > 0 && end < bytes.length; end += more) more = readSync(file, bytes, { offset: end });
    return bytes.subarray(0, end);
  } finally {
    closeSync(file);
  }
};
