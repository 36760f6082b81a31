/** What the living end does for a consumer whose thread has ended, and ends that take a ring over only later. */
import fc from 'fast-check';
import { RecordConsumer, RecordProducer, readRingCounters, settleConsumer } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import * as layout from '../../native-free-queues/layout.js';
import { canariesLive, drainPayloads, fill, pattern, ringBetweenCanaries } from '../support/rings.js';

const CAPACITY_BYTES = 1 << 10;
const TYPE = 1;

/** Lengths of payloads that are written, and how many of them are drained, and then released. */
const lives = fc.array(
  fc.record({
    lengths: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 12 }),
    drained: fc.nat(12),
    released: fc.boolean(),
    left: fc.nat(4),
  }),
  { minLength: 1, maxLength: 8 },
);
const starts = fc.constantFrom(0, 2 ** 31 - 64, 2 ** 32 - 64);

describe('a consumer whose thread has ended', () => {
  it('has what it did not drain handed back, oldest first, and the next one goes on behind', () => {
    fc.assert(
      fc.property(lives, starts, (rounds, start) => {
        const place = ringBetweenCanaries(CAPACITY_BYTES, start | 0, start | 0);
        const producer = new RecordProducer(place);
        let tag = 0;
        for (const { lengths, drained, released, left } of rounds) {
          const consumer = new RecordConsumer(place);
          const written: Uint8Array[] = [];
          for (const length of lengths) {
            const payload = pattern(tag++, length);
            if (producer.tryWrite(TYPE, payload)) written.push(payload);
          }
          producer.publish();
          const got = drained === 0 ? [] : drainPayloads(consumer, drained);
          if (released) consumer.release();
          // It dies; what is committed and not published yet may wait for the next one.
          for (let count = 0; count < left; count++) producer.tryWrite(TYPE, pattern(tag++, count));
          const back: Uint8Array[] = [];
          settleConsumer(place, (type, at) => {
            expect(type).toBe(TYPE);
            back.push(new RecordConsumer(place).copyPayload(at));
          });
          expect([...got, ...back].slice(0, written.length)).toEqual(written);
          expect(readRingCounters(place)).toMatchObject({ waitingBytes: 0, unreleasedBytes: 0 });
          // Whatever the producer still had goes to the next consumer.
          producer.publish();
          drainPayloads(new RecordConsumer(place));
          settleConsumer(place, () => undefined);
          producer.refreshFreeBytes();
          expect(producer.freeBytes).toBe(CAPACITY_BYTES);
          expect(new RecordConsumer(place).number).toBe(producer.number);
        }
        return canariesLive(place);
      }),
    );
  });

  it('leaves no note and no wish behind', () => {
    const place = ringBetweenCanaries(CAPACITY_BYTES);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    for (let note = 0; note < layout.NOTE_COUNT; note++) consumer.publishNote(note, note + 1);
    const count = fill(producer, 40);
    producer.wantRoom();
    let visited = 0;
    settleConsumer(place, () => visited++);
    expect(visited).toBe(count);
    for (let note = 0; note < layout.NOTE_COUNT; note++) expect(producer.loadNote(note)).toBe(0);
    expect(place.words[(place.atBytes >> 2) + layout.WANTED_WORD]).toBe(0);
    expect(producer.tryWrite(TYPE, pattern(0, 40))).toBe(true);
  });
});

describe('ends that are detached', () => {
  it('leave the ring alone until they take it over', () => {
    const place = ringBetweenCanaries(CAPACITY_BYTES);
    const first = new RecordProducer(place);
    const later = new RecordProducer(place, { detached: true });
    const reader = new RecordConsumer(place, { detached: true });
    expect(later.limit).toBeLessThan(0);
    for (let tag = 0; tag < 3; tag++) first.tryWrite(TYPE, pattern(tag, 30));
    first.publish();
    later.takeOver();
    later.tryWrite(TYPE, pattern(3, 30));
    later.publish();
    reader.takeOver();
    expect(drainPayloads(reader)).toEqual([0, 1, 2, 3].map((tag) => pattern(tag, 30)));
    expect(reader.number).toBe(later.number);
  });
});
