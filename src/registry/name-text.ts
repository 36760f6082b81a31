/** A name in private memory, as it is compared with entries, copied into them and out of them. */
import { NAME_BYTES_MAX } from '../base/limits.js';

const encoder = new TextEncoder();
/** Else a name that begins with a byte order mark would come back without it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const HASH_MULTIPLIER = 0x9e3779b1;
const FINAL_MULTIPLIER = 0x85ebca6b;

/** What a name has to be, for people. */
export const NAME_RULE = `a name is a well-formed text of 1 to ${NAME_BYTES_MAX} bytes in UTF-8`;

/** Whether an actor can have a name. */
export const isName = (name: unknown): name is string =>
  typeof name === 'string' &&
  name !== '' &&
  name.length <= NAME_BYTES_MAX &&
  name.isWellFormed() &&
  encoder.encode(name).length <= NAME_BYTES_MAX;

export class NameText {
  readonly words = new Int32Array(NAME_BYTES_MAX / 4);
  readonly #bytes = new Uint8Array(this.words.buffer);
  lengthBytes = 0;
  hash = 0;

  get lengthWords(): number {
    return (this.lengthBytes + 3) >> 2;
  }

  /** Encodes a name. False if no actor can have it: it is not a text, empty, too long, or has half a surrogate pair. */
  encode(name: string): boolean {
    if (typeof name !== 'string' || name === '' || !name.isWellFormed()) return false;
    const { read, written } = encoder.encodeInto(name, this.#bytes);
    if (read < name.length) return false;
    this.lengthBytes = written;
    this.#bytes.fill(0, written, this.lengthWords * 4);
    this.hash = this.#hashOf();
    return true;
  }

  decode(): string {
    return decoder.decode(this.#bytes.subarray(0, this.lengthBytes));
  }

  #hashOf(): number {
    let hash = this.lengthBytes;
    for (let i = 0; i < this.lengthWords; i++) {
      hash = Math.imul(hash ^ this.words[i]!, HASH_MULTIPLIER);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, FINAL_MULTIPLIER);
    return hash ^ (hash >>> 13);
  }
}

if (NAME_BYTES_MAX % 4 !== 0) throw new Error('registry/name-text: names are kept in whole words');
