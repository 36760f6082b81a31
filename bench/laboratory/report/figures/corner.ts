/** What a system costs while it does nothing, beside how soon it is back: few are good at both. */
import { median } from '../../../harness/statistics.js';
import type { Measurement } from '../../results.js';
import type { CornerPlot, Figure } from '../figure.js';
import { comparable, situationsOf, varyingKeys } from '../situations.js';
import { formatNanoseconds, formatNumber } from '../units.js';

const LONE_MESSAGE = 'after idling';

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6 };

/** What stands beside in a unit of time, which its name ends with: `lone message (us)`. */
const timeBeside = ({ beside }: Measurement): readonly number[] | undefined => {
  for (const [name, samples] of Object.entries(beside ?? {})) {
    const unit = NANOSECONDS[/\((\w+)\)$/.exec(name)?.[1] ?? ''];
    if (unit !== undefined) return samples.map((sample) => sample * unit);
  }
  return undefined;
};

const agree = (a: Measurement, b: Measurement): boolean =>
  a.contestant === b.contestant &&
  Object.entries(a.conditions).every(([key, value]) => !(key in b.conditions) || b.conditions[key] === value);

/** Undefined: there is none to draw. */
export const cornerFigure = (measurements: readonly Measurement[]): Figure | undefined => {
  const idling = measurements.filter(({ experiment }) => experiment === 'idle');
  const lone = measurements.filter(({ scenario }) => scenario === LONE_MESSAGE);
  const varying = varyingKeys(situationsOf(comparable(idling).measurements));
  const points = idling.flatMap((measurement): CornerPlot['points'] => {
    const { contestant, conditions, samples, unit } = measurement;
    const partner = lone.find((other) => agree(measurement, other));
    const latency = timeBeside(measurement) ?? partner?.samples;
    if (!unit.startsWith('%') || latency === undefined) return [];
    const label = varying.map((key) => conditions[key]).join(', ');
    return [{ contestant, label, nanoseconds: median(latency), processor: median(samples) }];
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
