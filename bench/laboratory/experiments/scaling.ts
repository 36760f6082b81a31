/**
 * Whether it stays fast as it grows: pairs of threads side by side, messages from every thread to every other, and actors by
 * the million on one thread. The last two are about a runtime, and measured on heddle only.
 */
import { createSystem } from 'heddle';
import { PairCounter, PairSender } from '../../actors/pairs.js';
import { shutDown } from '../../contestants/heddle.js';
import { check } from '../../harness/check.js';
import { PATIENCE } from '../../harness/patience.js';
import { expectedSum } from '../../harness/payloads.js';
import { Crowd } from '../actors/crowd.js';
import type { Adapter, Session, Situation } from '../adapter.js';
import type { Contestant, Heat, Reading } from '../heat.js';
import type { LaboratoryOptions } from '../options.js';
import { MESSAGES_PER_MILLION, MS_PER_SECOND } from '../units.js';
import { openFirst } from './first-situation.js';
import { Sizing } from './sizing.js';
import { streamAll } from './throughput.js';

const OWN = 'heddle';
const MESSAGES_MAX = 10_000_000;
const NANOSECONDS_PER_MS = 1e6;
const MICROS_PER_MS = 1e3;

/** From which thread to which. */
type Flow = readonly [from: number, to: number];

const pairFlows = (threads: number): readonly Flow[] =>
  threads === 1 ? [[1, 1]] : Array.from({ length: Math.floor(threads / 2) }, (_, pair) => [2 * pair + 1, 2 * pair + 2]);

const allFlows = (threads: number): readonly Flow[] => {
  const places = Array.from({ length: threads }, (_, index) => index + 1);
  const flows = places.flatMap((from) => places.filter((to) => to !== from).map((to): Flow => [from, to]));
  return threads === 1 ? [[1, 1]] : flows;
};

const rate = (scenario: string, contestant: string, threads: number, perMs: number): Reading => ({
  experiment: 'scaling',
  scenario,
  contestant,
  conditions: { threads },
  unit: 'M messages/s',
  better: 'more',
  value: (perMs * MS_PER_SECOND) / MESSAGES_PER_MILLION,
});

/** A sender and a receiver of their own for each flow. */
const onHeddle = (scenario: string, threads: number, flows: readonly Flow[], durationMs: number): Contestant => {
  const sizing = new Sizing(MESSAGES_MAX, durationMs);
  return {
    system: OWN,
    open: async () => {
      const system = await createSystem({ threads, watchdog: false });
      const pairs = await Promise.all(
        flows.map(async ([from, to]) => ({
          sender: await system.spawn(PairSender, undefined, { place: from }),
          to: await system.spawn(PairCounter, undefined, { place: to }),
        })),
      );
      const send = async (count: number): Promise<void> => {
        const expected = expectedSum('pair', count);
        const sent = await Promise.all(pairs.map(({ sender, to }) => sender.send({ to, count }, PATIENCE)));
        for (const { sum } of sent) check('the sum', sum, expected);
      };
      return {
        sample: async () => {
          const { count, ms } = await sizing.measure('send', send);
          return [rate(scenario, OWN, threads, (count * flows.length) / ms)];
        },
        close: () => shutDown(system),
      };
    },
  };
};

const SITUATIONS: readonly Situation[] = (['adaptive', 'parked'] as const).map((wait) => ({
  wait,
  placement: 'worker-worker',
  payload: { kind: 'pair' },
}));

/** Others have each pair to itself. */
const onRival = (adapter: Adapter, threads: number, durationMs: number): Contestant => {
  const sizing = new Sizing(MESSAGES_MAX, durationMs);
  return {
    system: adapter.name,
    open: async () => {
      const sessions: Session[] = [];
      while (sessions.length < pairFlows(threads).length) {
        const opened = await openFirst(adapter, SITUATIONS);
        if (opened === undefined) return undefined;
        sessions.push(opened.session);
      }
      const close = () => Promise.all(sessions.map((session) => session.close()));
      if (sessions[0]?.tasks.stream === undefined) return void (await close());
      return {
        sample: async () => {
          const { value, count } = await sizing.measure('stream', (many) => streamAll(sessions, many));
          return [rate('pairs', adapter.name, threads, (count * sessions.length) / (value * MS_PER_SECOND))];
        },
        close,
      };
    },
  };
};

/** Messages of a sample at least, and to each actor. */
const MESSAGES_MIN = 200_000;
const MESSAGES_EACH = 2;
/** Actors that are made before those that are looked at, so that what makes them is warm. */
const ACTORS_BEFORE = 1_000;

const crowd = (actors: number): Contestant => ({
  system: OWN,
  alone: true,
  open: async () => {
    const system = await createSystem({ threads: 1, watchdog: false });
    const owner = await system.spawn(Crowd, undefined, { place: 1 });
    const count = Math.max(MESSAGES_MIN, actors * MESSAGES_EACH);
    const sample = async (): Promise<readonly Reading[]> => {
      await owner.grow({ count: ACTORS_BEFORE }, PATIENCE);
      const grown = await owner.grow({ count: actors }, PATIENCE);
      // The first time everything is cold, whatever there is of it.
      await owner.send({ count }, PATIENCE);
      const { ms, sum } = await owner.send({ count }, PATIENCE);
      check('the sum', sum, (count * (count - 1)) / 2);
      return [
        {
          experiment: 'scaling',
          scenario: 'actors',
          contestant: OWN,
          conditions: { actors },
          unit: 'ns/message',
          better: 'less',
          value: (ms * NANOSECONDS_PER_MS) / count,
          beside: {
            'bytes/actor': grown.heapBytes / actors,
            'us/spawn': (grown.ms * MICROS_PER_MS) / actors,
          },
        },
      ];
    };
    return { sample, close: () => shutDown(system) };
  },
});

const GROWTH = 10;

/** 1, 10, 100, ... and the most. */
const actorCounts = (most: number): readonly number[] => {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= GROWTH) counts.push(count);
  return [...counts, most];
};

/** 1, 2, 4, ... and the most. */
const threadCounts = (most: number): readonly number[] => {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
};

export const scalingHeats = (adapters: readonly Adapter[], options: LaboratoryOptions): Heat[] => {
  const { threads: most, actors, durationMs } = options;
  const rivals = adapters.filter(({ name }) => name !== OWN);
  const byThreads = threadCounts(most).flatMap((threads): Heat[] => [
    {
      title: `scaling, pairs on ${threads} threads`,
      contestants: [
        onHeddle('pairs', threads, pairFlows(threads), durationMs),
        ...(threads === 1 ? [] : rivals.map((rival) => onRival(rival, threads, durationMs))),
      ],
    },
    {
      title: `scaling, all to all on ${threads} threads`,
      contestants: [onHeddle('all to all', threads, allFlows(threads), durationMs)],
    },
  ]);
  return [...byThreads, { title: 'scaling, actors', contestants: actorCounts(actors).map(crowd) }];
};
