/** Lossy rings in awkward places. */
import { type LossyPlace, layOutLossyRing, lossyRingBytes } from 'heddle/queues';
import { ISOLATION_BYTES } from '../../native-free-queues/layout.js';

const CANARY = 0x5a;
const CANARY_BYTES = 2 * ISOLATION_BYTES;

/** Where ids turn over: as 32-bit integers and, nearly, as integers at all. */
export const FIRST_IDS = [
  { name: '0', firstId: 0 },
  { name: 'just below 2^31', firstId: 2 ** 31 - 20 },
  { name: 'just below 2^32', firstId: 2 ** 32 - 20 },
  { name: 'far behind 2^32', firstId: 5 * 2 ** 40 - 21 },
] as const;

/** A lossy ring with canaries on both sides, in memory that was used before. */
export const lossyRingBetweenCanaries = (capacity: number, slotBytes: number, firstId = 0): LossyPlace => {
  const inner = lossyRingBytes(capacity, slotBytes);
  const bytes = new Uint8Array(new SharedArrayBuffer(inner + 2 * CANARY_BYTES)).fill(CANARY);
  const place = { words: new Int32Array(bytes.buffer), atBytes: CANARY_BYTES, capacity, slotBytes };
  layOutLossyRing(place, firstId);
  return place;
};

export const lossyCanariesLive = ({ words, atBytes, capacity, slotBytes }: LossyPlace): boolean => {
  const bytes = new Uint8Array(words.buffer);
  const end = atBytes + lossyRingBytes(capacity, slotBytes);
  return [...bytes.subarray(0, atBytes), ...bytes.subarray(end)].every((byte) => byte === CANARY);
};
