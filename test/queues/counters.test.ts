import { createRing, RecordConsumer, RecordProducer, readRingCounters } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import { PUBLISHED_NUMBER_WORD } from '../../native-free-queues/layout.js';
import { ignore, pattern, presetPositions } from '../support/rings.js';

describe('the counters of a ring', () => {
  it.each([
    ['0', 0],
    ['2^31', 2 ** 31 - 1],
    ['2^32', 2 ** 32 - 2],
  ])('follow the records through it, near %s', (_name, first) => {
    const place = createRing(1 << 10);
    presetPositions(place, -64, first | 0);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    const counted = (count: number): number => (first + count) % 2 ** 32;
    const still = { publishedCount: counted(0), releasedCount: counted(0), waitingBytes: 0, unreleasedBytes: 0 };
    expect(readRingCounters(place)).toEqual(still);

    for (let tag = 0; tag < 3; tag++) producer.tryWrite(1, pattern(tag, 4));
    expect(readRingCounters(place)).toEqual(still);
    producer.publish();
    // Three records of 16 bytes, and what is left of the cache line.
    expect(readRingCounters(place)).toEqual({ ...still, publishedCount: counted(3), waitingBytes: 64 });
    consumer.drain(ignore, 2);
    expect(readRingCounters(place)).toMatchObject({ waitingBytes: 32, unreleasedBytes: 32 });
    consumer.drain(ignore, 1);
    expect(readRingCounters(place)).toMatchObject({ waitingBytes: 0, unreleasedBytes: 64, releasedCount: counted(0) });
    consumer.release();
    const done = { ...still, publishedCount: counted(3), releasedCount: counted(3) };
    expect(readRingCounters(place)).toEqual(done);
    expect([producer.number, consumer.number]).toEqual([(first + 3) | 0, (first + 3) | 0]);
  });

  it('do not count flags as bytes', () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    producer.setFlags(7);
    producer.publish();
    expect(readRingCounters(place)).toMatchObject({ publishedCount: 0, waitingBytes: 0 });
  });

  it('are put right by the next producer when the earlier one ended between a count and its tail', () => {
    const place = createRing(1 << 10);
    presetPositions(place, 0, 5);
    // As a producer leaves it that ended just before it published two records.
    place.words[PUBLISHED_NUMBER_WORD] = 7;
    const producer = new RecordProducer(place);
    expect(producer.number).toBe(5);
    expect(readRingCounters(place).publishedCount).toBe(5);
  });
});
