/** The counters of a way on one line: rewritten while it runs if that is a terminal, and left there at the end. */
import type { WriteStream } from 'node:tty';
import type { Way } from './way.js';

const REDRAW_MS = 100;
const CLEAR = '\r\x1b[K';

/** What each stage has taken, or emitted if it takes nothing, and how fast; to read that disturbs nobody. */
const describe = ({ name, counters }: Way, seconds: number): string => {
  if (counters === undefined) return `${name} is at work`;
  const { stages, underWay } = counters();
  const moved = Object.entries(stages)
    .map(([stage, { taken, emitted }]) => ({ stage, count: taken || emitted }))
    .filter(({ count }) => count > 0)
    .map(({ stage, count }) => `${stage} ${count} (${Math.round(count / seconds)}/s)`);
  return `${name}: ${[...moved, `${underWay} under way`].join(', ')}`;
};

/** Shows a way at work. Returns what ends that. */
export const showLive = (way: Way, out: Pick<WriteStream, 'isTTY' | 'columns' | 'write'>): (() => void) => {
  const began = performance.now();
  const line = (): string => describe(way, (performance.now() - began) / 1000);
  const draw = (): void => void out.write(`${CLEAR}${line().slice(0, out.columns - 1)}`);
  const timer = out.isTTY ? setInterval(draw, REDRAW_MS) : undefined;
  if (out.isTTY) draw();
  return () => {
    clearInterval(timer);
    const last = way.counters === undefined ? '' : `${line()}\n`;
    out.write(out.isTTY ? CLEAR + last : last);
  };
};
