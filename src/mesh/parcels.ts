/**
 * Large messages on their way out.
 *
 * A text or byte array of more than 4 KiB leaves its record when the record would not fit, and so does a whole
 * message that is too large for one. It is kept by reference and sent in pieces, between the records of other actors;
 * then its record follows, which mentions it by number. Whatever goes to the same actor meanwhile waits behind it,
 * so that the order of one sender and one receiver is kept.
 */
import { Buffer } from 'node:buffer';
import type { RecordProducer } from '../../native-free-queues/index.js';
import { alignRecord } from '../../native-free-queues/index.js';
import type { AttachmentSink } from '../messages/memory.js';
import { PIECE, PIECE_AT } from './records.js';

/** Something large that is being sent. */
interface Part {
  readonly id: number;
  readonly value: string | Uint8Array;
  readonly totalBytes: number;
  /** Characters or bytes that have been sent. */
  sent: number;
  /** Bytes that have not. */
  left: number;
}

/** A record, and the parts that go ahead of it. */
export interface Parcel {
  readonly parts: Part[];
  readonly type: number;
  /** The record as it will lie in the ring. */
  readonly words: Int32Array;
  readonly bytes: number;
}

/** Collects the parts of one message while it is encoded. */
export class PartCollector implements AttachmentSink {
  readonly parts: Part[] = [];
  totalBytes = 0;
  readonly #nextId: () => number;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  attach(value: string | Uint8Array): number {
    const totalBytes = typeof value === 'string' ? Buffer.byteLength(value, 'utf8') : value.byteLength;
    const id = this.#nextId();
    this.parts.push({ id, value, totalBytes, sent: 0, left: totalBytes });
    this.totalBytes += totalBytes;
    return id;
  }
}

const HIGH_SURROGATE_MIN = 0xd800;
const HIGH_SURROGATE_MAX = 0xdbff;
const UTF8_BYTES_MAX = 3;
const encoder = new TextEncoder();

/** How many characters, at most `most`, may be cut off from `from` on without cutting a surrogate pair. */
const cutAt = (value: string, from: number, most: number): number => {
  const end = Math.min(value.length, from + most);
  if (end === value.length) return end - from;
  const last = value.charCodeAt(end - 1);
  return last >= HIGH_SURROGATE_MIN && last <= HIGH_SURROGATE_MAX ? end - 1 - from : end - from;
};

/** Also true of bytes whose memory was transferred away meanwhile, which are none any more. */
const isSent = ({ value, sent }: Part): boolean => sent >= value.length;

/**
 * Writes the next piece of `part` into the ring, in a record of at most `bytesMax`.
 *
 * @returns bytes of the part that it took, or -1 if the ring has no room
 */
const sendPiece = (
  part: Part,
  producer: RecordProducer,
  bytesMax: number,
  claim: (bytes: number) => number,
): number => {
  if (isSent(part)) return 0;
  const at = claim(bytesMax);
  if (at < 0) return -1;
  const room = bytesMax - PIECE_AT;
  const bytes = new Uint8Array(producer.words.buffer);
  let length: number;
  if (typeof part.value === 'string') {
    const characters = cutAt(part.value, part.sent, Math.floor(room / UTF8_BYTES_MAX));
    const piece = part.value.slice(part.sent, part.sent + characters);
    length = encoder.encodeInto(piece, bytes.subarray(at + PIECE_AT, at + bytesMax)).written;
    part.sent += characters;
  } else {
    length = Math.min(room, part.value.byteLength - part.sent);
    bytes.set(part.value.subarray(part.sent, part.sent + length), at + PIECE_AT);
    part.sent += length;
  }
  const word = at >> 2;
  producer.words[word + 2] = part.id;
  producer.words[word + 3] = part.totalBytes;
  producer.words[word + 4] = length;
  producer.commit(at, alignRecord(PIECE_AT + length), PIECE);
  return length;
};

/** The parcels of one link, in a queue for each actor. */
export class Parcels {
  /** Bytes of all that waits here. */
  bytes = 0;
  readonly #queues = new Map<number, Parcel[]>();

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** Whether something on its way to this actor waits here, so that more has to wait behind it. */
  has(key: number): boolean {
    return this.#queues.has(key);
  }

  add(key: number, parcel: Parcel): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, [parcel]);
    else queue.push(parcel);
    this.bytes += parcel.bytes;
    for (const part of parcel.parts) this.bytes += part.totalBytes;
  }

  /**
   * Sends one piece for each actor that has a parcel, and the records of parcels whose pieces are sent by `post`.
   * Returns false when the ring has no room.
   */
  pump(
    producer: RecordProducer,
    pieceBytesMax: number,
    claim: (bytes: number) => number,
    post: (parcel: Parcel) => void,
  ): boolean {
    for (const [key, queue] of this.#queues) {
      const parcel = queue[0]!;
      const part = parcel.parts[0];
      if (part !== undefined) {
        const sent = sendPiece(part, producer, pieceBytesMax, claim);
        if (sent < 0) return false;
        part.left -= sent;
        this.bytes -= sent;
        if (isSent(part)) {
          // What is missing makes the message a corrupt one where it arrives.
          this.bytes -= part.left;
          parcel.parts.shift();
        }
      }
      while (queue[0] !== undefined && queue[0].parts.length === 0) {
        const done = queue.shift()!;
        this.bytes -= done.bytes;
        post(done);
      }
      if (queue.length === 0) this.#queues.delete(key);
    }
    return true;
  }

  /** Hands the record of every parcel to `visit` and forgets it. */
  clear(visit: (parcel: Parcel) => void): void {
    for (const queue of this.#queues.values()) queue.forEach(visit);
    this.#queues.clear();
    this.bytes = 0;
  }
}
