/** What the tests of rings share: rings in awkward places, and records whose bytes tell which they are. */
import type { RecordConsumer, RecordProducer, RecordSink, RingPlace } from 'heddle/queues';
import * as layout from '../../native-free-queues/layout.js';

const CANARY = 0x5a;
const CANARY_BYTES = 2 * layout.ISOLATION_BYTES;

/** A ring with canaries on both sides, that begins at this position and running number. */
export const ringBetweenCanaries = (capacityBytes: number, start = 0, number = 0): RingPlace => {
  const inner = layout.ringBytes(capacityBytes);
  const bytes = new Uint8Array(new SharedArrayBuffer(inner + 2 * CANARY_BYTES)).fill(CANARY);
  bytes.fill(0, CANARY_BYTES, CANARY_BYTES + inner);
  const place = { words: new Int32Array(bytes.buffer), atBytes: CANARY_BYTES, capacityBytes };
  presetPositions(place, start, number);
  return place;
};

export const canariesLive = ({ words, atBytes, capacityBytes }: RingPlace): boolean => {
  const bytes = new Uint8Array(words.buffer);
  const end = atBytes + layout.ringBytes(capacityBytes);
  return [...bytes.subarray(0, atBytes), ...bytes.subarray(end)].every((byte) => byte === CANARY);
};

/** As if so many bytes and records had gone through the ring already. */
export const presetPositions = ({ words, atBytes }: RingPlace, position: number, number: number): void => {
  const header = atBytes >> 2;
  for (const word of [layout.TAIL_WORD, layout.HEAD_WORD, layout.TAKEN_WORD]) words[header + word] = position;
  for (const word of [layout.PUBLISHED_NUMBER_WORD, layout.RELEASED_NUMBER_WORD]) words[header + word] = number;
};

/** Where a ring may begin so that a 32-bit integer turns over soon: its positions and its running numbers. */
export const STARTS = [
  { name: '2^31', position: (2 ** 31 - 4096) | 0, number: (2 ** 31 - 20) | 0 },
  { name: '2^32', position: (2 ** 32 - 4096) | 0, number: (2 ** 32 - 20) | 0 },
] as const;

/** Where the records of a ring lie in its view. */
export const dataRange = ({ atBytes, capacityBytes }: RingPlace): readonly [number, number] => [
  atBytes + layout.RING_HEADER_BYTES,
  atBytes + layout.ringBytes(capacityBytes),
];

const patternByte = (tag: number, i: number): number => (tag * 31 + i * 7 + 1) & 0xff;

/** A payload that tells by its bytes which one it is. */
export const pattern = (tag: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => patternByte(tag, i));

/** Drains into an array of payloads that `tryWrite` wrote. */
export const drainPayloads = (consumer: RecordConsumer, limit = Number.POSITIVE_INFINITY): Uint8Array[] => {
  const payloads: Uint8Array[] = [];
  consumer.drain({ receive: (_type, at) => payloads.push(consumer.copyPayload(at)) }, limit);
  return payloads;
};

/** Writes payloads of this length until the ring is full; returns how many. */
export const fill = (producer: RecordProducer, payloadBytes: number): number => {
  let count = 0;
  while (producer.tryWrite(1, pattern(count, payloadBytes))) {
    if (++count * payloadBytes > producer.capacityBytes) throw new Error('the ring is never full');
  }
  return count;
};

export const ignore: RecordSink = { receive: () => undefined };
