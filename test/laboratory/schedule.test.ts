import { describe, expect, it } from 'vitest';
import { Arrivals, timedOf } from '../../bench/laboratory/arrivals.js';
import { nanosecondsAt } from '../../bench/laboratory/distribution.js';
import { makePostedSide } from '../../bench/laboratory/rivals/posted-side.js';
import { Schedule } from '../../bench/laboratory/schedule.js';
import { onHost } from '../../bench/laboratory/two-sided.js';

const MS = 1e6;
const RATE = { perSecond: 1_000, forMs: 100 };

const makeClock = () => {
  let now = 0;
  return {
    now: () => now,
    pass: (ms: number) => {
      now += ms * MS;
    },
  };
};

/** How many messages took at least so long. */
const slow = (latencies: readonly number[], ms: number): number => latencies.filter((ns) => ns >= ms * MS).length;

describe('a schedule', () => {
  it('sends each message when it is due', () => {
    const clock = makeClock();
    const schedule = new Schedule(RATE, clock.now);
    const dues: number[] = [];
    for (; !schedule.isOver; clock.pass(1)) schedule.sendDue((index, due) => dues.push(index, due / MS));
    expect(dues).toEqual(Array.from({ length: 100 }, (_, index) => [index, index + 1]).flat());
  });

  it('goes on while its sender stalls: what was due meanwhile is sent late, and timed from when it was due', () => {
    const clock = makeClock();
    const schedule = new Schedule(RATE, clock.now);
    const latencies: number[] = [];
    while (!schedule.isOver) {
      schedule.sendDue((_, due) => latencies.push(clock.now() - due));
      clock.pass(latencies.length === 20 ? 50 : 1);
    }
    expect(latencies).toHaveLength(100);
    // Those that were due in the first 40 ms of the stall of 50 had to wait for 10 ms at least.
    expect(slow(latencies, 10)).toBe(40);
    expect(slow(latencies, 1)).toBe(49);
  });

  it('shows a stall of the receiver in all messages that were due meanwhile', () => {
    const clock = makeClock();
    const schedule = new Schedule(RATE, clock.now);
    const arrivals = new Arrivals(schedule.count, clock.now);
    const waiting: [number, number][] = [];
    for (let ms = 0; !schedule.isOver; ms++) {
      schedule.sendDue((index, due) => waiting.push([index, due]));
      const isStalled = ms >= 20 && ms < 70;
      if (!isStalled) for (const [index, due] of waiting.splice(0)) arrivals.arrive(index, due, true);
      clock.pass(1);
    }
    const { distribution, count } = timedOf(arrivals.finish(), schedule.count);
    expect(count).toBe(100);
    // Half of all were due while it stalled.
    expect(nanosecondsAt(distribution, 50) / MS).toBeLessThan(1);
    expect(nanosecondsAt(distribution, 60) / MS).toBeCloseTo(10, 0);
    expect(nanosecondsAt(distribution, 90) / MS).toBeCloseTo(40, 0);
    expect(nanosecondsAt(distribution, 100) / MS).toBeCloseTo(50, 0);
  });

  it('shows a real stall of a real thread', async () => {
    const { port1, port2 } = new MessageChannel();
    const [sender, receiver] = [makePostedSide(), makePostedSide()];
    const payload = { kind: 'pair' } as const;
    sender.connect({ payload, port: port1 as never });
    receiver.connect({ payload, port: port2 as never });
    const rate = { perSecond: 1_000, forMs: 200 };
    const received = onHost(receiver).ask('receive', { count: 200, saturated: false });
    const paced = onHost(sender).ask('pace', rate);
    const until = performance.now() + 100;
    while (performance.now() < until);
    const [recorded] = await Promise.all([received, paced]);
    sender.disconnect({});
    const { distribution } = timedOf(recorded, 200);
    // A hundred of them were due meanwhile, half of these 50 ms or more before its end.
    expect(nanosecondsAt(distribution, 80)).toBeGreaterThan(45 * MS);
  });
});

describe('arrivals', () => {
  const receive = (...messages: readonly (readonly [index: number, isRight: boolean])[]) => {
    const arrivals = new Arrivals(8);
    for (const [index, isRight] of messages) arrivals.arrive(index, 0, isRight);
    return () => timedOf(arrivals.finish(), 3);
  };

  it('are right if all have come, whole and in turn', () => {
    expect(receive([0, true], [1, true], [2, true])().count).toBe(0);
  });

  it.each([
    [
      'one is missing',
      [
        [0, true],
        [1, true],
      ],
      'the number of messages is 2 and should be 3',
    ],
    [
      'one came twice',
      [
        [0, true],
        [1, true],
        [1, true],
      ],
      'out of turn or damaged is 1 and should be 0',
    ],
    [
      'two have changed places',
      [
        [0, true],
        [2, true],
        [1, true],
      ],
      'out of turn or damaged is 2 and should be 0',
    ],
    [
      'one is damaged',
      [
        [0, true],
        [1, false],
        [2, true],
      ],
      'out of turn or damaged is 1 and should be 0',
    ],
  ] as const)('are a wrong result if %s', (_, messages, sentence) => {
    expect(receive(...messages)).toThrow(sentence);
  });
});
