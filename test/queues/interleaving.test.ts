/**
 * The source itself on a memory that tells of each access, so that one side can be stopped in front of any of its
 * accesses: for all that the other side does in between (no wake-up is lost), or for good (a thread that ends there
 * leaves nothing half-done behind). And the order of the accesses that make up a publication, a release and a sleep.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordConsumer } from '../../native-free-queues/consumer.js';
import type { RingPlace } from '../../native-free-queues/contract.js';
import * as layout from '../../native-free-queues/layout.js';
import { createRing } from '../../native-free-queues/place.js';
import { RecordProducer } from '../../native-free-queues/producer.js';
import { adaptiveWait, blockWait } from '../../native-free-queues/wait.js';
import { drainPayloads, fill, ignore, pattern } from '../support/rings.js';

type Flavour = 'loadPlain' | 'storePlain' | 'loadShared' | 'publish' | 'exchange' | 'waitOn' | 'wake';
interface Access {
  readonly flavour: Flavour;
  readonly index: number;
  readonly value: number;
}

const memory = vi.hoisted(() => ({
  before: (_access: Access): void => undefined,
  /** What a sleeper sees that finds its word unchanged. */
  sleep: (): 'ok' | 'timed-out' => 'ok',
}));

vi.mock('../../native-free-queues/memory.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../native-free-queues/memory.js')>();
  const told =
    <Rest extends number[], Result>(
      flavour: Flavour,
      act: (words: Int32Array, index: number, ...rest: Rest) => Result,
    ) =>
    (words: Int32Array, index: number, ...rest: Rest): Result => {
      memory.before({ flavour, index, value: rest[0] ?? 0 });
      return act(words, index, ...rest);
    };
  return {
    ...real,
    loadPlain: told('loadPlain', real.loadPlain),
    storePlain: told('storePlain', real.storePlain),
    loadShared: told('loadShared', real.loadShared),
    publish: told('publish', real.publish),
    exchange: told('exchange', real.exchange),
    wake: told('wake', real.wake),
    waitOn: told('waitOn', (words, index, value: number) =>
      real.loadShared(words, index) === value ? memory.sleep() : 'not-equal',
    ),
  };
});

const CAPACITY_BYTES = 1 << 10;
const PAYLOAD_BYTES = 40;

let place: RingPlace;
let producer: RecordProducer;
let consumer: RecordConsumer;

const freshRing = (): void => {
  memory.before = () => undefined;
  memory.sleep = () => 'ok';
  place = createRing(CAPACITY_BYTES);
  producer = new RecordProducer(place);
  consumer = new RecordConsumer(place);
};
beforeEach(freshRing);

/** All accesses of `action`, in order. */
const record = (action: () => void): Access[] => {
  const accesses: Access[] = [];
  memory.before = (access) => accesses.push(access);
  action();
  memory.before = () => undefined;
  return accesses;
};

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

describe('the order of accesses', () => {
  const indexOf = (accesses: Access[], flavour: Flavour, word: number): number => {
    const at = accesses.findIndex((access) => access.flavour === flavour && access.index === word);
    expect(at, `${flavour} of word ${word}`).toBeGreaterThanOrEqual(0);
    return at;
  };

  it('of a publication: everything that is written, the tail, the bell', () => {
    const committed = record(() => {
      producer.tryWrite(1, pattern(1, PAYLOAD_BYTES));
      producer.tryWrite(1, pattern(2, PAYLOAD_BYTES / 2));
    });
    expect(committed.filter(({ flavour }) => flavour !== 'storePlain')).toEqual([]);
    const accesses = record(() => producer.publish());
    const tail = indexOf(accesses, 'publish', layout.TAIL_WORD);
    const nextBatch = producer.cursor >> 2;
    const late = accesses.slice(tail).filter(({ flavour, index }) => flavour === 'storePlain' && index !== nextBatch);
    expect(late).toEqual([]);
    expect(indexOf(accesses, 'storePlain', layout.PUBLISHED_NUMBER_WORD)).toBeLessThan(tail);
    expect(indexOf(accesses, 'loadShared', layout.CONSUMER_BELL_WORD)).toBeGreaterThan(tail);
    expect(accesses.filter(({ flavour }) => flavour === 'publish')).toHaveLength(1);
  });

  it('of a drain: the tail before the records', () => {
    write(1);
    const accesses = record(() => consumer.drain(ignore, 1));
    const tail = indexOf(accesses, 'loadShared', layout.TAIL_WORD);
    expect(tail).toBeLessThan(accesses.findIndex(({ flavour }) => flavour === 'loadPlain'));
    expect(accesses.some(({ index, flavour }) => index === layout.HEAD_WORD && flavour === 'publish')).toBe(false);
  });

  it('of a release: the number, the head, the wish', () => {
    write(1);
    consumer.drain(ignore, 1);
    const accesses = record(() => consumer.release());
    const head = indexOf(accesses, 'publish', layout.HEAD_WORD);
    expect(indexOf(accesses, 'storePlain', layout.RELEASED_NUMBER_WORD)).toBeLessThan(head);
    expect(indexOf(accesses, 'loadShared', layout.WANTED_WORD)).toBeGreaterThan(head);
    expect(record(() => consumer.release())).toEqual([]);
  });

  it('of a closing: the tail before the word that says so', () => {
    producer.tryWrite(1, pattern(1, PAYLOAD_BYTES));
    const accesses = record(() => producer.close());
    const closed = indexOf(accesses, 'publish', layout.PRODUCER_CLOSED_WORD);
    expect(indexOf(accesses, 'publish', layout.TAIL_WORD)).toBeLessThan(closed);
    const looks = record(() => consumer.ended);
    expect(indexOf(looks, 'loadShared', layout.PRODUCER_CLOSED_WORD)).toBe(0);
    expect(indexOf(looks, 'loadShared', layout.TAIL_WORD)).toBe(1);
  });
});

describe('a thread that ends in front of any of its accesses', () => {
  class Ended extends Error {}

  /** Runs `action` until its access number `at`. Returns whether it ended there. */
  const endAt = (at: number, action: () => void): boolean => {
    let count = 0;
    memory.before = () => {
      if (count++ === at) throw new Ended();
    };
    try {
      action();
      return false;
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      return true;
    } finally {
      memory.before = () => undefined;
    }
  };

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
        ended = endAt(at, () => {
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
      ended = endAt(at, take);
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
