/**
 * How long messages take: there and back, one way at fixed rates and at saturation, alone after a pause, and as requests with
 * answers. For each way of waiting and each placement; where sender and receiver share a thread nobody waits.
 */
import type { Adapter, Placement, Session, Situation, Timed, Wait } from '../adapter.js';
import { nanosecondsAt } from '../distribution.js';
import type { Contestant, Heat, Reading } from '../heat.js';
import { describePayload, type LaboratoryOptions } from '../options.js';
import { Sizing } from './sizing.js';

const MESSAGES_MAX = 1_000_000;
/** Lone messages of a sample at least. */
const LONE_MIN = 10;
const MEDIAN = 50;

type Conditions = Reading['conditions'];

const waitsOn = (placement: Placement, waits: readonly Wait[]): readonly Wait[] =>
  placement === 'same-thread' ? ['parked'] : waits;

const toReading = (scenario: string, contestant: string, conditions: Conditions, timed: Timed): Reading => ({
  experiment: 'latency',
  scenario,
  contestant,
  conditions,
  unit: 'ns',
  better: 'less',
  value: nanosecondsAt(timed.distribution, MEDIAN),
  timed,
});

/** The tasks that a system has, from those that make its code hot to those that only have a few messages. */
const measure = async (
  { tasks }: Session,
  { wait, placement, payload }: Situation,
  name: string,
  { rates, inFlight, idleMs, durationMs }: LaboratoryOptions,
  sizing: Sizing,
): Promise<Reading[]> => {
  const readings: Reading[] = [];
  const common = { placement, payload: describePayload(payload), wait };
  const enter = (scenario: string, conditions: Conditions, timed: Timed): void => {
    readings.push(toReading(scenario, name, { ...conditions, ...common }, timed));
  };
  const roundTrip = tasks['round trip'];
  if (roundTrip !== undefined) {
    enter('round trip', {}, (await sizing.measure('round trip', (count) => roundTrip({ count }))).value);
  }
  const { calls } = tasks;
  for (const many of calls === undefined ? [] : inFlight) {
    const { value } = await sizing.measure(`calls ${many}`, (count) => calls!({ count, inFlight: many }));
    enter('calls', { 'in flight': many }, value);
  }
  const saturated = tasks['at saturation'];
  if (saturated !== undefined) {
    enter('at saturation', {}, (await sizing.measure('saturation', (count) => saturated({ count }))).value);
  }
  const paced = tasks['at a fixed rate'];
  for (const perSecond of paced === undefined ? [] : rates) {
    enter('at a fixed rate', { 'messages/s': perSecond }, await paced!({ perSecond, forMs: durationMs }));
  }
  const lone = tasks['after idling'];
  if (lone !== undefined) {
    const count = Math.max(LONE_MIN, Math.floor(durationMs / idleMs));
    enter('after idling', { 'idle ms': idleMs }, await lone({ count, idleMs }));
  }
  return readings;
};

const contestant = (adapter: Adapter, situation: Situation, options: LaboratoryOptions): Contestant => {
  const sizing = new Sizing(MESSAGES_MAX, options.durationMs);
  // Threads that wait hot take the processors of the others.
  const alone = situation.wait === 'hot';
  return {
    system: `${adapter.name}, ${situation.wait}`,
    alone,
    open: async () => {
      const session = await adapter.open(situation);
      if (session === undefined) return undefined;
      const sample = () => measure(session, situation, adapter.name, options, sizing);
      // Who is opened for each sample anew is cold each time.
      const sampleWarm = () => sample().then(sample);
      return { sample: alone ? sampleWarm : sample, close: () => session.close() };
    },
  };
};

export const latencyHeats = (adapters: readonly Adapter[], options: LaboratoryOptions): Heat[] =>
  options.placements.flatMap((placement) =>
    options.payloads.map((payload) => ({
      title: `latency, ${placement}, ${describePayload(payload)}`,
      contestants: waitsOn(placement, options.waits).flatMap((wait) =>
        adapters.map((adapter) => contestant(adapter, { wait, placement, payload }, options)),
      ),
    })),
  );
