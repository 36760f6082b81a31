/**
 * What heddle wants to reach. A bar with `over` is about the ratio of heddle's figure to another's, round by round; one
 * without is about the figure itself.
 */
export interface Bar {
  readonly figure: string;
  /** Default: `heddle`. */
  readonly system?: string;
  readonly over?: string;
  readonly least?: number;
  readonly most?: number;
}

export const BARS: readonly Bar[] = [
  { figure: 'W1', over: 'by-hand', most: 2 },
  { figure: 'W2', over: 'by-hand', least: 0.35 },
  { figure: 'W2', over: 'postMessage', least: 60 },
  { figure: 'W2', system: 'heddle supervised', over: 'heddle', least: 0.9 },
  { figure: 'W2-mixed', over: 'by-hand', least: 0.18 },
  { figure: 'W3a', over: 'postMessage', least: 12 },
  { figure: 'W3a-fresh', over: 'postMessage', least: 6 },
  { figure: 'W3b', over: 'by-hand', least: 2.5 },
  { figure: 'W3b-view', over: 'by-hand in place', least: 0.65 },
  { figure: 'W4-c1', over: 'by-hand', most: 3.5 },
  { figure: 'W4-c64', over: 'postMessage', least: 8 },
  { figure: 'W5', most: 0.8 },
  { figure: 'W5-bytes', most: 350 },
  { figure: 'W5-across', most: 2 },
  { figure: 'W6-1t', over: 'plain JavaScript', most: 3.5 },
  { figure: 'W6-1t', system: 'heddle supervised', over: 'heddle', most: 1.1 },
  { figure: 'W6-2t', over: 'by-hand', most: 2.2 },
  { figure: 'W7', over: 'plain JavaScript', least: 0.6 },
  { figure: 'W7', over: 'nact', least: 10 },
  { figure: 'W8', over: 'ceiling', least: 0.87 },
  { figure: 'W9', over: 'by-hand', least: 0.5 },
  { figure: 'W9', over: 'postMessage', least: 2.5 },
  { figure: 'W9', over: 'piscina (sync, 64)', least: 15 },
  { figure: 'W9', over: 'piscina (async, 64)', least: 15 },
  { figure: 'W9', over: 'piscina (disabled, 64)', least: 15 },
  { figure: 'W10-p50', over: 'postMessage', most: 1.5 },
  { figure: 'W10-cpu', over: 'postMessage', most: 1.5 },
  { figure: 'P1', over: 'ceiling', least: 0.87 },
  { figure: 'P1-heap', most: 4_096 },
  { figure: 'P2', least: 20 },
  { figure: 'P3', system: 'heddle ordered', over: 'heddle', least: 0.7 },
  { figure: 'P4', over: 'by-hand unbatched', least: 0.5 },
  { figure: 'P5-p50', most: 3 },
  { figure: 'lossy', over: 'by-hand', least: 0.5 },
  { figure: 'idle', most: 1 },
  { figure: 'start-import', most: 30 },
  { figure: 'start-system', most: 250 },
];
