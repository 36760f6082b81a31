/**
 * The views through which codecs read and write, and where they are at the moment.
 *
 * One set serves all rings of a thread: they lie in one SharedArrayBuffer. A message that is too large for a ring is
 * coded by the same code in private memory, with a set of its own.
 */
import { Buffer } from 'node:buffer';

/** Parts of a message that travel ahead of it, in pieces, because they are large (see `mesh/transfer.ts`). */
export interface AttachmentSink {
  /** Takes a value that the record only mentions; returns the number by which it does. */
  attach(value: string | Uint8Array): number;
}

export interface AttachmentSource {
  /** Hands over what arrived under this number, once. Undefined: nothing did. */
  take(id: number): Uint8Array<ArrayBuffer> | undefined;
}

export class Memory {
  readonly buffer: ArrayBufferLike;
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly text: Buffer;

  /** Reading: the next byte of the variable part. */
  at = 0;
  /** Reading: where the record ends; nothing behind it is touched. */
  end = 0;
  /** Reading: where large parts have been collected. */
  source: AttachmentSource | undefined;
  /** Writing: who takes large parts. Without one, a large part does not fit. */
  sink: AttachmentSink | undefined;

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.text = Buffer.from(buffer as ArrayBuffer);
  }
}

/** What a writer returns when the value does not fit before `end`. Nothing that it wrote counts. */
export const NO_ROOM = -1;

/** In place of a length: the value travels as an attachment, whose number follows. */
export const ATTACHED = 0xffff_ffff | 0;

/** Bytes and texts over this size leave the record when there is somebody to take them. */
export const ATTACH_BYTES = 4096;

/** Most elements of one list, array, Map or Set, and keys of one object. */
export const COUNT_MAX = 2 ** 24 - 1;

/** A record that its declaration cannot have produced. Caught by whoever receives; the record is a dead letter. */
export class CorruptRecord extends Error {
  override readonly name = 'CorruptRecord';
}

export const corrupt = (what: string): never => {
  throw new CorruptRecord(what);
};

/** Begins to read a variable part; nested readers go on from `memory.at`. */
export const readFrom = (memory: Memory, at: number, end: number): void => {
  memory.at = at;
  memory.end = end;
};

/** Checks that `bytes` more bytes belong to the record, and steps over them. Returns where they begin. */
export const advance = (memory: Memory, bytes: number): number => {
  const { at } = memory;
  const next = at + bytes;
  // Not `next > end` alone: a length that is no length at all must not wrap round or step back.
  if (!(bytes >= 0 && next <= memory.end)) corrupt(`a field of ${bytes} bytes is longer than its record`);
  memory.at = next;
  return at;
};

export const alignWord = (bytes: number): number => (bytes + 3) & ~3;
