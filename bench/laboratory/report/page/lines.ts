/** Contestants as lines: the others under the subject, which is thicker. */
import type uPlot from 'uplot';
import type { Line } from '../figure.js';
import { drawMark, paint } from './chart.js';
import { faded, type Stage } from './stage.js';

const SUBJECT_WIDTH = 3;
const RIVAL_WIDTH = 1.75;
const BAND_ALPHA = 0.16;
const LINE_MARK_RADIUS = 3.8;

const isSubject = (stage: Stage, contestant: string): boolean => stage.look(contestant).slot === 'subject';

/** In the order in which they are drawn. */
export const layered = (stage: Stage, lines: readonly Line[]): Line[] => [
  ...lines.filter(({ contestant }) => !isSubject(stage, contestant)),
  ...lines.filter(({ contestant }) => isSubject(stage, contestant)),
];

export const lineSeries = (stage: Stage, contestant: string): uPlot.Series => ({
  label: contestant,
  stroke: () => stage.colourOf(contestant),
  width: isSubject(stage, contestant) ? SUBJECT_WIDTH : RIVAL_WIDTH,
  dash: [...stage.look(contestant).dash],
  spanGaps: true,
  points: { show: false },
});

/** A bound of a band: it has no line of its own. */
export const boundSeries: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true };

export const bandFill =
  (stage: Stage, contestant: string): (() => string) =>
  () =>
    faded(stage.colourOf(contestant), stage.shows(contestant) ? BAND_ALPHA * stage.alphaOf(contestant) : 0);

/** Puts the mark of each contestant on its line at some of the places: who cannot tell the colours follows the marks. */
export const marksOn =
  (stage: Stage, lines: readonly Line[], x: readonly number[], indices: readonly number[]) =>
  (u: uPlot): void =>
    paint(u, (context, area) => {
      for (const { contestant, values } of lines) {
        if (!stage.shows(contestant)) continue;
        context.fillStyle = stage.colourOf(contestant);
        context.globalAlpha = stage.alphaOf(contestant);
        for (const index of indices) {
          const value = values[index];
          if (value == null) continue;
          const place = [area.at(x[index]!, 'x'), area.at(value, 'y')] as const;
          drawMark(context, stage.look(contestant).mark, place, LINE_MARK_RADIUS);
        }
      }
    });
