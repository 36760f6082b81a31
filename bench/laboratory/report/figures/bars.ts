/** One figure of each contestant, side by side: one plot for each situation. */
import { median } from '../../../harness/statistics.js';
import type { Measurement } from '../../results.js';
import type { Bar, Figure } from '../figure.js';
import { asTitle, type Situation, sayConditions, situationsOf, varyingKeys } from '../situations.js';
import { samplesTable } from '../tables.js';
import { formatQuantity } from '../units.js';

const figureOf = ({ measurements }: Situation, title: string): Figure => {
  const { unit, better } = measurements[0]!;
  const bars = measurements
    .map(({ contestant, samples }): Bar => ({ contestant, median: median(samples), samples }))
    .sort((a, b) => (better === 'less' ? a.median - b.median : b.median - a.median));
  const said = bars.map(({ contestant, median }) => `${contestant} ${formatQuantity(median, unit)}`);
  return {
    title,
    caption: `${unit}, ${better} is better`,
    description: `${unit}, ${better} is better. The best first: ${said.join('; ')}.`,
    plot: { kind: 'bars', unit, bars },
    table: samplesTable(measurements),
  };
};

/** Of one scenario. */
export const barFigures = (scenario: string, measurements: readonly Measurement[]): Figure[] => {
  const situations = situationsOf(measurements);
  const varying = varyingKeys(situations);
  return situations.map((situation) =>
    figureOf(situation, asTitle(sayConditions(situation.conditions, varying)) || asTitle(scenario)),
  );
};
