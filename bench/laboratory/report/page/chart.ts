/** What every kind of plot is to the page, and what they have in common. */
import type uPlot from 'uplot';
import type { Stage } from './stage.js';

/** One line of what a reader is told about a place on a plot. */
export interface Reading {
  readonly contestant: string;
  readonly text: string;
}

/** Ready for uPlot; a plot without `read` says all that it has to say by itself. */
export interface Chart {
  readonly height: number;
  readonly options: Omit<uPlot.Options, 'width' | 'height'>;
  readonly data: uPlot.AlignedData;
  /** The contestant of each series, the first of which is the x axis. */
  readonly contestants?: readonly (string | undefined)[];
  readonly read?: (index: number) => { readonly head: string; readonly lines: readonly Reading[] };
}

export const FONT = '12px system-ui, sans-serif';
export const BOLD = '600 12px system-ui, sans-serif';

/** Of marks that stand for a contestant. */
export const MARK_RADIUS = 5;

export const NO_LEGEND: uPlot.Legend = { show: false };

/** Room for axes, in pixels: below with its label, and to the left. */
export const BELOW: uPlot.Axis = { labelSize: 18, size: 30 };
export const LEFT: uPlot.Axis = { size: 58 };

const TICK_SIZE = 5;

export const axisOf = (stage: Stage, rest: uPlot.Axis): uPlot.Axis => ({
  stroke: () => stage.colour('faint'),
  grid: { stroke: () => stage.colour('grid'), width: 1 },
  ticks: { stroke: () => stage.colour('grid'), width: 1, size: TICK_SIZE },
  font: FONT,
  labelFont: FONT,
  ...rest,
});

/** No selecting, no cursor: for plots that are looked at only. */
export const STILL: uPlot.Cursor = { show: false, drag: { x: false, y: false } };

/** Where things are, in CSS pixels of the canvas. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Of a value on a scale. */
  readonly at: (value: number, scale: string) => number;
}

/** Draws by hand on top of the axes that `u` has drawn. */
export const paint = (u: uPlot, draw: (context: CanvasRenderingContext2D, area: Area) => void): void => {
  const { ctx, bbox } = u;
  const ratio = ctx.canvas.width / u.width;
  const [left, top] = [bbox.left / ratio, bbox.top / ratio];
  ctx.save();
  ctx.scale(ratio, ratio);
  // uPlot leaves the canvas as it needed it last.
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.font = FONT;
  ctx.setLineDash([]);
  ctx.lineWidth = 1;
  draw(ctx, {
    left,
    top,
    right: left + bbox.width / ratio,
    bottom: top + bbox.height / ratio,
    at: (value, scale) => u.valToPos(value, scale, true) / ratio,
  });
  ctx.restore();
};

export const drawMark = (
  context: CanvasRenderingContext2D,
  path: string,
  [x, y]: readonly [number, number],
  radius: number,
): void => {
  context.save();
  context.translate(x, y);
  context.scale(radius, radius);
  context.fill(new Path2D(path));
  context.restore();
};
