/** Every sentence of `native-free-queues/contract.ts`, in its order, for every way to write and to read a record. */
import { createRing, type QueueErrorCode, RecordConsumer, RecordProducer, readRingCounters } from 'heddle/queues';
import { beforeEach, describe, expect, it } from 'vitest';
import { drainPayloads, ignore, pattern } from '../support/rings.js';
import { ways } from '../support/ways.js';

const CAPACITY_BYTES = 1 << 10;
const PAYLOAD_BYTES = 20;

let place = createRing(CAPACITY_BYTES);
let producer = new RecordProducer(place);
let consumer = new RecordConsumer(place);

beforeEach(() => {
  place = createRing(CAPACITY_BYTES);
  producer = new RecordProducer(place);
  consumer = new RecordConsumer(place);
});

const failsWith = (code: QueueErrorCode, action: () => unknown): void => {
  expect(action).toThrow(expect.objectContaining({ name: 'QueueError', code }));
};

describe.each(ways)('$name:', ({ write, read, payloadBytesMax }) => {
  /** Drains into an array of payloads. */
  const drain = (from: RecordConsumer, limit = Number.POSITIVE_INFINITY): Uint8Array[] => {
    const payloads: Uint8Array[] = [];
    from.drain({ receive: (_type, at) => payloads.push(read(from, at)) }, limit);
    return payloads;
  };

  /** Writes payloads of this length until the ring is full; returns how many. */
  const fillRing = (to: RecordProducer, payloadBytes: number): number => {
    let count = 0;
    while (write(to, 1, pattern(count, payloadBytes))) {
      if (++count * payloadBytes > to.capacityBytes) throw new Error('the ring is never full');
    }
    return count;
  };

  describe('records', () => {
    it('arrive once, in order and whole, for many laps and of all lengths', () => {
      for (let tag = 0; tag < 2000; tag++) {
        const sent = pattern(tag, tag % (payloadBytesMax(producer) + 1));
        expect(write(producer, 1 + (tag % 4095), sent)).toBe(true);
        producer.publish();
        const types: number[] = [];
        const payloads: Uint8Array[] = [];
        const sink = {
          receive(type: number, at: number): void {
            types.push(type);
            payloads.push(read(consumer, at));
          },
        };
        expect(consumer.drain(sink, 10)).toBe(1);
        expect(types).toEqual([1 + (tag % 4095)]);
        expect(payloads).toEqual([sent]);
        expect(consumer.drain(sink, 10)).toBe(0);
        consumer.release();
      }
    });

    it('arrive although they were published before there was a consumer', () => {
      write(producer, 1, pattern(1, PAYLOAD_BYTES));
      producer.publish();
      expect(drain(new RecordConsumer(place))).toEqual([pattern(1, PAYLOAD_BYTES)]);
    });
  });

  describe('claim, write, commit, publish', () => {
    it('makes nothing visible before publish, and all that is committed with it', () => {
      for (let tag = 0; tag < 3; tag++) write(producer, 1, pattern(tag, PAYLOAD_BYTES));
      expect(consumer.hasNews()).toBe(false);
      expect(consumer.drain(ignore, 10)).toBe(0);
      producer.publish();
      expect(consumer.hasNews()).toBe(true);
      expect(drain(consumer)).toEqual([0, 1, 2].map((tag) => pattern(tag, PAYLOAD_BYTES)));
    });

    it('never shows a claim that was not committed, and claims its room again', () => {
      const at = producer.claim(64);
      place.words.fill(-1, at >> 2, (at + 64) >> 2);
      expect(producer.claim(128)).toBe(at);
      producer.publish();
      expect(consumer.hasNews()).toBe(false);
      expect(write(producer, 1, pattern(7, PAYLOAD_BYTES))).toBe(true);
      producer.publish();
      expect(drain(consumer)).toEqual([pattern(7, PAYLOAD_BYTES)]);
    });

    it('commits less than was claimed', () => {
      const at = producer.claim(128);
      producer.commit(at, 16, 5);
      expect(producer.claim(16)).toBe(at + 16);
    });

    it('says where the record begins and where it ends, at most 56 bytes behind what was committed', () => {
      for (let bytes = 8; bytes <= producer.recordBytesMax; bytes += 8) {
        const claimed = producer.claim(bytes);
        producer.commit(claimed, bytes, 9);
        producer.publish();
        const seen: number[][] = [];
        consumer.drain({ receive: (...record) => seen.push(record) }, 1);
        consumer.release();
        const end = seen[0]![2]!;
        expect(seen).toEqual([[9, claimed, end]]);
        expect(end - (claimed + bytes)).toBeGreaterThanOrEqual(0);
        expect(end - (claimed + bytes)).toBeLessThanOrEqual(56);
        expect(end % 8).toBe(0);
      }
    });

    it('says whether a publication woke the consumer', () => {
      write(producer, 1, pattern(0, PAYLOAD_BYTES));
      expect(producer.publish()).toBe(false);
      consumer.bell.arm();
      expect(producer.publish()).toBe(false);
      write(producer, 1, pattern(0, PAYLOAD_BYTES));
      expect(producer.publish()).toBe(true);
      expect(consumer.bell.asleep).toBe(false);
    });
  });

  describe('drain and release', () => {
    it('hands over at most as many as asked for, oldest first', () => {
      for (let tag = 0; tag < 5; tag++) write(producer, 1, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      expect(drain(consumer, 2)).toEqual([0, 1].map((tag) => pattern(tag, PAYLOAD_BYTES)));
      expect(drain(consumer, 0)).toEqual([]);
      expect(drain(consumer, 9)).toEqual([2, 3, 4].map((tag) => pattern(tag, PAYLOAD_BYTES)));
    });

    it('gives no room back before release, and all of it then', () => {
      const count = fillRing(producer, PAYLOAD_BYTES);
      expect(consumer.drain(ignore, count)).toBe(count);
      expect(write(producer, 1, pattern(0, PAYLOAD_BYTES))).toBe(false);
      consumer.release();
      expect(producer.refreshFreeBytes()).toBe(CAPACITY_BYTES);
      expect(fillRing(producer, PAYLOAD_BYTES)).toBe(count);
    });

    it('lets a sink drain again, which goes on behind its record', () => {
      for (let tag = 0; tag < 4; tag++) write(producer, 1 + tag, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      const order: string[] = [];
      const inner = { receive: (type: number) => order.push(`inner ${type}`) };
      const outer = {
        receive(type: number): void {
          order.push(`outer ${type}`);
          if (type === 1) expect(consumer.drain(inner, 2)).toBe(2);
        },
      };
      expect(consumer.drain(outer, 10)).toBe(2);
      expect(order).toEqual(['outer 1', 'inner 2', 'inner 3', 'outer 4']);
    });

    it('counts a record as drained when its sink throws', () => {
      for (let tag = 0; tag < 2; tag++) write(producer, 1 + tag, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      const sink = {
        receive(): void {
          throw new Error('no');
        },
      };
      expect(() => consumer.drain(sink, 10)).toThrow('no');
      expect(drain(consumer)).toEqual([pattern(1, PAYLOAD_BYTES)]);
    });

    it('ends with the record at which it is interrupted, also from inside', () => {
      for (let tag = 0; tag < 4; tag++) write(producer, 1 + tag, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      const types: number[] = [];
      const inner = {
        receive(type: number): void {
          types.push(type);
          consumer.interrupt();
        },
      };
      const outer = {
        receive(type: number): void {
          types.push(type);
          consumer.drain(inner, 10);
        },
      };
      expect(consumer.drain(outer, 10)).toBe(1);
      expect(types).toEqual([1, 2]);
      expect(consumer.hasNews()).toBe(true);
      expect(consumer.drain(ignore, 10)).toBe(2);
    });

    it('has no news when only padding is left', () => {
      for (let tag = 0; tag < 2; tag++) write(producer, 1, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      expect(consumer.drain(ignore, 2)).toBe(2);
      expect(consumer.hasNews()).toBe(false);
      consumer.release();
      expect(producer.refreshFreeBytes()).toBe(CAPACITY_BYTES);
    });

    it('has no news when the producer has gone round and committed nothing yet', () => {
      const step = producer.recordBytesMax;
      for (let at = 0; at < CAPACITY_BYTES - step / 2; at += step / 2) {
        producer.commit(producer.claim(step / 2), step / 2, 1);
        producer.publish();
        consumer.drain(ignore, 1);
        consumer.release();
      }
      const before = producer.position;
      producer.claim(step);
      expect(producer.position - before).toBe(step / 2);
      expect(consumer.hasNews()).toBe(false);
      producer.publish();
      expect(consumer.hasNews()).toBe(false);
      expect(readRingCounters(place).waitingBytes).toBe(0);
    });
  });

  describe('a full ring', () => {
    it('refuses, publishes what is committed, and goes on when there is room', () => {
      // The last record is in a batch that is too short to be published for its length.
      const payloadBytes = 36;
      const count = fillRing(producer, payloadBytes);
      expect(producer.claim(producer.recordBytesMax)).toBe(-1);
      expect(readRingCounters(place).publishedCount).toBe(count);
      expect(drain(consumer)).toEqual(Array.from({ length: count }, (_, tag) => pattern(tag, payloadBytes)));
      consumer.release();
      expect(producer.claim(producer.recordBytesMax)).toBeGreaterThan(0);
    });

    it('always has room for the longest record when it is empty', () => {
      for (let lead = 0; lead < CAPACITY_BYTES; lead += 8) {
        producer.commit(producer.claim(8), 8, 1);
        producer.publish();
        consumer.drain(ignore, 1);
        consumer.release();
        expect(producer.claim(producer.recordBytesMax)).toBeGreaterThan(0);
      }
    });

    it('is used to its last byte', () => {
      const bytes = producer.recordBytesMax;
      for (let i = 0; i < CAPACITY_BYTES / bytes; i++) producer.commit(producer.claim(bytes), bytes, 1);
      expect(producer.freeBytes).toBe(0);
      expect(producer.claim(8)).toBe(-1);
      expect(consumer.drain(ignore, 100)).toBe(CAPACITY_BYTES / bytes);
    });
  });

  describe('closing', () => {
    it('lets the consumer drain what is committed, then it is ended', () => {
      write(producer, 1, pattern(3, PAYLOAD_BYTES));
      expect(consumer.ended).toBe(false);
      producer.close();
      expect(consumer.ended).toBe(false);
      expect(drain(consumer)).toEqual([pattern(3, PAYLOAD_BYTES)]);
      expect(consumer.ended).toBe(true);
    });

    it('makes the later claims of the producer throw, also those of one that takes the ring over', () => {
      producer.close();
      failsWith('QUEUE_CLOSED', () => producer.claim(8));
      failsWith('QUEUE_CLOSED', () => write(producer, 1, pattern(0, 0)));
      producer.setFlags(1);
      producer.publish();
      failsWith('QUEUE_CLOSED', () => producer.claim(8));
      failsWith('QUEUE_CLOSED', () => new RecordProducer(place).claim(8));
    });

    it('is heard by a producer whose ring is full', () => {
      consumer.close();
      failsWith('QUEUE_CLOSED', () => fillRing(producer, PAYLOAD_BYTES));
    });

    it('is for good on the side of the consumer as well', () => {
      consumer.close();
      failsWith('QUEUE_CLOSED', () => fillRing(new RecordProducer(place), PAYLOAD_BYTES));
    });

    it('wakes whoever sleeps on the other side', () => {
      consumer.bell.arm();
      producer.close();
      expect(consumer.bell.asleep).toBe(false);
      producer.bell.arm();
      consumer.close();
      expect(producer.bell.asleep).toBe(false);
    });
  });

  describe('taking over', () => {
    it('drops what the earlier producer had only committed, and keeps the order', () => {
      write(producer, 1, pattern(1, PAYLOAD_BYTES));
      producer.publish();
      write(producer, 1, pattern(2, PAYLOAD_BYTES));
      const next = new RecordProducer(place);
      write(next, 1, pattern(3, PAYLOAD_BYTES));
      next.publish();
      expect(drain(consumer)).toEqual([1, 3].map((tag) => pattern(tag, PAYLOAD_BYTES)));
    });

    it('neither repeats nor loses what the earlier consumer had drained, released or not seen', () => {
      for (let tag = 0; tag < 6; tag++) write(producer, 1, pattern(tag, PAYLOAD_BYTES));
      producer.publish();
      consumer.drain(ignore, 2);
      consumer.release();
      consumer.drain(ignore, 2);
      const next = new RecordConsumer(place);
      expect(next.unreleasedBytes).toBe(consumer.unreleasedBytes);
      expect(drain(next)).toEqual([4, 5].map((tag) => pattern(tag, PAYLOAD_BYTES)));
      next.release();
      expect(producer.refreshFreeBytes()).toBe(CAPACITY_BYTES);
    });

    it('lets somebody else close for a producer that is gone', () => {
      write(producer, 1, pattern(1, PAYLOAD_BYTES));
      producer.publish();
      new RecordProducer(place).close();
      expect(drain(consumer)).toEqual([pattern(1, PAYLOAD_BYTES)]);
      expect(consumer.ended).toBe(true);
    });

    it('wakes whoever sleeps on the other side, for whom the earlier one may have had news', () => {
      consumer.bell.arm();
      new RecordProducer(place);
      expect(consumer.bell.asleep).toBe(false);
      producer.bell.arm();
      new RecordConsumer(place);
      expect(producer.bell.asleep).toBe(false);
    });

    it('keeps the flags of the earlier producer until they are set anew', () => {
      producer.setFlags(5);
      producer.publish();
      const next = new RecordProducer(place);
      expect(next.flags).toBe(5);
      next.setFlags(0);
      next.publish();
      consumer.look();
      expect(consumer.flags).toBe(0);
    });

    it('refuses memory that holds no records', () => {
      write(producer, 1, pattern(1, PAYLOAD_BYTES));
      producer.publish();
      consumer.drain({ receive: (_type, at) => place.words.fill(0, at >> 2, (at >> 2) + 2) }, 1);
      failsWith('QUEUE_CORRUPT', () => new RecordConsumer(place));
      failsWith('QUEUE_CORRUPT', () => new RecordProducer(place));
    });
  });
});

describe('flags and notes', () => {
  it('brings every combination of flags beside the tail, and never mixes them into positions', () => {
    for (let flags = 7; flags >= 0; flags--) {
      producer.setFlags(flags);
      expect(producer.publish()).toBe(false);
      expect(consumer.hasNews()).toBe(true);
      expect(consumer.flags).toBe(flags);
      expect(consumer.hasNews()).toBe(false);
      expect(consumer.drain(ignore, 1)).toBe(0);
      producer.tryWrite(1, pattern(flags, PAYLOAD_BYTES));
      producer.publish();
      expect(drainPayloads(consumer)).toEqual([pattern(flags, PAYLOAD_BYTES)]);
      consumer.release();
      expect(producer.refreshFreeBytes()).toBe(CAPACITY_BYTES);
      expect(readRingCounters(place)).toMatchObject({ waitingBytes: 0, unreleasedBytes: 0 });
    }
  });

  it('wakes a sleeper for a change of the flags alone', () => {
    consumer.bell.arm();
    producer.setFlags(2);
    expect(producer.publish()).toBe(true);
  });

  it('has 16 notes from the consumer to the producer, and no more', () => {
    for (let index = 0; index < 16; index++) consumer.publishNote(index, -index);
    expect(Array.from({ length: 16 }, (_, index) => producer.loadNote(index) + index)).toEqual(Array(16).fill(0));
    for (const index of [-1, 16, 0.5, Number.NaN]) {
      failsWith('QUEUE_INVALID_ARGUMENT', () => consumer.publishNote(index, 1));
    }
    expect(producer.bell.asleep).toBe(false);
  });
});
