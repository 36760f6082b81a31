/** Large messages on their way in: pieces are collected until the record comes that mentions them. */
import { OUTBOX_BYTES_MAX } from '../base/limits.js';
import { type AttachmentSource, corrupt } from '../messages/memory.js';
import { PIECE_AT } from './records.js';

interface Arriving {
  readonly bytes: Uint8Array<ArrayBuffer>;
  arrived: number;
}

export class Assembly implements AttachmentSource {
  readonly #arriving = new Map<number, Arriving>();

  /** Takes the piece in the record at `at`. */
  add(words: Int32Array, at: number, end: number): void {
    const word = at >> 2;
    const id = words[word + 2]!;
    const total = words[word + 3]!;
    const length = words[word + 4]!;
    let arriving = this.#arriving.get(id);
    if (arriving === undefined) {
      if (total < 0 || total > OUTBOX_BYTES_MAX) corrupt(`an attachment of ${total} bytes`);
      arriving = { bytes: new Uint8Array(total), arrived: 0 };
      this.#arriving.set(id, arriving);
    }
    if (length < 0 || at + PIECE_AT + length > end || arriving.arrived + length > arriving.bytes.length) {
      corrupt(`a piece of ${length} bytes`);
    }
    arriving.bytes.set(new Uint8Array(words.buffer, at + PIECE_AT, length), arriving.arrived);
    arriving.arrived += length;
  }

  take(id: number): Uint8Array<ArrayBuffer> | undefined {
    const arriving = this.#arriving.get(id);
    this.#arriving.delete(id);
    return arriving?.arrived === arriving?.bytes.length ? arriving?.bytes : undefined;
  }
}
