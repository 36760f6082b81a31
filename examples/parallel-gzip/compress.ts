/** The work: hashing and compressing one file, as a function and as a stage of it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { bytes, defineStage, f64, record, text } from 'heddle';

export interface Packed {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly gzip: Uint8Array;
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** @throws what the file system throws */
export const compress = (path: string): Packed => {
  const content = readFileSync(path);
  return { path, bytes: content.length, sha256: sha256(content), gzip: gzipSync(content) };
};

export const Compress = defineStage(import.meta.url, 'Compress', {
  in: text,
  out: record({ path: text, bytes: f64, sha256: text, gzip: bytes }),
  process: (_, path, out) => void out.emit(compress(path)),
});
