/** Runs a workload: all its contestants, in interleaved rounds, and what they yield entered in a book. */
import { rounds } from './rounds.js';
import type { Effort, Reading, Workload } from './workload.js';

/** How long each contestant warms up; the long paths of a runtime are compiled later than the short ones of a rival. */
const WARM_UP_MS = 2_000;
const WARM_UP_QUICK_MS = 200;

export interface Result {
  readonly figure: string;
  readonly system: string;
  readonly unit: string;
  /** By round. */
  readonly samples: readonly number[];
}

export interface RunOptions {
  readonly effort: Effort;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

class Book {
  readonly #workload: Workload;
  readonly #samples = new Map<string, { figure: string; system: string; samples: number[] }>();

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  enter({ figure, system, value }: Required<Reading>): void {
    if (this.#workload.figures[figure] === undefined) throw new Error(`no workload declares the figure ${figure}`);
    if (!Number.isFinite(value)) throw new Error(`${figure}, ${system}: ${value} is no measurement`);
    const key = `${figure}\n${system}`;
    const entry = this.#samples.get(key) ?? { figure, system, samples: [] };
    this.#samples.set(key, entry);
    entry.samples.push(value);
  }

  results(): Result[] {
    const figures = Object.keys(this.#workload.figures);
    return [...this.#samples.values()]
      .map((entry) => ({ ...entry, unit: this.#workload.figures[entry.figure]! }))
      .sort((a, b) => figures.indexOf(a.figure) - figures.indexOf(b.figure));
  }
}

export const runWorkload = async (
  workload: Workload,
  { effort, rounds: usual, log }: RunOptions,
): Promise<Result[]> => {
  const book = new Book(workload);
  const counted = workload.rounds?.(effort) ?? usual;
  const warmUpMs = effort.of(WARM_UP_MS, WARM_UP_QUICK_MS);
  const alone = workload.alone ?? false;
  const contestants = workload.contestants(effort).map((one) => ({ ...one, alone }));
  log(`${Object.keys(workload.figures).join(', ')}: ${workload.title} (${counted} rounds of ${contestants.length})`);
  for await (const { contestant, readings } of rounds({ contestants, count: counted, warmUpMs })) {
    for (const reading of readings) book.enter({ system: contestant.system, ...reading });
  }
  return book.results();
};
