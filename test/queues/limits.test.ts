/** What is refused and with which code, and that no byte outside of a ring is ever touched. */
import {
  createRing,
  openRing,
  payloadBytesMax,
  payloadRecordBytes,
  QueueError,
  type QueueErrorCode,
  RecordConsumer,
  RecordProducer,
  type RingPlace,
  recordBytesMax,
  ringBytes,
} from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import * as layout from '../../native-free-queues/layout.js';
import {
  canariesLive,
  dataRange,
  drainPayloads,
  ignore,
  pattern,
  ringBetweenCanaries,
  STARTS,
} from '../support/rings.js';

const codeOf = (action: () => unknown): QueueErrorCode | undefined => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(QueueError);
    return (error as QueueError).code;
  }
  return undefined;
};

describe('a place for a ring', () => {
  it('has a power of two for its capacity, from 1 KiB to 32 MiB', () => {
    for (const bytes of [
      0,
      -1024,
      512,
      1000,
      1025,
      1536,
      2 ** 26,
      2 ** 32,
      1024.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]) {
      expect(
        codeOf(() => createRing(bytes)),
        `${bytes}`,
      ).toBe('QUEUE_INVALID_CAPACITY');
    }
    expect(createRing(1 << 10).capacityBytes).toBe(1 << 10);
    expect(createRing(1 << 25).words.byteLength).toBe(ringBytes(1 << 25));
  });

  it('is opened from exactly the memory that was made', () => {
    const place = createRing(1 << 12);
    const opened = openRing(place.words.buffer as SharedArrayBuffer);
    expect(opened).toMatchObject({ atBytes: 0, capacityBytes: 1 << 12 });
    for (const bytes of [0, 10, 384, ringBytes(1 << 10) - 1, ringBytes(1 << 10) + 4]) {
      expect(
        codeOf(() => openRing(new SharedArrayBuffer(bytes))),
        `${bytes}`,
      ).toBe('QUEUE_INVALID_CAPACITY');
    }
  });

  it('is shared memory', () => {
    for (const buffer of [undefined, null, {}, new ArrayBuffer(ringBytes(1 << 10))]) {
      expect(codeOf(() => openRing(buffer as unknown as SharedArrayBuffer))).toBe('QUEUE_INVALID_MEMORY');
    }
    const words = new Int32Array(new ArrayBuffer(ringBytes(1 << 10)));
    expect(codeOf(() => new RecordProducer({ words, atBytes: 0, capacityBytes: 1 << 10 }))).toBe(
      'QUEUE_INVALID_MEMORY',
    );
  });

  it('lies inside its view, at a multiple of 128', () => {
    const words = new Int32Array(new SharedArrayBuffer(ringBytes(1 << 10) + 256));
    const make = (atBytes: number): (() => unknown)[] => {
      const place: RingPlace = { words, atBytes, capacityBytes: 1 << 10 };
      return [() => new RecordProducer(place), () => new RecordConsumer(place)];
    };
    for (const at of [0, 128, 256]) expect(make(at).map(codeOf)).toEqual([undefined, undefined]);
    for (const at of [-128, 64, 8, 0.5, 384, 2 ** 31, 2 ** 32, Number.NaN]) {
      expect(make(at).map(codeOf), `${at}`).toEqual(['QUEUE_INVALID_MEMORY', 'QUEUE_INVALID_MEMORY']);
    }
  });

  it('ends within 2 GiB, where places are still 32-bit integers', () => {
    const words = new Int32Array(new SharedArrayBuffer(2 ** 31 + 4096));
    const last = 2 ** 31 - ringBytes(1 << 10);
    const place: RingPlace = { words, atBytes: last, capacityBytes: 1 << 10 };
    const producer = new RecordProducer(place);
    producer.tryWrite(1, pattern(1, 30));
    producer.publish();
    expect(drainPayloads(new RecordConsumer(place))).toEqual([pattern(1, 30)]);
    expect(codeOf(() => new RecordProducer({ ...place, atBytes: last + 128 }))).toBe('QUEUE_INVALID_MEMORY');
  });
});

describe('a record', () => {
  it.each([10, 11, 13])('takes at most an eighth of the ring (1 << %i)', (bits) => {
    const place = createRing(1 << bits);
    const producer = new RecordProducer(place);
    expect(producer.recordBytesMax).toBe(recordBytesMax(1 << bits));
    expect(producer.recordBytesMax).toBe((1 << bits) / 8);
    expect(producer.claim(producer.recordBytesMax)).toBeGreaterThan(0);
    expect(codeOf(() => producer.claim(producer.recordBytesMax + 8))).toBe('QUEUE_RECORD_TOO_LARGE');
  });

  it.each([10, 11, 13])('carries payloads of every length up to the limit, and not one byte more (1 << %i)', (bits) => {
    for (const { position, number } of STARTS) {
      const place = ringBetweenCanaries(1 << bits, position, number);
      const producer = new RecordProducer(place);
      const consumer = new RecordConsumer(place);
      expect(producer.payloadBytesMax).toBe(payloadBytesMax(1 << bits));
      expect(payloadRecordBytes(producer.payloadBytesMax)).toBe(producer.recordBytesMax);
      for (let length = 0; length <= producer.payloadBytesMax; length++) {
        const sent = pattern(length, length);
        expect(producer.tryWrite(4095, sent)).toBe(true);
        producer.publish();
        expect(drainPayloads(consumer).map((payload) => Buffer.compare(payload, sent))).toEqual([0]);
        consumer.release();
      }
      const tooLong = new Uint8Array(producer.payloadBytesMax + 1).fill(-1);
      expect(codeOf(() => producer.tryWrite(1, tooLong))).toBe('QUEUE_RECORD_TOO_LARGE');
      expect(producer.refreshFreeBytes()).toBe(1 << bits);
      expect(canariesLive(place)).toBe(true);
    }
  });

  it('has a type from 1 to 4095', () => {
    const producer = new RecordProducer(createRing(1 << 10));
    for (const type of [0, -1, 4096, 1.5, Number.NaN]) {
      expect(
        codeOf(() => producer.tryWrite(type, new Uint8Array(1))),
        `${type}`,
      ).toBe('QUEUE_INVALID_ARGUMENT');
    }
    expect(producer.freeBytes).toBe(1 << 10);
  });

  it('is packed into one header word without loss', () => {
    const bytesMax =
      layout.recordBytesMax(layout.CAPACITY_BYTES_MAX) + layout.LINE_BYTES - layout.RECORD_ALIGNMENT_BYTES;
    for (const bytes of [8, 16, 64, 1 << 20, bytesMax]) {
      for (const type of [0, 1, 2047, 2048, layout.TYPE_MAX]) {
        const header = layout.packHeader(bytes, type);
        expect([layout.headerBytes(header), layout.headerType(header)]).toEqual([bytes, type]);
      }
    }
  });

  it('that tryWrite did not write has no payload to read', () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    for (const length of [-1, 53, 0x7fff_ffff]) {
      const at = producer.claim(64);
      place.words[(at + 8) >> 2] = length;
      producer.commit(at, 64, 1);
      producer.publish();
      const read = (from: number): unknown => consumer.payload(from);
      expect(
        consumer.drain({ receive: (_type, from) => expect(codeOf(() => read(from))).toBe('QUEUE_CORRUPT') }, 1),
      ).toBe(1);
    }
  });

  it('is seen in the ring by payload, and kept by copyPayload', () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    producer.tryWrite(1, pattern(1, 9));
    producer.publish();
    const seen: Uint8Array[] = [];
    consumer.drain({ receive: (_type, at) => seen.push(consumer.payload(at), consumer.copyPayload(at)) }, 1);
    const [view, copy] = seen;
    expect([view, copy]).toEqual([pattern(1, 9), pattern(1, 9)]);
    expect(view!.buffer).toBe(place.words.buffer);
    expect(copy!.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

describe('a ring that holds nonsense', () => {
  it('is noticed by a wrong number and by a padding without length', () => {
    for (const [offset, value] of [
      [1, 77],
      [0, 0],
    ] as const) {
      const place = createRing(1 << 10);
      const producer = new RecordProducer(place);
      producer.tryWrite(1, pattern(1, 9));
      const [dataAt] = dataRange(place);
      producer.publish();
      place.words[(dataAt >> 2) + offset] = value;
      expect(codeOf(() => new RecordConsumer(place).drain(ignore, 1))).toBe('QUEUE_CORRUPT');
    }
  });
});

describe('the bytes around a ring', () => {
  it.each([10, 11, 13])('stay as they are, whatever is written (1 << %i)', (bits) => {
    const { position, number } = STARTS[bits % STARTS.length]!;
    const place = ringBetweenCanaries(1 << bits, position, number);
    const [dataAt, dataEnd] = dataRange(place);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    const bytesMax = producer.recordBytesMax;
    for (let bytes = 8; bytes <= bytesMax; bytes += 8) {
      for (let i = 0; i < 20; i++) {
        const at = producer.claim(bytes);
        expect(at).toBeGreaterThanOrEqual(dataAt);
        expect(at + bytes).toBeLessThanOrEqual(dataEnd);
        place.words.fill(-1, at >> 2, (at + bytes) >> 2);
        producer.commit(at, bytes, 1);
        if (i % 3 !== 0) continue;
        producer.publish();
        consumer.drain(ignore, 100);
        consumer.release();
      }
      producer.publish();
      consumer.drain(ignore, 100);
      consumer.release();
    }
    expect(codeOf(() => producer.claim(bytesMax + 8))).toBe('QUEUE_RECORD_TOO_LARGE');
    expect(canariesLive(place)).toBe(true);
  });
});
