/** What a lossy ring refuses and with which code, what its ends show, and the accesses that its hot paths make. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Doorbell } from '../../native-free-queues/doorbell.js';
import { QueueError } from '../../native-free-queues/errors.js';
import { LossyConsumer } from '../../native-free-queues/lossy-consumer.js';
import { readLossyCounters } from '../../native-free-queues/lossy-counters.js';
import * as layout from '../../native-free-queues/lossy-layout.js';
import { createLossyRing, layOutLossyRing, openLossyRing } from '../../native-free-queues/lossy-place.js';
import { LossyProducer } from '../../native-free-queues/lossy-producer.js';
import { settleLossyProducer } from '../../native-free-queues/lossy-settle.js';
import { blockWait, eventLoopWait } from '../../native-free-queues/wait.js';
import { FIRST_IDS } from '../support/lossy-rings.js';
import { pattern } from '../support/rings.js';
import { forgetHooks, memory, record } from '../support/told-memory.js';

vi.mock('../../native-free-queues/memory.js', async (importOriginal) =>
  (await import('../support/told-memory.js')).tellOf(await importOriginal()),
);

const refusal = (action: () => unknown): { code: string; message: string } | undefined => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(QueueError);
    const { code, message } = error as QueueError;
    return { code, message };
  }
  return undefined;
};

const CAPACITY = 3;
const SLOT_BYTES = 24;
const sizes = { capacity: CAPACITY, slotBytes: SLOT_BYTES };

beforeEach(forgetHooks);

describe('a place for a lossy ring', () => {
  it.each([0, -1, 1.5, 32_768, Number.NaN, Number.POSITIVE_INFINITY])('has no room for %d records', (capacity) => {
    const { code, message } = refusal(() => createLossyRing({ capacity, slotBytes: 8 }))!;
    expect(code).toBe('QUEUE_INVALID_CAPACITY');
    expect(message).toContain(`capacity=${capacity}`);
  });

  it.each([0, -8, 4, 12, 7.5, 2 ** 24 + 8, Number.NaN])('has no slots of %d bytes', (slotBytes) => {
    const { code, message } = refusal(() => createLossyRing({ capacity: 1, slotBytes }))!;
    expect(code).toBe('QUEUE_INVALID_CAPACITY');
    expect(message).toContain(`slotBytes=${slotBytes}`);
  });

  it('takes no more than 2 GiB', () => {
    expect(refusal(() => createLossyRing({ capacity: 100, slotBytes: 2 ** 24 }))?.code).toBe('QUEUE_INVALID_MEMORY');
  });

  it.each([-1, 0.5, 2 ** 53])('does not begin with id %d', (firstId) => {
    expect(refusal(() => createLossyRing({ ...sizes, firstId }))?.code).toBe('QUEUE_INVALID_ARGUMENT');
  });

  it('works at its limits', () => {
    for (const limits of [
      { capacity: layout.LOSSY_CAPACITY_MAX, slotBytes: 8 },
      { capacity: 1, slotBytes: layout.SLOT_BYTES_MAX },
    ]) {
      const place = createLossyRing(limits);
      const producer = new LossyProducer(place);
      const consumer = new LossyConsumer(place);
      const payload = Buffer.alloc(limits.slotBytes, 7);
      for (let lap = 0; lap < 3; lap++) {
        for (let i = 0; i < limits.capacity; i++)
          if (producer.write(payload) !== -1) throw new Error('a record is lost');
        for (let i = 0; i < lap; i++) expect(producer.write(payload)).toBe(producer.nextId - 1 - limits.capacity);
        expect(consumer.take()).toBe(limits.capacity);
        expect(payload.equals(consumer.payload(0))).toBe(true);
      }
      expect(consumer.lost).toBe(3);
    }
  });

  it('is opened from exactly the memory that was made', () => {
    const place = createLossyRing({ ...sizes, firstId: 5 });
    const opened = openLossyRing(place.words.buffer as SharedArrayBuffer);
    expect(opened).toMatchObject({ atBytes: 0, ...sizes });
    expect(new LossyProducer(opened).nextId).toBe(5);
    for (const bytes of [0, 256, 384 + 4]) {
      expect(refusal(() => openLossyRing(new SharedArrayBuffer(bytes)))?.code).toBe('QUEUE_INVALID_MEMORY');
    }
    expect(refusal(() => openLossyRing(new SharedArrayBuffer(4096)))?.code).toBe('QUEUE_INVALID_CAPACITY');
    const short = new SharedArrayBuffer(512);
    new Int32Array(short)[layout.CAPACITY_WORD] = CAPACITY;
    new Int32Array(short)[layout.SLOT_BYTES_WORD] = SLOT_BYTES;
    expect(refusal(() => openLossyRing(short))?.code).toBe('QUEUE_INVALID_MEMORY');
    expect(refusal(() => openLossyRing(new ArrayBuffer(4096) as unknown as SharedArrayBuffer))?.code).toBe(
      'QUEUE_INVALID_MEMORY',
    );
  });

  it.each([-128, 64, 1.5, 128])('does not lie at %d in a view that ends with it', (atBytes) => {
    const place = { ...createLossyRing(sizes), atBytes };
    for (const action of [
      () => layOutLossyRing(place),
      () => new LossyProducer(place),
      () => new LossyConsumer(place),
      () => settleLossyProducer(place),
    ]) {
      expect(refusal(action)?.code).toBe('QUEUE_INVALID_MEMORY');
    }
  });

  it('has each end once', () => {
    const place = createLossyRing(sizes);
    new LossyProducer(place);
    new LossyConsumer(place);
    expect(refusal(() => new LossyProducer(place))).toMatchObject({ code: 'QUEUE_END_TAKEN' });
    expect(refusal(() => new LossyConsumer(place))).toMatchObject({ code: 'QUEUE_END_TAKEN' });
  });
});

describe('a producer of a lossy ring', () => {
  it('refuses what is longer than a slot, and loses nothing by it', () => {
    const place = createLossyRing(sizes);
    const producer = new LossyProducer(place);
    const consumer = new LossyConsumer(place);
    for (const action of [() => producer.write(new Uint8Array(25)), () => producer.publish(25)]) {
      expect(refusal(action)).toEqual({
        code: 'QUEUE_RECORD_TOO_LARGE',
        message: 'the payload is too long for the slots of this ring, bytes=25 slotBytes=24',
      });
    }
    expect(consumer.take()).toBe(0);
    expect(producer.write(pattern(1, 24))).toBe(-1);
    expect(consumer.take()).toBe(1);
    expect(consumer.payload(0)).toEqual(pattern(1, 24));
  });

  it('writes nothing behind its closing', () => {
    const place = createLossyRing(sizes);
    const producer = new LossyProducer(place);
    const consumer = new LossyConsumer(place);
    producer.write(pattern(1, 3), 9);
    expect(consumer.ended).toBe(false);
    producer.close();
    for (const action of [() => producer.publish(0), () => producer.write(pattern(2, 0))]) {
      expect(refusal(action)?.code).toBe('QUEUE_CLOSED');
    }
    expect(consumer.ended).toBe(false);
    expect(consumer.take()).toBe(1);
    expect([consumer.tag(0), consumer.bytes(0)]).toEqual([9, 3]);
    expect(consumer.ended).toBe(true);
  });
});

describe('a consumer that is overtaken in front of any of its accesses', () => {
  /** The producer writes so many records there and then. */
  const BURSTS = [1, 2, CAPACITY - 1, CAPACITY, CAPACITY + 1, 3 * CAPACITY + 1];

  it.each(FIRST_IDS)('takes what is whole, in order and next to each other, from id $name on', ({ firstId }) => {
    let overtaken = 0;
    for (const burst of BURSTS) {
      for (const before of [1, CAPACITY, CAPACITY + 2]) {
        for (let at = 0, reached = true; reached; at++) {
          const place = createLossyRing({ ...sizes, firstId });
          const producer = new LossyProducer(place);
          const consumer = new LossyConsumer(place);
          const write = (count: number): void => {
            for (let i = 0; i < count; i++) producer.write(pattern(producer.nextId % 251, 20));
          };
          const checkBatch = (count: number, expected: number): void => {
            expect(consumer.from).toBeGreaterThanOrEqual(expected);
            for (let index = 0; index < count; index++) {
              expect(consumer.payload(index)).toEqual(pattern((consumer.from + index) % 251, 20));
            }
          };
          write(before);
          let accesses = 0;
          reached = false;
          memory.before = () => {
            if (accesses++ !== at) return;
            reached = true;
            memory.before = () => undefined;
            write(burst);
          };
          const count = consumer.take();
          memory.before = () => undefined;
          // All that was there when it began is taken or lost.
          expect(consumer.to).toBeGreaterThanOrEqual(firstId + before);
          checkBatch(count, firstId);
          const middle = consumer.to;
          checkBatch(consumer.take(), middle);
          expect(consumer.to).toBe(producer.nextId);
          expect(consumer.read + consumer.lost).toBe(producer.written);
          expect(consumer.lost).toBe(producer.overwritten);
          if (reached) overtaken++;
        }
      }
    }
    expect(overtaken).toBeGreaterThan(BURSTS.length * CAPACITY);
  });
});

describe('the accesses of', () => {
  const tell = (action: () => unknown): string[] => record(() => void action()).map(({ flavour }) => flavour);
  const isAtomic = (flavour: string): boolean => !flavour.endsWith('Plain');
  const make = () => {
    const place = createLossyRing(sizes);
    return { place, producer: new LossyProducer(place), consumer: new LossyConsumer(place) };
  };

  it('a publication are one exchange, whether a record is lost for it or not', () => {
    const { producer } = make();
    for (let i = 0; i < 3 * CAPACITY; i++) {
      expect(tell(() => producer.claim())).toEqual([]);
      expect(tell(() => producer.publish(8)).filter(isAtomic)).toEqual(['exchange']);
    }
    expect(producer.overwritten).toBe(2 * CAPACITY);
  });

  it('a publication for a consumer that sleeps ring its bell, once', () => {
    const { producer, consumer } = make();
    memory.sleep = () => {
      expect(tell(() => producer.publish(8)).filter(isAtomic)).toEqual(['exchange', 'loadShared', 'exchange', 'wake']);
      expect(tell(() => producer.publish(8)).filter(isAtomic)).toEqual(['exchange']);
      return 'ok';
    };
    consumer.waitForNews(blockWait());
    expect(consumer.take()).toBe(2);
  });

  it('a wait that finds news, or only spins, do not ask to be rung', () => {
    const { producer, consumer } = make();
    let looks = 0;
    const spin = {
      counters: { sleeps: 0, missedWakes: 0 },
      wait(_bell: unknown, look: () => boolean): void {
        while (looks++ < 10) expect(look()).toBe(false);
      },
    };
    expect(new Set(tell(() => consumer.waitForNews(spin)))).toEqual(new Set(['loadShared']));
    producer.publish(0);
    expect(tell(() => consumer.waitForNews(blockWait()))).not.toContain('compareExchange');
  });

  it('a look that finds nothing are one load', () => {
    const { consumer } = make();
    expect(tell(() => consumer.take())).toEqual(['loadShared']);
  });

  it('a pass are a look for each cell that is searched and two accesses for each record', () => {
    const { producer, consumer } = make();
    producer.publish(0);
    producer.publish(0);
    const looks = ['loadShared', 'loadShared', 'loadShared', 'loadShared'];
    const taken = ['loadShared', 'compareExchange'];
    expect(tell(() => consumer.take()).filter(isAtomic)).toEqual([...looks, ...taken, ...taken, 'loadShared']);
  });
});

describe('a lossy ring', () => {
  it('is closed for a producer that has ended, by whoever hears of it', async () => {
    const place = createLossyRing(sizes);
    const own = new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0);
    const consumer = new LossyConsumer(place, { own });
    const waiting = consumer.waitForNews(eventLoopWait());
    settleLossyProducer(place, { consumer: own });
    await waiting;
    expect(consumer.ended).toBe(true);
  });

  it('rings the bell that it was given', async () => {
    const place = createLossyRing(sizes);
    const own = new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0);
    const producer = new LossyProducer(place, { consumer: own });
    const consumer = new LossyConsumer(place, { own });
    const waiting = consumer.waitForNews(eventLoopWait());
    producer.write(pattern(1, 1));
    await waiting;
    expect(consumer.take()).toBe(1);
  });

  it('has counters that anybody can read', () => {
    const place = createLossyRing({ ...sizes, firstId: 2 ** 33 - 1 });
    const producer = new LossyProducer(place);
    const consumer = new LossyConsumer(place);
    for (let i = 0; i < 5; i++) producer.publish(0);
    expect(readLossyCounters(place)).toEqual({ writtenCount: 5, overwrittenCount: 2, readCount: 0, lostCount: 0 });
    consumer.take();
    expect(readLossyCounters(place)).toEqual({ writtenCount: 5, overwrittenCount: 2, readCount: 3, lostCount: 2 });
  });
});
