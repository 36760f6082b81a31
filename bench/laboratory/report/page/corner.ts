/** Idle processor time over the time of a lone message. The corner that everybody wants is lower left. */
import type { CornerPlot } from '../figure.js';
import { formatNanoseconds, formatNumber } from '../units.js';
import { axisOf, BELOW, type Chart, drawMark, LEFT, MARK_RADIUS, NO_LEGEND, paint, STILL } from './chart.js';
import { type Box, placeLabel } from './labels.js';
import { logarithmicTicks, roundedOutwards } from './scales.js';
import { faded, type Stage } from './stage.js';

const HEIGHT = 380;
const LABEL_HEIGHT = 16;
/** How much of the width the corner takes, and how much of a core one may use who is said to sleep. */
const CORNER_WIDTH = 0.34;
const ASLEEP_PERCENT = 10;
const CORNER_ALPHA = 0.16;
const HEADROOM = 1.12;
/** A whole core: with less on the axis, a little would look like much. */
const PROCESSOR_LEAST = 100;
/** Points that cost nothing stand on the axis, and are whole. */
const BELOW_ZERO = 0.03;
const TEXT_INSET = 8;
/** A factor, around the shortest and the longest time. */
const MARGIN = 1.25;
const LEADER_ALPHA = 0.4;

export const cornerChart = (plot: CornerPlot, stage: Stage): Chart => {
  const { points } = plot;
  const times = points.map(({ nanoseconds }) => nanoseconds);
  const [low, high] = roundedOutwards(Math.min(...times) / MARGIN, Math.max(...times) * MARGIN);
  const most = Math.max(PROCESSOR_LEAST, ...points.map(({ processor }) => processor)) * HEADROOM;
  return {
    height: HEIGHT,
    data: [
      [low, high],
      [null, null],
    ],
    options: {
      legend: NO_LEGEND,
      cursor: STILL,
      scales: { x: { time: false, distr: 3, range: [low, high] }, y: { range: [-most * BELOW_ZERO, most] } },
      axes: [
        axisOf(stage, {
          splits: () => logarithmicTicks(low, high),
          filter: (_, splits) => splits,
          values: (_, splits) => splits.map(formatNanoseconds),
          label: 'a lone message',
          ...BELOW,
        }),
        axisOf(stage, { values: (_, splits) => splits.map((value) => `${formatNumber(value)} %`), ...LEFT }),
      ],
      series: [{}, { points: { show: false } }],
      hooks: {
        draw: [
          (u) =>
            paint(u, (context, area) => {
              const bounds = {
                x: area.left,
                y: area.top,
                width: area.right - area.left,
                height: area.bottom - area.top,
              };
              const width = bounds.width * CORNER_WIDTH;
              const height = Math.max(area.bottom - area.at(ASLEEP_PERCENT, 'y'), 2 * LABEL_HEIGHT);
              const taken: Box[] = [];

              context.fillStyle = faded(stage.colour('best'), CORNER_ALPHA);
              context.fillRect(area.left, area.bottom - height, width, height);
              context.fillStyle = stage.colour('best');
              context.fillText('asleep and quick', area.left + TEXT_INSET, area.bottom - height + LABEL_HEIGHT);
              taken.push({ x: area.left, y: area.bottom - height, width, height: LABEL_HEIGHT + TEXT_INSET });

              const seen = points
                .filter(({ contestant }) => stage.shows(contestant))
                .map((point) => ({ ...point, x: area.at(point.nanoseconds, 'x'), y: area.at(point.processor, 'y') }));
              for (const { x, y } of seen) {
                const side = 2 * MARK_RADIUS;
                taken.push({ x: x - MARK_RADIUS, y: y - MARK_RADIUS, width: side, height: side });
              }
              for (const { contestant, label, x, y } of seen) {
                context.globalAlpha = stage.alphaOf(contestant);
                context.fillStyle = stage.colourOf(contestant);
                drawMark(context, stage.look(contestant).mark, [x, y], MARK_RADIUS);
                const text = label === '' ? contestant : `${contestant}, ${label}`;
                const size = { width: context.measureText(text).width, height: LABEL_HEIGHT };
                const place = placeLabel([x, y], size, bounds, taken);
                if (place === undefined) continue;
                context.textBaseline = 'middle';
                context.fillText(text, place.x, place.y + LABEL_HEIGHT / 2);
                if (place.y + 2 * LABEL_HEIGHT < y) {
                  context.strokeStyle = faded(stage.colourOf(contestant), LEADER_ALPHA);
                  context.beginPath();
                  context.moveTo(x, y - MARK_RADIUS);
                  context.lineTo(Math.min(Math.max(x, place.x), place.x + size.width), place.y + LABEL_HEIGHT);
                  context.stroke();
                }
              }
            }),
        ],
      },
    },
  };
};
