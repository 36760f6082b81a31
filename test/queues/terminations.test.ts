/**
 * Threads that are ended at random instants while they write, while they sleep, and while they are woken. V8 ends a
 * thread at the edges of loops and at calls only, so the writers encode word by word in a loop.
 */
import { Doorbell, pause, RecordConsumer, RecordProducer } from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import * as layout from '../../native-free-queues/layout.js';
import { faultOf, writeRecord, writtenWords } from '../programs/ring-traffic.js';
import { effort } from '../support/effort.js';
import { randomOf, seedOfTest } from '../support/random.js';
import { canariesLive, dataRange, ringBetweenCanaries, STARTS } from '../support/rings.js';
import { until } from '../support/until.js';
import { type Victim, victims } from '../support/victims.js';

const ALL = Number.POSITIVE_INFINITY;

describe.each(STARTS)('a producer that is ended while it writes, in a ring that begins just below $name', (start) => {
  const DEATHS = effort(300, 50_000) / STARTS.length;
  const MID_RECORD = DEATHS / 3;
  /** As many more, if too few of these came in the middle of a record. */
  const DEATHS_MAX = 20 * DEATHS;
  /** Takes longer to fill than a thread to end: few are ended in front of a full ring. */
  const CAPACITY_BYTES = 1 << 19;
  const RECORDS_BEFORE_END_MAX = 60;
  /** Each takes about as long as a record or two. */
  const DRAINS_BEFORE_END_MAX = 200;

  it(`leaves whole records only, and a ring that the next one goes on with, ${DEATHS} times`, async () => {
    const seed = seedOfTest();
    const random = randomOf(seed);
    const place = ringBetweenCanaries(CAPACITY_BYTES, start.position, start.number);
    const [dataAt, dataEnd] = dataRange(place);
    const consumer = new RecordConsumer(place);
    const faults: string[] = [];
    let received = 0;
    const sink = {
      receive(type: number, at: number, end: number): void {
        const fault = faultOf(consumer, (start.number + received++) | 0, type, at, end);
        if (fault !== undefined) faults.push(fault);
      },
    };
    const drain = (): void => {
      consumer.drain(sink, ALL);
      consumer.release();
    };

    /** Whether its last record was begun and not ended, and is half there: some words of it, and not all. */
    const diedMidRecord = (victim: Victim): boolean => {
      if (victim.tell('begun') === victim.tell('done')) return false;
      const words = victim.tell('words');
      const written = writtenWords(place.words, victim.tell('payload'), victim.tell('number'), words);
      return written > 0 && written < words;
    };

    let deaths = 0;
    let midRecord = 0;
    const tasks = Array.from({ length: DEATHS_MAX }, (_, i) => ({ place, does: 'write' as const, seed: seed + i }));
    for (const { victim } of victims(tasks)) {
      // No word of an earlier victim's last records may pass for one of this victim's.
      place.words.fill(-1, dataAt >> 2, dataEnd >> 2);
      await victim.reach(1);
      const enough = received + random.below(RECORDS_BEFORE_END_MAX);
      await until(() => {
        drain();
        return received >= enough;
      });
      for (let drains = random.below(DRAINS_BEFORE_END_MAX); drains > 0; drains--) drain();
      let ended = false;
      const ending = victim.terminate().then(() => {
        ended = true;
      });
      // It is not to end in front of a full ring.
      await until(() => {
        drain();
        return ended;
      });
      await ending;
      while (consumer.hasNews()) drain();
      if (diedMidRecord(victim)) midRecord++;
      if (++deaths >= DEATHS && midRecord >= MID_RECORD) break;
    }
    expect(faults).toEqual([]);
    expect(received).toBeGreaterThan(DEATHS);
    expect(canariesLive(place)).toBe(true);
    expect(midRecord, 'too few were ended in the middle of a record').toBeGreaterThanOrEqual(MID_RECORD);
  });
});

describe.each(STARTS)('a consumer that is ended while it sleeps, on a ring that begins just below $name', (start) => {
  const DEATHS = effort(80, 2000) / STARTS.length;
  /** As many more, if not everything was seen by then: a busy machine may end its threads late for a while. */
  const DEATHS_MAX = 20 * DEATHS;
  const CAPACITY_BYTES = 1 << 12;
  const RECORDS_MAX = 8;
  /** Some hundred microseconds. */
  const PAUSES_MAX = 20_000;
  const pauseFor = (times: number): void => {
    for (let i = 0; i < times; i++) pause();
  };

  /** A bell that is rung by `rouse`, which tells whether somebody slept. */
  class TellingBell extends Doorbell {
    woke = 0;
    override ring(): boolean {
      const woke = this.rouse();
      if (woke) this.woke++;
      return woke;
    }
  }

  const makeRing = (deaths: number) => {
    const seed = seedOfTest();
    const place = ringBetweenCanaries(CAPACITY_BYTES, start.position, start.number);
    const bell = new TellingBell(place.words, (place.atBytes >> 2) + layout.CONSUMER_BELL_WORD);
    const producer = new RecordProducer(place, { consumer: bell });
    const random = randomOf(seed);
    const tasks = Array.from({ length: deaths }, (_, i) => ({ place, does: 'read' as const, seed: seed + i }));
    const publish = (): void => {
      for (let i = random.below(RECORDS_MAX); i >= 0; i--) writeRecord(producer, producer.number, random.below(20));
      producer.publish();
    };
    return { place, bell, producer, random, tasks, publish };
  };

  it(`and nobody rings, is gone from its bell, ${DEATHS} times`, async () => {
    const { place, bell, producer, tasks, publish } = makeRing(DEATHS);
    let next = start.number as number;
    for (const { victim } of victims(tasks)) {
      await victim.reach(1, next);
      // What was published after the last death.
      await until(() => victim.tell('done') === ((producer.number - next) | 0));
      next = producer.number;
      await until(() => bell.asleep);
      expect(await victim.terminate()).toBe(1);
      expect(victim.tell('faulty')).toBe(0);
      // Nobody has told the bell that its owner is dead.
      expect(bell.asleep).toBe(true);
      publish();
      expect(bell.woke).toBe(0);
      expect(bell.asleep).toBe(false);
    }
    expect(canariesLive(place)).toBe(true);
  });

  it(`and is just being woken, loses at most the record in its hands, ${DEATHS} times`, async () => {
    const { place, bell, producer, random, tasks, publish } = makeRing(DEATHS_MAX);
    let next = start.number as number;
    let woken = 0;
    let missed = 0;
    for (const { victim } of victims(tasks)) {
      // What its predecessor has left.
      const left = (producer.number - next) | 0;
      await victim.reach(1, next);
      await until(() => victim.tell('done') === left);
      await until(() => bell.asleep);
      bell.woke = 0;
      let ending: Promise<number>;
      if (random.below(2) === 0) {
        publish();
        pauseFor(random.below(PAUSES_MAX));
        ending = victim.terminate();
      } else {
        ending = victim.terminate();
        pauseFor(random.below(PAUSES_MAX));
        publish();
      }
      if (bell.woke > 0) woken++;
      else missed++;
      expect(await ending).toBe(1);
      expect(bell.rouse(), 'a dead thread was woken').toBe(false);
      expect(victim.tell('faulty')).toBe(0);
      // Where the next one goes on; a record that was handed over and not noted died with its reader.
      const successor = new RecordConsumer(place, {
        producer: new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0),
      });
      const noted = (next + victim.tell('done')) | 0;
      const inHands = (successor.number - noted) | 0;
      expect([0, 1]).toContain(inHands);
      next = successor.number;
      if (woken + missed >= DEATHS && woken > 0 && missed > 0) break;
    }
    expect(canariesLive(place)).toBe(true);
    expect(woken, 'none was woken while it was ended').toBeGreaterThan(0);
    expect(missed, 'none was ended while it was woken').toBeGreaterThan(0);
  });
});
