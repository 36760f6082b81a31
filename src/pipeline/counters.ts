/** What a job has done so far, for people and programs. */
import {
  BLOCKED,
  BUSY,
  DROPPED,
  EMITTED,
  FAILED,
  MISSED,
  NOTIFIED,
  PENDING,
  RESTARTED,
  RETRIED,
  type Row,
  TAKEN,
  TICKS,
  TICKS_MISSED,
  UNWANTED,
  WAITING,
} from './board.js';
import type { Instance } from './graph.js';

const NUMBERS = {
  /** Items that were processed. */
  taken: TAKEN,
  /** Items that were emitted. */
  emitted: EMITTED,
  /** Items that could not be processed, or sent, and did not end the job. */
  failed: FAILED,
  /** Attempts after the first. */
  retried: RETRIED,
  /** Times that a state was made anew. */
  restarted: RESTARTED,
  /** Items that were emitted and dropped by the policy of their channel. */
  dropped: DROPPED,
  /** Items that were emitted and nobody wanted. */
  unwanted: UNWANTED,
  /** Items that were dropped on the way here, by the gaps in their numbers. */
  missed: MISSED,
  /** Items that wait to be processed. */
  waiting: WAITING,
  /** Items that wait to be sent. */
  pending: PENDING,
  /** Times that it found no room for what it emits. */
  blocked: BLOCKED,
  /** Times that its rule made it run, and those that it missed. */
  ticks: TICKS,
  ticksMissed: TICKS_MISSED,
  /** Notifications. */
  notified: NOTIFIED,
} as const;

/** What waits at a splitter waits at its stage, and what does not come as far as the instances is lost there. */
const OF_SPLITTERS: ReadonlySet<number> = new Set([WAITING, PENDING, FAILED, RETRIED, UNWANTED, MISSED]);

/** Of all instances of a stage together. */
export type StageCounters = { readonly [N in keyof typeof NUMBERS]: number } & { readonly instances: number };

export interface JobCounters {
  readonly stages: Readonly<Record<string, StageCounters>>;
  /** Items that were emitted and are neither processed, nor failed, dropped or unwanted. */
  readonly underWay: number;
  /** Some stage has something to do. */
  readonly isBusy: boolean;
  /** All items of the source before this number are done; of an acknowledged pipeline. */
  readonly acknowledged: number;
}

export const readCounters = (
  members: readonly { readonly instance: Instance; readonly row: Row; readonly isGone: boolean }[],
): JobCounters => {
  const stages: Record<string, StageCounters> = {};
  let underWay = 0;
  let acknowledged = 0;
  for (const { instance, row, isGone } of members) {
    const { name, role } = instance.setup;
    const names = Object.entries(NUMBERS).filter(([, word]) => role === 'work' || OF_SPLITTERS.has(word));
    const before = stages[name] as Record<string, number> | undefined;
    const sum: Record<string, number> = {
      ...(before ?? Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, 0]))),
    };
    for (const [key, word] of names) sum[key === 'pending' && role === 'split' ? 'waiting' : key]! += row.get(word);
    sum['instances'] = (before?.['instances'] ?? 0) + (role === 'work' && !isGone ? 1 : 0);
    stages[name] = sum as unknown as StageCounters;
    underWay -= row.get(FAILED) + row.get(DROPPED) + row.get(UNWANTED);
    if (role !== 'work') continue;
    underWay += row.get(EMITTED) - row.get(TAKEN);
    if (instance.node.ins.length === 0) acknowledged = row.loadAcknowledged();
  }
  return { stages, underWay, isBusy: members.some(({ row }) => row.get(BUSY) > 0), acknowledged };
};
