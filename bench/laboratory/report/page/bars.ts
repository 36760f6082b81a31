/** Contestants as bars from zero, the best on top, with a dot for each round. Names and figures stand above their bars. */
import type { BarsPlot } from '../figure.js';
import { formatNumber, formatQuantity } from '../units.js';
import { axisOf, BOLD, type Chart, FONT, NO_LEGEND, paint, STILL } from './chart.js';
import { faded, type Stage } from './stage.js';

const ROW_HEIGHT = 42;
const AXIS_HEIGHT = 34;
const TEXT_DOWN = 15;
const BAR_DOWN = 21;
const BAR_HEIGHT = 13;
const BAR_LEAST = 2;
const BAR_RADIUS = 3;
const DOT_RADIUS = 2.2;
const HEADROOM = 1.04;
const GAP = 8;
const TRACK_ALPHA = 0.55;
/** A bar that nobody looks at now. */
const HIDDEN_ALPHA = 0.08;

export const barsChart = (plot: BarsPlot, stage: Stage): Chart => {
  const { bars, unit } = plot;
  const longest = Math.max(...bars.flatMap(({ samples }) => samples)) * HEADROOM || 1;
  return {
    height: bars.length * ROW_HEIGHT + AXIS_HEIGHT,
    data: [
      [0, longest],
      [null, null],
    ],
    options: {
      legend: NO_LEGEND,
      cursor: STILL,
      padding: [0, 12, 0, 4],
      scales: { x: { time: false, range: [0, longest] }, y: { range: [bars.length, 0], dir: 1 } },
      axes: [
        axisOf(stage, {
          size: AXIS_HEIGHT - 6,
          values: (_, splits) =>
            splits.map((value) => (unit === 'ns' ? formatQuantity(value, unit) : formatNumber(value))),
        }),
        { show: false },
      ],
      series: [{}, { points: { show: false } }],
      hooks: {
        draw: [
          (u) =>
            paint(u, (context, area) => {
              for (const [index, { contestant, median, samples }] of bars.entries()) {
                const top = area.top + index * ROW_HEIGHT;
                const colour = stage.colourOf(contestant);
                context.globalAlpha = stage.shows(contestant) ? stage.alphaOf(contestant) : HIDDEN_ALPHA;

                context.font = FONT;
                context.fillStyle = stage.colour('ink');
                context.fillText(contestant, area.left, top + TEXT_DOWN);
                const end = area.left + context.measureText(contestant).width + GAP;
                context.font = BOLD;
                const figure = formatQuantity(median, unit);
                // The unit is below the plot too.
                const fits = end + context.measureText(figure).width <= area.right;
                context.fillText(fits ? figure : formatNumber(median), end, top + TEXT_DOWN);

                const width = Math.max(area.at(median, 'x') - area.left, BAR_LEAST);
                context.fillStyle = stage.look(contestant).slot === 'subject' ? colour : faded(colour, TRACK_ALPHA);
                context.beginPath();
                context.roundRect(area.left, top + BAR_DOWN, width, BAR_HEIGHT, [0, BAR_RADIUS, BAR_RADIUS, 0]);
                context.fill();

                context.fillStyle = stage.colour('ink');
                for (const sample of samples) {
                  context.beginPath();
                  context.arc(area.at(sample, 'x'), top + BAR_DOWN + BAR_HEIGHT / 2, DOT_RADIUS, 0, 2 * Math.PI);
                  context.fill();
                }
              }
            }),
        ],
      },
    },
  };
};
