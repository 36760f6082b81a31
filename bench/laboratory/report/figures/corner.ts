/** What a system costs while it does nothing, beside how soon it is back: few are good at both. */
import type { Measurement } from '../../results.js';
import type { CornerPlot, Figure } from '../figure.js';
import { sayConditions, situationsOf, varyingKeys } from '../situations.js';
import { medianOf } from '../spread.js';
import { formatNanoseconds, formatNumber } from '../units.js';

const LONE_MESSAGE = 'after idling';

const besideWith = ({ beside }: Measurement, sign: string): readonly number[] | undefined =>
  Object.entries(beside ?? {}).find(([name]) => name.includes(sign))?.[1];

const processorOf = (measurement: Measurement): readonly number[] | undefined =>
  measurement.unit.startsWith('%') ? measurement.samples : besideWith(measurement, '%');

const latencyOf = (measurement: Measurement): readonly number[] | undefined =>
  measurement.latency?.p50 ?? (measurement.unit === 'ns' ? measurement.samples : besideWith(measurement, '(ns)'));

const agree = (a: Measurement, b: Measurement): boolean =>
  a.contestant === b.contestant &&
  Object.entries(a.conditions).every(([key, value]) => !(key in b.conditions) || b.conditions[key] === value);

/** Undefined: there is none to draw. */
export const cornerFigure = (measurements: readonly Measurement[]): Figure | undefined => {
  const idling = measurements.filter(({ experiment }) => experiment === 'idle');
  const lone = measurements.filter(({ scenario }) => scenario === LONE_MESSAGE);
  const varying = varyingKeys(situationsOf(idling));
  const points = idling.flatMap((measurement): CornerPlot['points'] => {
    const processor = processorOf(measurement);
    const partner = lone.find((other) => agree(measurement, other));
    const latency = latencyOf(measurement) ?? (partner && latencyOf(partner));
    if (processor === undefined || latency === undefined) return [];
    const { contestant, conditions } = measurement;
    const label = sayConditions(conditions, varying);
    return [{ contestant, label, nanoseconds: medianOf(latency), processor: medianOf(processor) }];
  });
  if (points.length === 0) return undefined;
  const said = points.map(
    ({ contestant, label, nanoseconds, processor }) =>
      `${[contestant, label].filter(Boolean).join(', ')}: ${formatNanoseconds(nanoseconds)} at ${formatNumber(processor)} %`,
  );
  return {
    title: 'Asleep, and yet quick',
    caption:
      'Processor time of an idle system, and the median time of a lone message that wakes it. Lower left is best.',
    description: `A lone message, and idle processor time. ${said.join('; ')}.`,
    plot: { kind: 'corner', points },
    table: {
      columns: ['Contestant', 'Situation', 'Lone message', 'Idle processor time'],
      rows: points.map(({ contestant, label, nanoseconds, processor }) => [
        contestant,
        label,
        formatNanoseconds(nanoseconds),
        `${formatNumber(processor)} % of a core`,
      ]),
    },
  };
};
