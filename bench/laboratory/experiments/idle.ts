/** What a system burns while it has nothing to do, and beside it what that buys: how long a lone message takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuPercent } from '../../harness/cpu.js';
import { type Adapter, PLACEMENTS, type Session, type Wait } from '../adapter.js';
import { nanosecondsAt } from '../distribution.js';
import type { Contestant, Heat, Reading } from '../heat.js';
import type { LaboratoryOptions } from '../options.js';
import { openFirst } from './first-situation.js';

/** Time for what has begun to fall asleep, and how long is looked at: less than the longest spin of heddle, a second. */
const SETTLE_MS = 200;
const IDLE_MS = 450;
const LONE_MESSAGES = 30;
const MEDIAN = 50;
const NANOSECONDS_PER_MICRO = 1e3;

const measure = async (
  { tasks, processIds = [] }: Session,
  conditions: Reading['conditions'],
  contestant: string,
  { idleMs, durationMs }: LaboratoryOptions,
): Promise<readonly Reading[]> => {
  const { 'after idling': lone, idling } = tasks;
  if (lone === undefined || idling === undefined) return [];
  const count = Math.min(LONE_MESSAGES, Math.ceil(durationMs / idleMs));
  const timed = await lone({ count, idleMs });
  await sleep(Math.min(SETTLE_MS, durationMs));
  const value = await cpuPercent(() => idling({ forMs: Math.min(IDLE_MS, durationMs) }), processIds);
  const p50 = nanosecondsAt(timed.distribution, MEDIAN) / NANOSECONDS_PER_MICRO;
  const beside = { [`lone message after ${idleMs} ms (us)`]: p50 };
  const facts = { experiment: 'idle', scenario: 'idling', unit: '% of a core', better: 'less' } as const;
  return [{ ...facts, contestant, conditions, value, beside }];
};

const contestant = (adapter: Adapter, wait: Wait, options: LaboratoryOptions): Contestant => ({
  system: `${adapter.name}, ${wait}`,
  alone: true,
  open: async () => {
    const payload = { kind: 'pair' } as const;
    const opened = await openFirst(
      adapter,
      PLACEMENTS.map((placement) => ({ wait, placement, payload })),
    );
    if (opened === undefined) return undefined;
    const { session, situation } = opened;
    const conditions = { wait, placement: situation.placement };
    return { sample: () => measure(session, conditions, adapter.name, options), close: () => session.close() };
  },
});

export const idleHeats = (adapters: readonly Adapter[], options: LaboratoryOptions): Heat[] => [
  {
    title: 'idle',
    contestants: options.waits.flatMap((wait) => adapters.map((adapter) => contestant(adapter, wait, options))),
  },
];
