/**
 * What the report says to its page: figures whose plots are data, drawn in the browser, and whose tables are text. The
 * page knows nothing of measurements, and what makes figures of them knows nothing of pixels.
 */
import type { Look } from './palette.js';

/** The contestant that the report is about: it has a colour of its own, and the others are held against it. */
export const SUBJECT = 'heddle';

export type Extent = readonly [low: number, high: number];

/** One contestant's course; null where it has no value. */
export interface Line {
  readonly contestant: string;
  readonly values: readonly (number | null)[];
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

/** Latency by percentile. */
export interface PercentilesPlot {
  readonly kind: 'percentiles';
  /** Where along the tail: 0 is the least, 1 the 90th percentile, 2 the 99th, 3 that of 99.9. */
  readonly nines: readonly number[];
  readonly lines: readonly Line[];
  /** Nanoseconds; common to what is to be compared. */
  readonly extent: Extent;
}

/** A figure by threads, pairs or actors. */
export interface SweepPlot {
  readonly kind: 'sweep';
  readonly label: string;
  readonly x: readonly number[];
  readonly logarithmic: boolean;
  readonly lines: readonly Line[];
  readonly unit: string;
}

export interface Bar {
  readonly contestant: string;
  readonly median: number;
  readonly samples: readonly number[];
}

/** The best first. */
export interface BarsPlot {
  readonly kind: 'bars';
  readonly unit: string;
  readonly bars: readonly Bar[];
}

/** What idling costs beside how long a lone message takes. */
export interface CornerPlot {
  readonly kind: 'corner';
  readonly points: readonly {
    readonly contestant: string;
    /** What tells it from others of the same contestant. */
    readonly label: string;
    readonly nanoseconds: number;
    /** Percent of a core. */
    readonly processor: number;
  }[];
}

/** How many times better the subject is than each rival: below 1, the rival is. */
export interface RatiosPlot {
  readonly kind: 'ratios';
  readonly rows: readonly {
    readonly label: string;
    readonly points: readonly { readonly contestant: string; readonly times: number }[];
  }[];
}

export type Plot = PercentilesPlot | SweepPlot | BarsPlot | CornerPlot | RatiosPlot;

/** The first cell of each row is its heading. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Figure {
  readonly title: string;
  /** What is plotted, below the plot. */
  readonly caption: string;
  /** What is to be seen, for who does not see it. */
  readonly description: string;
  readonly plot: Plot;
  readonly table: Table;
}

/** Figures to be looked at together. */
export interface Group {
  readonly title?: string;
  readonly question?: string;
  readonly figures: readonly Figure[];
}

export interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly introduction: string;
  readonly groups: readonly Group[];
}

/** What the page finds in itself. */
export interface PageData {
  readonly looks: readonly Look[];
  readonly plots: readonly Plot[];
}
