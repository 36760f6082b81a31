import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session, Situation, Timed } from '../../bench/laboratory/adapter.js';
import { cpp } from '../../bench/laboratory/adapters/cpp.js';
import { erlang } from '../../bench/laboratory/adapters/erlang.js';

const SITUATION: Situation = { wait: 'adaptive', placement: 'worker-worker', payload: { kind: 'pair' } };
const COUNT = 2_000;

const expectDistribution = ({ distribution, count }: Timed, expected: number): void => {
  expect(count).toBe(expected);
  expect(distribution[0]![0]).toBe(0);
  expect(distribution.at(-1)![0]).toBe(100);
  const nanoseconds = distribution.map(([, ns]) => ns);
  expect(nanoseconds[0]).toBeGreaterThan(0);
  expect(nanoseconds).toEqual(nanoseconds.toSorted((a, b) => a - b));
};

const run = async <T>(adapter: Adapter, situation: Situation, use: (session: Session) => Promise<T>): Promise<T> => {
  const session = (await adapter.open(situation))!;
  try {
    return await use(session);
  } finally {
    await session.close();
  }
};

for (const [adapter, unsupported] of [
  [cpp, 'same-thread'],
  [erlang, 'host-worker'],
] as const) {
  const probed = await adapter.probe();
  const why = 'missing' in probed ? ` (skipped: ${probed.missing})` : '';

  describe.skipIf('missing' in probed)(`${adapter.name}${why}`, () => {
    let session: Session;
    beforeAll(async () => {
      session = (await adapter.open(SITUATION))!;
    });
    afterAll(() => session.close());

    it('says its version', () => {
      expect(probed).toEqual({ version: expect.stringMatching(/\d/) });
    });

    it('times round trips, and calls at several in flight', async () => {
      expectDistribution(await session.tasks['round trip']!({ count: COUNT }), COUNT);
      expectDistribution(await session.tasks.calls!({ count: COUNT, inFlight: 64 }), COUNT);
      expectDistribution(await session.tasks.calls!({ count: 3, inFlight: 64 }), 3);
    });

    it('keeps a rate, for as long as it is told', async () => {
      const began = performance.now();
      expectDistribution(await session.tasks['at a fixed rate']!({ perSecond: 10_000, forMs: 100 }), 1_000);
      expect(performance.now() - began).toBeGreaterThanOrEqual(99);
    });

    it('streams more than it has room for, and times some of it', async () => {
      const seconds = await session.tasks.stream!({ count: 50 * COUNT });
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(30);
      expectDistribution(await session.tasks['at saturation']!({ count: 17 * COUNT }), COUNT);
    });

    it('sends lone messages after nothing', async () => {
      const began = performance.now();
      expectDistribution(await session.tasks['after idling']!({ count: 5, idleMs: 4 }), 5);
      expect(performance.now() - began).toBeGreaterThanOrEqual(19);
    });

    it('idles, in a process of which the number is known', async () => {
      const [processId] = session.processIds!;
      expect(process.kill(processId!, 0)).toBe(true);
      await session.tasks.idling!({ forMs: 20 });
      expectDistribution(await session.tasks['round trip']!({ count: 10 }), 10);
    });

    it('sends orders and blocks of bytes, by each way of waiting', async () => {
      for (const [wait, payload] of [
        ['hot', { kind: 'order' }],
        ['parked', { kind: 'bytes', size: 1_024 }],
      ] as const) {
        await run(adapter, { ...SITUATION, wait, payload }, async ({ tasks }) => {
          expectDistribution(await tasks['round trip']!({ count: 50 }), 50);
          expect(await tasks.stream!({ count: COUNT })).toBeGreaterThan(0);
        });
      }
    });

    it('says where it does not take part', async () => {
      expect(await adapter.open({ ...SITUATION, placement: unsupported })).toBeUndefined();
      expect(await adapter.open({ ...SITUATION, wait: 'blocked' })).toBeUndefined();
    });

    it('complains when its program ends too early', async () => {
      const other = (await adapter.open(SITUATION))!;
      const answer = other.tasks.idling!({ forMs: 60_000 });
      process.kill(other.processIds![0]!, 'SIGKILL');
      await expect(answer).rejects.toThrow('the program ended at task=idle');
      await other.close();
    });
  });
}
