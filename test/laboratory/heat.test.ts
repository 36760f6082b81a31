import { describe, expect, it } from 'vitest';
import { type Contestant, type Heat, type Reading, runHeat, turnsOf } from '../../bench/laboratory/heat.js';

const reading = (contestant: string, value: number, facts: Partial<Reading> = {}): Reading => ({
  experiment: 'latency',
  scenario: 'round trip',
  contestant,
  conditions: {},
  unit: 'ns',
  better: 'less',
  value,
  ...facts,
});

/** A contestant that writes into a diary what becomes of it. */
const makeContestants = () => {
  const diary: string[] = [];
  const make = (system: string, facts: Partial<Contestant> & { readonly read?: () => readonly Reading[] } = {}) => {
    const { read = () => [reading(system, 1)], ...others } = facts;
    return {
      system,
      open: () => {
        diary.push(`${system} opens`);
        return Promise.resolve({
          sample: () => {
            diary.push(system);
            return Promise.resolve(read());
          },
          close: () => Promise.resolve(diary.push(`${system} closes`)),
        });
      },
      ...others,
    } satisfies Contestant;
  };
  return { diary, make };
};

const run = (contestants: readonly Contestant[], rounds = 3, turn: (heat: Heat, system: string) => void = () => {}) =>
  runHeat({ title: 'heat', contestants }, { rounds, turn });

describe('a heat', () => {
  it('warms up each contestant, then measures them in turn', async () => {
    const { diary, make } = makeContestants();
    await run([make('a'), make('b')], 2);
    expect(diary.join(', ')).toBe('a opens, b opens, a, b, a, b, a, b, a closes, b closes');
  });

  it('has nothing of one that is measured alone there in between', async () => {
    const { diary, make } = makeContestants();
    await run([make('a'), make('b', { alone: true })], 2);
    expect(diary.join(', ')).toBe('a opens, a, a, b opens, b, b closes, a, b opens, b, b closes, a closes');
  });

  it('leaves out who does not take part', async () => {
    const { diary, make } = makeContestants();
    const absent = { open: () => Promise.resolve(undefined) };
    const measurements = await run([make('a', absent), make('b', { ...absent, alone: true }), make('c')], 1);
    expect(measurements.map(({ contestant }) => contestant)).toEqual(['c']);
    expect(diary.join(', ')).toBe('c opens, c, c, c closes');
  });

  it('tells whose turn it is as often as it said', async () => {
    const { make } = makeContestants();
    const contestants = [make('a'), make('b', { alone: true })];
    const turns: string[] = [];
    await run(contestants, 2, (_, system) => turns.push(system));
    expect(turns).toEqual(['a', 'a', 'b', 'a', 'b']);
    expect(turnsOf({ title: 'heat', contestants }, 2)).toBe(5);
  });

  it('keeps what each round yields, of each situation alone, and not the warm-up', async () => {
    const { make } = makeContestants();
    let round = 0;
    const curve = (ns: number) => ({
      distribution: [
        [50, ns],
        [100, 2 * ns],
      ] as const,
      count: 7,
    });
    const read = () => {
      round++;
      const hot = { conditions: { wait: 'hot' }, timed: curve(round), beside: { cpu: round * 10 } };
      return [reading('a', round, hot), reading('a', -round, { conditions: { wait: 'parked' }, value: 100 * round })];
    };
    const [hot, parked] = await run([make('a', { read })], 3);
    expect(hot).toMatchObject({ samples: [2, 3, 4], beside: { cpu: [20, 30, 40] }, conditions: { wait: 'hot' } });
    expect(hot!.latency).toMatchObject({
      p50: [2, 3, 4],
      max: [4, 6, 8],
      count: 7,
      curve: [
        [50, 3],
        [100, 6],
      ],
    });
    expect(parked).toMatchObject({ samples: [200, 300, 400], conditions: { wait: 'parked' } });
    expect(parked).not.toHaveProperty('latency');
  });

  it.each([
    ['no number', { value: Number.NaN }],
    ['endless', { value: Number.POSITIVE_INFINITY }],
    ['negative', { value: -1 }],
    ['of no messages', { timed: { distribution: [[100, 1]], count: 0 } }],
    [
      'less at a higher percentile',
      {
        timed: {
          distribution: [
            [50, 2],
            [100, 1],
          ],
          count: 2,
        },
      },
    ],
    [
      'of percentiles that shrink',
      {
        timed: {
          distribution: [
            [100, 1],
            [50, 2],
          ],
          count: 2,
        },
      },
    ],
  ] as const)('calls a result wrong that is %s', async (_, facts) => {
    const { diary, make } = makeContestants();
    const read = () => [reading('a', 1, facts as Partial<Reading>)];
    await expect(run([make('a', { read })])).rejects.toThrow('wrong result');
    expect(diary.at(-1)).toBe('a closes');
  });

  it('says whose sample it was that failed', async () => {
    const { diary, make } = makeContestants();
    const fail = () => {
      throw new Error('wrong result: the sum');
    };
    await expect(run([make('a'), make('b', { read: fail })])).rejects.toThrow('b: wrong result: the sum');
    expect(diary.slice(-2)).toEqual(['a closes', 'b closes']);
  });
});
