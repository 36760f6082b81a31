/** Latency by percentile, both logarithmic: the tail is where systems differ. */
import type { PercentilesPlot } from '../figure.js';
import { formatNanoseconds, NAMED_NINES } from '../units.js';
import { axisOf, BELOW, type Chart, LEFT, NO_LEGEND } from './chart.js';
import { layered, lineSeries, marksOn } from './lines.js';
import { logarithmicTicks, roundedOutwards } from './scales.js';
import type { Stage } from './stage.js';

const HEIGHT = 260;
/** Pixels that each nine must have for all to be named; with fewer, those beyond go without. */
const ROOM = 44;
const ALWAYS = 4;

/** `99.68`, as fine as its place along the tail. */
const sayPercentile = (nines: number): string => (100 - 10 ** (2 - nines)).toFixed(Math.max(0, Math.ceil(nines) - 1));

export const percentilesChart = (plot: PercentilesPlot, stage: Stage): Chart => {
  const [low, high] = roundedOutwards(...plot.extent);
  const end = plot.nines.at(-1)!;
  const places = NAMED_NINES.filter(([nines]) => nines <= end);
  const lines = layered(stage, plot.lines);
  const marked = places.map(([named]) => plot.nines.findIndex((nines) => nines >= named));
  return {
    height: HEIGHT,
    data: [[...plot.nines], ...lines.map(({ values }) => [...values])],
    contestants: [undefined, ...lines.map(({ contestant }) => contestant)],
    options: {
      legend: NO_LEGEND,
      cursor: { drag: { x: false, y: false }, y: false },
      scales: { x: { time: false, range: [0, end] }, y: { distr: 3, range: [low, high] } },
      axes: [
        axisOf(stage, {
          splits: () => places.map(([nines]) => nines),
          values: (u) =>
            places.map(([nines, name]) => (u.bbox.width / devicePixelRatio / end < ROOM && nines > ALWAYS ? '' : name)),
          label: 'percentile',
          ...BELOW,
        }),
        axisOf(stage, {
          splits: () => logarithmicTicks(low, high),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(formatNanoseconds),
          ...LEFT,
        }),
      ],
      series: [{}, ...lines.map(({ contestant }) => lineSeries(stage, contestant))],
      hooks: { draw: [marksOn(stage, lines, plot.nines, marked)] },
    },
    read: (index) => ({
      head: `percentile ${sayPercentile(plot.nines[index]!)}`,
      lines: lines
        .flatMap(({ contestant, values }) => {
          const value = values[index];
          return value == null ? [] : [{ contestant, value }];
        })
        .sort((a, b) => a.value - b.value)
        .map(({ contestant, value }) => ({ contestant, text: formatNanoseconds(value) })),
    }),
  };
};
