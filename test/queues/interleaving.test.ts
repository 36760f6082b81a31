/**
 * The source itself on a memory that tells of each access, so that one side can be stopped in front of any of its
 * accesses: for all that the other side does in between (no wake-up is lost), or for good (a thread that ends there
 * leaves nothing half-done behind).
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordConsumer } from '../../native-free-queues/consumer.js';
import type { RingPlace } from '../../native-free-queues/contract.js';
import * as layout from '../../native-free-queues/layout.js';
import { createRing } from '../../native-free-queues/place.js';
import { RecordProducer } from '../../native-free-queues/producer.js';
import { adaptiveWait, blockWait } from '../../native-free-queues/wait.js';
import { drainPayloads, fill, ignore, pattern } from '../support/rings.js';
import { endAt, forgetHooks, memory, numbered, record } from '../support/told-memory.js';

vi.mock('../../native-free-queues/memory.js', async (importOriginal) =>
  (await import('../support/told-memory.js')).tellOf(await importOriginal()),
);

const CAPACITY_BYTES = 1 << 10;
const PAYLOAD_BYTES = 40;

let place: RingPlace;
let producer: RecordProducer;
let consumer: RecordConsumer;

const freshRing = (): void => {
  forgetHooks();
  place = createRing(CAPACITY_BYTES);
  producer = new RecordProducer(place);
  consumer = new RecordConsumer(place);
};
beforeEach(freshRing);

/** Runs `action`, and in front of its access number `at`, `intruder`. Returns whether it got that far. */
const runWith = (at: number, action: () => void, intruder: () => void): boolean => {
  let count = 0;
  let reached = false;
  memory.before = () => {
    if (count++ !== at) return;
    reached = true;
    const outer = memory.before;
    memory.before = () => undefined;
    intruder();
    memory.before = outer;
  };
  action();
  memory.before = () => undefined;
  return reached;
};

const write = (tag: number): void => {
  producer.tryWrite(1, pattern(tag, PAYLOAD_BYTES));
  producer.publish();
};

/** A sleeper, what it waits for, and how the ring is made so that it would sleep. */
interface Meeting {
  readonly name: string;
  readonly prepare: () => void;
  readonly sleep: () => void;
  readonly rouse: () => void;
}

const meetings: readonly Meeting[] = [
  {
    name: 'a consumer without news and a producer that publishes',
    prepare: () => undefined,
    sleep: () => consumer.waitForNews(blockWait()),
    rouse: () => write(1),
  },
  {
    name: 'a consumer without news and a producer that closes',
    prepare: () => undefined,
    sleep: () => consumer.waitForNews(adaptiveWait(0)),
    rouse: () => producer.close(),
  },
  {
    name: 'a producer without room and a consumer that releases',
    prepare: () => void fill(producer, PAYLOAD_BYTES),
    sleep: () => producer.waitForRoom(layout.recordBytesMax(CAPACITY_BYTES), blockWait()),
    rouse: () => {
      consumer.drain(ignore, 100);
      consumer.release();
    },
  },
  {
    name: 'a producer without room and a consumer that closes',
    prepare: () => void fill(producer, PAYLOAD_BYTES),
    sleep: () => producer.waitForRoom(8, adaptiveWait(0)),
    rouse: () => consumer.close(),
  },
];

describe.each(meetings)('$name', ({ prepare, sleep, rouse }) => {
  it('meet whenever the sleeper is overtaken', () => {
    let asleep = 0;
    for (let at = 0, reached = true; reached; at++) {
      freshRing();
      prepare();
      let roused = false;
      const once = (): void => {
        roused = true;
        rouse();
      };
      memory.sleep = () => {
        expect(roused, `asleep although it was overtaken at access ${at}`).toBe(false);
        asleep++;
        const wakes = record(once).filter(({ flavour }) => flavour === 'wake');
        expect(wakes).toHaveLength(1);
        return 'ok';
      };
      reached = runWith(at, sleep, once);
    }
    // The last run was not overtaken: it slept.
    expect(asleep).toBeGreaterThan(0);
  });

  it('meet whenever the other one is overtaken', () => {
    class Asleep extends Error {}
    let sleeps = 0;
    for (let at = 0, reached = true; reached; at++) {
      freshRing();
      prepare();
      let asleep = false;
      memory.sleep = () => {
        asleep = true;
        throw new Asleep();
      };
      const intrude = (): void => {
        try {
          sleep();
        } catch (error) {
          if (!(error instanceof Asleep)) throw error;
        }
      };
      let wakes = 0;
      let count = 0;
      reached = false;
      memory.before = ({ flavour }) => {
        if (count++ === at) {
          reached = true;
          const outer = memory.before;
          memory.before = () => undefined;
          intrude();
          memory.before = outer;
        }
        if (flavour === 'wake') wakes++;
      };
      rouse();
      if (asleep) sleeps++;
      expect(wakes, `nobody woke the one that slept at access ${at}`).toBe(asleep ? 1 : 0);
    }
    expect(sleeps).toBeGreaterThan(0);
  });
});

describe('a producer that needs more room than is made at first', () => {
  it('is woken again for the rest', () => {
    const count = fill(producer, PAYLOAD_BYTES);
    const bytes = layout.recordBytesMax(CAPACITY_BYTES);
    let sleeps = 0;
    memory.sleep = () => {
      sleeps++;
      consumer.drain(ignore, 1);
      expect(record(() => consumer.release()).some(({ flavour }) => flavour === 'wake')).toBe(true);
      return 'ok';
    };
    while (producer.claim(bytes) < 0) producer.waitForRoom(bytes, blockWait());
    expect(sleeps).toBeGreaterThan(1);
    expect(sleeps).toBeLessThan(count);
  });

  it('makes no wish while it spins', () => {
    fill(producer, PAYLOAD_BYTES);
    let looks = 0;
    const wait = {
      counters: { sleeps: 0, missedWakes: 0 },
      wait(_bell: unknown, look: () => boolean): void {
        while (looks++ < 10) expect(look()).toBe(false);
      },
    };
    const stores = record(() => producer.waitForRoom(8, wait)).filter(({ flavour }) => flavour === 'publish');
    expect(stores).toEqual([]);
  });
});

describe('a thread that ends in front of any of its accesses', () => {
  it.each([0, 600, 900])(
    'leaves whole batches and a ring that a new producer goes on with (after %i bytes)',
    (lead) => {
      for (let at = 0, ended = true; ended; at++) {
        freshRing();
        for (let i = 0; i < lead; i += 64) {
          write(0);
          consumer.drain(ignore, 1);
          consumer.release();
        }
        const published = (): number => place.words[layout.TAIL_WORD]!;
        const before = published();
        ended = endAt(numbered(at), () => {
          for (const length of [8, PAYLOAD_BYTES, 100]) producer.tryWrite(1, pattern(length, length));
          producer.publish();
        });
        const visible = published() !== before;
        producer = new RecordProducer(place);
        write(9);
        const got = drainPayloads(consumer);
        expect(got.at(-1)).toEqual(pattern(9, PAYLOAD_BYTES));
        const rest = got.slice(0, -1).map(({ length }) => length);
        expect([8, PAYLOAD_BYTES, 100].slice(0, rest.length)).toEqual(rest);
        if (!visible) expect(rest).toEqual([]);
      }
    },
  );

  it("leaves a ring that a new consumer goes on with: nothing twice, at most one record in nobody's hands", () => {
    for (let at = 0, ended = true; ended; at++) {
      freshRing();
      const lengths = [8, PAYLOAD_BYTES, 100, 16, 24];
      for (const length of lengths) producer.tryWrite(1, pattern(length, length));
      producer.publish();
      const seen: number[] = [];
      const take = (): void => {
        const sink = { receive: (_type: number, from: number) => seen.push(place.words[(from + 8) >> 2]!) };
        consumer.drain(sink, 2);
        consumer.release();
        consumer.drain(sink, 2);
        consumer.release();
      };
      ended = endAt(numbered(at), take);
      consumer = new RecordConsumer(place);
      const rest = drainPayloads(consumer).map(({ length }) => length);
      const all = [...seen, ...rest];
      expect(lengths.filter((length) => all.includes(length))).toEqual(all);
      expect(all.length).toBeGreaterThanOrEqual(lengths.length - 1);
      consumer.release();
      expect(producer.refreshFreeBytes()).toBe(CAPACITY_BYTES);
    }
  });
});

describe('a sleep that its time limit ends', () => {
  it('counts a missed wake only if news is there and nobody rings for it', () => {
    const wait = blockWait(1);
    memory.sleep = () => 'timed-out';
    consumer.waitForNews(wait);
    expect(wait.counters).toEqual({ sleeps: 1, missedWakes: 0 });

    // The bell of the ring is never rung: this producer rings another.
    const deaf = new RecordProducer(place, { consumer: producer.bell });
    memory.sleep = () => {
      if (deaf.tryWrite(1, pattern(1, 1))) deaf.publish();
      return 'timed-out';
    };
    consumer.waitForNews(wait);
    expect(wait.counters).toEqual({ sleeps: 2, missedWakes: 1 });
  });

  it('counts none for a producer that is just about to ring', () => {
    const wait = blockWait(1);
    let sleeps = 0;
    const deaf = new RecordProducer(place, { consumer: producer.bell });
    memory.sleep = () => {
      if (++sleeps > 1) return 'ok';
      deaf.tryWrite(1, pattern(1, 1));
      deaf.publish();
      return 'timed-out';
    };
    consumer.waitForNews(wait);
    expect(wait.counters).toEqual({ sleeps: 1, missedWakes: 0 });
  });
});
