/**
 * How many messages a second: one way, from any number of senders to as many receivers at once, and requests with answers.
 * Each system waits as it does best: adaptively, if it can.
 */
import type { Adapter, Payload, Placement, Session, Situation, Wait } from '../adapter.js';
import type { Contestant, Heat, Reading } from '../heat.js';
import { describePayload, type LaboratoryOptions } from '../options.js';
import { MESSAGES_PER_MILLION, MS_PER_SECOND } from '../units.js';
import { openFirst } from './first-situation.js';
import { Sizing } from './sizing.js';

const MESSAGES_MAX = 10_000_000;
const WAITS: readonly Wait[] = ['adaptive', 'parked', 'blocked', 'hot'];

/**
 * Seconds until all pairs of a system have passed so many messages. Several of them begin together, but those whose senders
 * share the host take turns: so it is the time from the first one's beginning to the last one's end.
 */
export const streamAll = async (sessions: readonly Session[], count: number): Promise<number> => {
  const began = performance.now();
  const seconds = await Promise.all(sessions.map(({ tasks }) => tasks.stream!({ count })));
  return seconds.length === 1 ? seconds[0]! : (performance.now() - began) / MS_PER_SECOND;
};

const measure = async (
  sessions: readonly Session[],
  { wait, placement, payload }: Situation,
  contestant: string,
  { inFlight }: LaboratoryOptions,
  sizing: Sizing,
): Promise<Reading[]> => {
  const readings: Reading[] = [];
  const common = { placement, payload: describePayload(payload), pairs: sessions.length, wait };
  const enter = (scenario: string, conditions: Reading['conditions'], unit: string, value: number): void => {
    const facts = { experiment: 'throughput', better: 'more' } as const;
    readings.push({ ...facts, scenario, contestant, conditions: { ...conditions, ...common }, unit, value });
  };
  if (sessions.every(({ tasks }) => tasks.stream !== undefined)) {
    const { value, count } = await sizing.measure('stream', (many) => streamAll(sessions, many));
    enter('one way', {}, 'M messages/s', (count * sessions.length) / value / MESSAGES_PER_MILLION);
  }
  if (sessions.every(({ tasks }) => tasks.calls !== undefined)) {
    const most = Math.max(...inFlight);
    const callAll = (count: number): Promise<unknown> =>
      Promise.all(sessions.map(({ tasks }) => tasks.calls!({ count, inFlight: most })));
    const { count, ms } = await sizing.measure('calls', callAll);
    const perSecond = (count * sessions.length * MS_PER_SECOND) / ms;
    enter('calls', { 'in flight': most }, 'M calls/s', perSecond / MESSAGES_PER_MILLION);
  }
  return readings;
};

const contestant = (
  adapter: Adapter,
  placement: Placement,
  payload: Payload,
  waits: readonly Wait[],
  options: LaboratoryOptions,
): Contestant => {
  const sizing = new Sizing(MESSAGES_MAX, options.durationMs);
  return {
    system: adapter.name,
    open: async () => {
      const opened = await openFirst(
        adapter,
        waits.map((wait) => ({ wait, placement, payload })),
      );
      if (opened === undefined) return undefined;
      const sessions = [opened.session];
      while (sessions.length < options.pairs) sessions.push((await adapter.open(opened.situation))!);
      return {
        sample: () => measure(sessions, opened.situation, adapter.name, options, sizing),
        close: () => Promise.all(sessions.map((session) => session.close())),
      };
    },
  };
};

export const throughputHeats = (adapters: readonly Adapter[], options: LaboratoryOptions): Heat[] => {
  const waits = WAITS.filter((wait) => options.waits.includes(wait));
  return options.placements.flatMap((placement) =>
    options.payloads.map((payload) => ({
      title: `throughput, ${placement}, ${describePayload(payload)}`,
      contestants: adapters.map((adapter) => contestant(adapter, placement, payload, waits, options)),
    })),
  );
};
