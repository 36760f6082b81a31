/**
 * What the benchmark is made of. A *workload* is one question. *Contestants* are the systems that answer it; each is
 * opened, sampled many times and closed. A sample is one complete, checked measurement; it yields *readings*.
 */

/** One figure of one sample. */
export interface Reading {
  /** Under which name it is reported: the name of the workload, or of one of its further figures. */
  readonly figure: string;
  readonly value: number;
  /** Whose it is, if not that of the contestant. */
  readonly system?: string;
}

export type Sample = () => Promise<readonly Reading[]>;

export interface Session {
  readonly sample: Sample;
  readonly close: () => Promise<unknown>;
}

export interface Contestant {
  readonly system: string;
  readonly open: () => Promise<Session>;
}

/** How much is done: all of it, or just enough to see that everything works. */
export interface Effort {
  readonly quick: boolean;
  readonly of: (full: number, quick: number) => number;
}

export interface Workload {
  /** What is measured, in a line. */
  readonly title: string;
  /** The figures that its samples yield, with their units. */
  readonly figures: Readonly<Record<string, string>>;
  readonly contestants: (effort: Effort) => readonly Contestant[];
  /** How many samples of each contestant count, if not as many as of the others. */
  readonly rounds?: (effort: Effort) => number;
  /** Opens a contestant for each sample alone, so that nothing but it exists meanwhile. Default false. */
  readonly alone?: boolean;
}

export const effort = (quick: boolean): Effort => ({ quick, of: (full, small) => (quick ? small : full) });
