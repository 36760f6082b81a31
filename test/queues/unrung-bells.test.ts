/**
 * An end that dies after it has published and before the other end, which sleeps, is woken: in front of the ring, or
 * in the middle of it, between the swap of the bell's word and the wake. Whoever learns of the death rouses the other
 * end, and then nobody sleeps on a ring that has something for it.
 *
 * Most of these deaths are made on this thread: the source itself on a memory that tells of each access, where a call
 * that is abandoned in front of one is a thread that has ended there. The rest are real threads that stand still at
 * that point until they are ended, while the other end sleeps without a time limit on a third thread.
 */
import { Doorbell, RecordConsumer, RecordProducer, readRingCounters } from 'heddle/queues';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordConsumer as ToldConsumer } from '../../native-free-queues/consumer.js';
import * as layout from '../../native-free-queues/layout.js';
import { RecordProducer as ToldProducer } from '../../native-free-queues/producer.js';
import { blockWait } from '../../native-free-queues/wait.js';
import type { EndReport, EndTask } from '../programs/ring-end.js';
import type { NapReport, NapTask } from '../programs/ring-naps.js';
import { faultOf, wordsMaxOf } from '../programs/ring-traffic.js';
import type { Stop } from '../programs/ring-victim-task.js';
import { effort } from '../support/effort.js';
import { randomOf, randomOfTest, seedOfTest } from '../support/random.js';
import { canariesLive, ignore, ringBetweenCanaries, STARTS } from '../support/rings.js';
import { runThread } from '../support/threads.js';
import { type Access, endAt, type Flavour, forgetHooks, memory, record } from '../support/told-memory.js';
import { until } from '../support/until.js';
import { victims } from '../support/victims.js';

vi.mock('../../native-free-queues/memory.js', async (importOriginal) =>
  (await import('../support/told-memory.js')).tellOf(await importOriginal()),
);

const FOREVER = Number.POSITIVE_INFINITY;

describe.each(STARTS)('on one thread, in a ring that begins just below $name,', (start) => {
  const DEATHS = effort(2000, 100_000) / STARTS.length;
  const CAPACITY_BYTES = 1 << 10;
  const RECORD_BYTES_MAX = layout.recordBytesMax(CAPACITY_BYTES);

  beforeEach(forgetHooks);

  const makeRing = () => {
    const place = ringBetweenCanaries(CAPACITY_BYTES, start.position, start.number);
    const header = place.atBytes >> 2;
    return { place, word: (word: number): number => header + word };
  };

  /** In front of which access of the call the thread ends, once it has published `news`. */
  const behind = (news: number, flavour: Flavour, index: number): ((access: Access) => boolean) => {
    let published = false;
    return (access) => {
      if (published && access.flavour === flavour && access.index === index) return true;
      published ||= access.flavour === 'publish' && access.index === news;
      return false;
    };
  };

  const wakesOf = (action: () => void): number => record(action).filter(({ flavour }) => flavour === 'wake').length;

  it(`a consumer sleeps on no news of a producer that died, ${DEATHS} times`, () => {
    const { below, pick } = randomOfTest();
    const { place, word } = makeRing();
    const consumer = new ToldConsumer(place);
    const bell = word(layout.CONSUMER_BELL_WORD);
    const stops = ['loadShared', 'exchange', 'wake'] as const;
    const hits = { loadShared: 0, exchange: 0, wake: 0 };
    for (let death = 0; death < DEATHS; death++) {
      const producer = new ToldProducer(place);
      const stop = pick(stops);
      const count = 1 + below(5);
      memory.sleep = () => {
        const died = endAt(behind(word(layout.TAIL_WORD), stop, bell), () => {
          for (let i = 0; i < count; i++) {
            const bytes = 8 * (1 + below(RECORD_BYTES_MAX / 8));
            producer.commit(producer.claim(bytes), bytes, 1);
          }
          producer.publish();
        });
        expect(died).toBe(true);
        hits[stop]++;
        // One wake reaches the sleeper: without it, it would sleep on.
        expect(wakesOf(() => producer.consumerBell.rouse())).toBe(1);
        return 'ok';
      };
      consumer.waitForNews(blockWait(FOREVER));
      expect(consumer.hasNews()).toBe(true);
      consumer.drain(ignore, FOREVER);
      consumer.release();
    }
    expect(Math.min(...Object.values(hits))).toBeGreaterThan(DEATHS / 10);
    expect(canariesLive(place)).toBe(true);
  });

  it(`a producer sleeps on no room of a consumer that died, ${DEATHS} times`, () => {
    const { below, pick } = randomOfTest();
    const { place, word } = makeRing();
    const producer = new ToldProducer(place);
    const wish = word(layout.WANTED_WORD);
    const bell = word(layout.PRODUCER_BELL_WORD);
    const stops = [
      { name: 'load of the wish', flavour: 'loadShared', index: wish },
      { name: 'swap of the wish', flavour: 'exchange', index: wish },
      { name: 'load of the bell', flavour: 'loadShared', index: bell },
      { name: 'swap of the bell', flavour: 'exchange', index: bell },
      { name: 'wake', flavour: 'wake', index: bell },
    ] as const;
    const hits = Object.fromEntries(stops.map(({ name }) => [name, 0]));
    for (let death = 0; death < DEATHS; death++) {
      let bytes = 8 * (1 + below(RECORD_BYTES_MAX / 8));
      for (let at = producer.claim(bytes); at >= 0; at = producer.claim(bytes)) {
        producer.commit(at, bytes, 1);
        bytes = 8 * (1 + below(RECORD_BYTES_MAX / 8));
      }
      const stop = pick(stops);
      const consumer = new ToldConsumer(place);
      // The dead one may have made too little room: then its successor makes the rest.
      const succeed = (): void => {
        const successor = new ToldConsumer(place);
        successor.drain(ignore, FOREVER);
        successor.release();
      };
      let dies = true;
      memory.sleep = () => {
        if (!dies) {
          expect(wakesOf(succeed)).toBe(1);
          return 'ok';
        }
        dies = false;
        const died = endAt(behind(word(layout.HEAD_WORD), stop.flavour, stop.index), () => {
          consumer.drain(ignore, 1 + below(4));
          consumer.release();
        });
        expect(died).toBe(true);
        hits[stop.name]!++;
        expect(wakesOf(() => consumer.producerBell.rouse())).toBe(1);
        return 'ok';
      };
      while (producer.claim(bytes) < 0) producer.waitForRoom(bytes, blockWait(FOREVER));
      expect(dies, 'nobody slept').toBe(false);
    }
    expect(Math.min(...Object.values(hits))).toBeGreaterThan(DEATHS / 20);
    expect(canariesLive(place)).toBe(true);
  });

  it('an end that takes the dead one over wakes who sleeps', () => {
    const { place } = makeRing();
    expect(wakesOf(() => void new ToldProducer(place))).toBe(1);
    expect(wakesOf(() => void new ToldConsumer(place))).toBe(1);
  });
});

describe.each(STARTS)('on real threads, in a ring that begins just below $name,', (start) => {
  const DEATHS = effort(64, 2000) / STARTS.length;
  const CAPACITY_BYTES = 1 << 10;
  const RECORDS_MAX = 5;

  const prepare = (does: 'publish' | 'release', wordOfBell: number) => {
    const seed = seedOfTest();
    const random = randomOf(seed);
    const place = ringBetweenCanaries(CAPACITY_BYTES, start.position, start.number);
    const bellWord = (place.atBytes >> 2) + wordOfBell;
    const tasks = Array.from({ length: DEATHS }, (_, i) => ({
      place,
      does,
      seed: seed + i,
      bellWord,
      stop: (i % 2 === 0 ? 'before the ring' : 'before the wake') as Stop,
      records: 1 + random.below(RECORDS_MAX),
    }));
    return { seed, place, bell: new Doorbell(place.words, bellWord), tasks };
  };

  /** An armed bell may belong to a thread that is about to look; most must have been asleep. */
  const expectSlept = (woken: Record<Stop, number>): void => {
    for (const [stop, count] of Object.entries(woken)) expect(count, stop).toBeGreaterThan(DEATHS / 4);
  };

  it(`a consumer sleeps on no news of a producer that died, ${DEATHS} times`, async () => {
    const { seed, place, bell, tasks } = prepare('publish', layout.CONSUMER_BELL_WORD);
    const sleeper = runThread<NapReport>('ring-naps', {
      place,
      role: 'consume',
      first: start.number,
      seed,
      wait: 'blockWithoutBelt',
      back: place,
      cycles: 0,
      begun: new Int32Array(new SharedArrayBuffer(8)),
    } satisfies NapTask);
    const woken = { 'before the ring': 0, 'before the wake': 0 };
    let sent = 0;
    for (const { victim, task } of victims(tasks)) {
      await victim.reach(1);
      await until(() => bell.asleep);
      await victim.reach(2);
      expect(await victim.terminate()).toBe(1);
      // At the end of the ring it may have been ended before its last record.
      sent = (readRingCounters(place).publishedCount - start.number) >>> 0;
      if (bell.rouse()) woken[task.stop]++;
      await until(() => (readRingCounters(place).releasedCount - start.number) >>> 0 === sent);
    }
    new RecordProducer(place).close();
    expect(await sleeper).toMatchObject({ records: sent, fault: undefined });
    expect(canariesLive(place)).toBe(true);
    expectSlept(woken);
  });

  it(`a producer sleeps on no room of a consumer that died, ${DEATHS} times`, async () => {
    const { seed, place, bell, tasks } = prepare('release', layout.PRODUCER_BELL_WORD);
    const taken = tasks.reduce((sum, { records }) => sum + records, 0);
    const records = taken + 100;
    const sleeper = runThread<EndReport>('ring-end', {
      place,
      role: 'produce',
      records,
      first: start.number,
      wordsMax: wordsMaxOf(CAPACITY_BYTES),
      seed,
      wait: 'blockWithoutBelt',
    } satisfies EndTask);
    const woken = { 'before the ring': 0, 'before the wake': 0 };
    let received = 0;
    for (const { victim, task } of victims(tasks)) {
      await victim.reach(1, (start.number + received) | 0);
      await until(() => bell.asleep);
      await victim.reach(2);
      expect(await victim.terminate()).toBe(1);
      received += task.records;
      expect(victim.tell('done')).toBe(task.records);
      expect(victim.tell('faulty')).toBe(0);
      if (bell.rouse()) woken[task.stop]++;
    }
    const faults: string[] = [];
    const consumer = new RecordConsumer(place);
    const sink = {
      receive(type: number, at: number, end: number): void {
        const fault = faultOf(consumer, (start.number + received++) | 0, type, at, end);
        if (fault !== undefined) faults.push(fault);
      },
    };
    await until(() => {
      consumer.drain(sink, FOREVER);
      consumer.release();
      return consumer.ended;
    });
    expect(await sleeper).toMatchObject({ records });
    expect({ received, faults }).toEqual({ received: records, faults: [] });
    expect(canariesLive(place)).toBe(true);
    expectSlept(woken);
  });
});
