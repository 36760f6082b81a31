/** Wait strategies and doorbells on one thread; `naps.test.ts` and `interleaving.test.ts` do the rest. */
import {
  adaptiveWait,
  blockWait,
  createRing,
  Doorbell,
  eventLoopWait,
  pause,
  RecordConsumer,
  RecordProducer,
  spinWait,
} from 'heddle/queues';
import { describe, expect, it } from 'vitest';
import { fill, ignore, pattern } from '../support/rings.js';

const bell = (): Doorbell => new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0);

/** A look that finds something the `at`-th time. */
const lookAt = (at: number, looked: (count: number) => void = () => undefined): (() => boolean) => {
  let count = 0;
  return () => {
    looked(++count);
    return count >= at;
  };
};

describe.each([
  ['spin', spinWait],
  ['adaptive', adaptiveWait],
  ['block', blockWait],
  ['event loop', eventLoopWait],
] as const)('the %s strategy', (_name, make) => {
  it('does not sleep when there is news, and leaves the bell disarmed', async () => {
    const strategy = make();
    const own = bell();
    await strategy.wait(own, () => true);
    expect(own.asleep).toBe(false);
    expect(strategy.counters).toEqual({ sleeps: 0, missedWakes: 0 });
  });

  it('sees what comes while it looks', async () => {
    const strategy = make();
    const own = bell();
    await strategy.wait(
      own,
      lookAt(2, (count) => count === 1 && own.ring()),
    );
    expect(own.asleep).toBe(false);
    expect(strategy.counters.missedWakes).toBe(0);
  });
});

describe('strategies that sleep', () => {
  it.each([
    ['block', blockWait],
    ['event loop', eventLoopWait],
  ] as const)('arm the bell before their last look: %s', async (_name, make) => {
    const own = bell();
    const armed: boolean[] = [];
    await make().wait(own, () => {
      armed.push(own.asleep);
      return true;
    });
    expect(armed).toEqual([true]);
  });

  it('spin first when they are adaptive, with the bell disarmed', () => {
    const own = bell();
    const armed: boolean[] = [];
    adaptiveWait(0, 1).wait(own, () => {
      armed.push(own.asleep);
      return armed.length > 64;
    });
    expect(armed).toEqual([...Array(64).fill(false), true]);
  });

  it('come back when their time limit has passed', () => {
    const strategy = blockWait(1);
    const own = bell();
    strategy.wait(own, () => false);
    expect(strategy.counters).toEqual({ sleeps: 1, missedWakes: 0 });
    expect(own.asleep).toBe(false);
  });

  it('wait for news on the event loop', async () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    const strategy = eventLoopWait();
    const waiting = consumer.waitForNews(strategy);
    setImmediate(() => {
      producer.tryWrite(1, pattern(1, 4));
      expect(producer.publish()).toBe(true);
    });
    const alive = setInterval(() => undefined, 1000);
    await waiting;
    clearInterval(alive);
    expect(consumer.hasNews()).toBe(true);
    expect(strategy.counters.sleeps).toBe(1);
  });

  it('wait for room on the event loop, for a close too', async () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    const consumer = new RecordConsumer(place);
    const alive = setInterval(() => undefined, 1000);
    for (const makeRoom of [() => consumer.release(), () => consumer.close()]) {
      fill(producer, 40);
      setImmediate(() => {
        consumer.drain(ignore, 1);
        makeRoom();
      });
      await producer.waitForRoom(8, eventLoopWait());
    }
    clearInterval(alive);
    expect(() => fill(producer, 40)).toThrow(expect.objectContaining({ code: 'QUEUE_CLOSED' }));
  });

  it('publish what is committed before they wait for room', () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    producer.tryWrite(1, pattern(1, 4));
    producer.waitForRoom(8, spinWait());
    expect(new RecordConsumer(place).hasNews()).toBe(true);
  });

  it('do not wait for room that there will never be', () => {
    const producer = new RecordProducer(createRing(1 << 10));
    const wait = (bytes: number): unknown => producer.waitForRoom(bytes, spinWait());
    expect(() => wait(136)).toThrow(expect.objectContaining({ code: 'QUEUE_RECORD_TOO_LARGE' }));
    producer.close();
    expect(() => wait(8)).toThrow(expect.objectContaining({ code: 'QUEUE_CLOSED' }));
  });
});

describe('a doorbell', () => {
  it('wakes once, and only who is asleep', () => {
    const own = bell();
    expect(own.ring()).toBe(false);
    own.arm();
    expect(own.asleep).toBe(true);
    expect(own.ring()).toBe(true);
    expect(own.ring()).toBe(false);
    own.arm();
    own.disarm();
    expect(own.ring()).toBe(false);
  });

  it('does not block when it was rung before', () => {
    const own = bell();
    own.arm();
    own.ring();
    expect(own.block(Number.POSITIVE_INFINITY)).toBe(true);
    own.arm();
    expect(own.block(0)).toBe(false);
  });

  it('has one listener for any number of sleeps, and is heard by the last', async () => {
    const own = bell();
    own.arm();
    const first = own.listen();
    own.disarm();
    own.arm();
    const second = own.listen();
    expect(second).toBe(first);
    own.ring();
    await second;
    // Rung already: no sleep.
    await own.listen();
    own.arm();
    const third = own.listen();
    expect(third).not.toBe(first);
    own.ring();
    await third;
  });
});

describe('pause', () => {
  it('comes back', () => {
    expect(pause()).toBeUndefined();
  });
});
