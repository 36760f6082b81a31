/** How many times better the subject is than each rival: a row for each question, a mark for each rival. */
import { type RatiosPlot, SUBJECT } from '../figure.js';
import { formatTimes } from '../units.js';
import { axisOf, type Chart, drawMark, MARK_RADIUS, NO_LEGEND, paint, STILL } from './chart.js';
import { logarithmicTicks, roundedOutwards } from './scales.js';
import { faded, type Stage } from './stage.js';

const ROW_HEIGHT = 38;
const HEAD_HEIGHT = 24;
const AXIS_HEIGHT = 34;
const TEXT_DOWN = 12;
const MARK_DOWN = 25;
const LINE_WIDTH = 2.5;
const WORSE_ALPHA = 0.07;
const GAP = 8;
/** Both sides of the line are seen, whoever is better. */
const SPAN_LEAST = 1.25;

export const ratiosChart = (plot: RatiosPlot, stage: Stage): Chart => {
  const { rows } = plot;
  const all = rows.flatMap(({ points }) => points.map(({ times }) => times));
  const [low, high] = roundedOutwards(Math.min(1 / SPAN_LEAST, ...all), Math.max(SPAN_LEAST, ...all));
  return {
    height: rows.length * ROW_HEIGHT + HEAD_HEIGHT + AXIS_HEIGHT,
    data: [
      [low, high],
      [null, null],
    ],
    options: {
      legend: NO_LEGEND,
      cursor: STILL,
      padding: [HEAD_HEIGHT, 20, 0, 12],
      scales: { x: { time: false, distr: 3, range: [low, high] }, y: { range: [0, 1] } },
      axes: [
        axisOf(stage, {
          splits: () => logarithmicTicks(low, high),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(formatTimes),
          size: AXIS_HEIGHT - 6,
        }),
        { show: false },
      ],
      series: [{}, { points: { show: false } }],
      hooks: {
        draw: [
          (u) =>
            paint(u, (context, area) => {
              const even = area.at(1, 'x');
              const subject = stage.colour('slot-subject');
              context.fillStyle = faded(stage.colour('ink'), WORSE_ALPHA);
              context.fillRect(area.left, area.top, even - area.left, area.bottom - area.top);
              context.fillStyle = subject;
              context.fillRect(even - LINE_WIDTH / 2, area.top, LINE_WIDTH, area.bottom - area.top);
              context.fillText(`${SUBJECT} is better →`, even + GAP, area.top - GAP);
              context.fillStyle = stage.colour('faint');
              context.textAlign = 'right';
              const worse = '← the rival';
              if (context.measureText(worse).width + GAP < even) context.fillText(worse, even - GAP, area.top - GAP);

              for (const [index, { label, points }] of rows.entries()) {
                const top = area.top + index * ROW_HEIGHT;
                context.globalAlpha = 1;
                context.textAlign = 'left';
                context.fillStyle = stage.colour('faint');
                context.fillText(label, area.left + GAP / 2, top + TEXT_DOWN);
                context.fillStyle = stage.colour('grid');
                context.fillRect(area.left, top + MARK_DOWN, area.right - area.left, 1);
                for (const { contestant, times } of points) {
                  if (!stage.shows(contestant)) continue;
                  context.globalAlpha = stage.alphaOf(contestant);
                  context.fillStyle = stage.colourOf(contestant);
                  drawMark(context, stage.look(contestant).mark, [area.at(times, 'x'), top + MARK_DOWN], MARK_RADIUS);
                }
              }
            }),
        ],
      },
    },
  };
};
