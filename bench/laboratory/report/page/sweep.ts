/** A figure by a number that was raised, with a band where the rounds lay. From zero, so that flat looks flat. */
import type { SweepPlot } from '../figure.js';
import { formatCount, formatNumber, formatQuantity } from '../units.js';
import { axisOf, BELOW, type Chart, LEFT, NO_LEGEND } from './chart.js';
import { bandFill, boundSeries, layered, lineSeries, marksOn } from './lines.js';
import { logarithmicTicks } from './scales.js';
import type { Stage } from './stage.js';

const HEIGHT = 280;
const HEADROOM = 1.08;
/** Around the first and the last step, as a share of what lies between. */
const MARGIN = 0.04;
/** Series of a line: its upper bound, its lower bound, itself. */
const SERIES_EACH = 3;
/** More steps are not all written at the axis. */
const TICKS_MOST = 9;

export const sweepChart = (plot: SweepPlot, stage: Stage): Chart => {
  const { x, logarithmic, unit } = plot;
  const [first, last] = [x[0]!, x.at(-1)!];
  const lines = layered(stage, plot.lines);
  const drawn = lines.flatMap(({ values, high }) => [...values, ...(high ?? [])]).filter((value) => value !== null);
  const top = Math.max(...drawn) * HEADROOM || 1;
  const pad = (last - first) * MARGIN;
  const factor = (last / first) ** MARGIN;
  const span: [number, number] = logarithmic ? [first / factor, last * factor] : [first - pad, last + pad];
  const ticks = logarithmic ? logarithmicTicks(first, last) : [...x];
  return {
    height: HEIGHT,
    data: [
      [...x],
      ...lines.flatMap(({ values, low, high }) => [[...(high ?? values)], [...(low ?? values)], [...values]]),
    ],
    contestants: [undefined, ...lines.flatMap(({ contestant }) => [contestant, contestant, contestant])],
    options: {
      legend: NO_LEGEND,
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { x: { time: false, distr: logarithmic ? 3 : 1, range: span }, y: { range: [0, top] } },
      axes: [
        axisOf(stage, {
          ...(ticks.length <= TICKS_MOST ? { splits: () => ticks } : {}),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(formatCount),
          label: plot.label,
          ...BELOW,
        }),
        axisOf(stage, {
          values: (_, splits) =>
            splits.map((value) => (unit === 'ns' ? formatQuantity(value, unit) : formatNumber(value))),
          ...LEFT,
        }),
      ],
      series: [{}, ...lines.flatMap(({ contestant }) => [boundSeries, boundSeries, lineSeries(stage, contestant)])],
      hooks: { draw: [marksOn(stage, lines, x, [...x.keys()])] },
      bands: lines.map(({ contestant }, index) => ({
        series: [index * SERIES_EACH + 1, index * SERIES_EACH + 2] as [number, number],
        // uPlot takes functions here, as for lines; its types know texts only.
        fill: bandFill(stage, contestant) as unknown as string,
      })),
    },
    read: (index) => ({
      head: `${plot.label} ${formatNumber(x[index]!)}`,
      lines: lines.flatMap(({ contestant, values }) => {
        const value = values[index];
        return value == null ? [] : [{ contestant, text: formatQuantity(value, unit) }];
      }),
    }),
  };
};
