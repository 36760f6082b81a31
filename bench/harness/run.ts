/**
 * Runs workloads so that noise hits all alike: in each round every contestant is measured once, in turn.
 *
 * ```
 *   warm-up    A B C      not counted
 *   round 1    A B C
 *   round 2    A B C      ratios are taken within a round
 *   ...
 * ```
 *
 * Only the contestant whose turn it is has anything to do; the threads of the others sleep.
 */
import type { Contestant, Effort, Reading, Session, Workload } from './workload.js';

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

/** Says whose measurement it was that went wrong. */
const blame = async <T>(contestant: Contestant, action: () => Promise<T>): Promise<T> => {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`${contestant.system}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
};

const sampleOnce = async (contestant: Contestant): Promise<readonly Reading[]> => {
  const session = await contestant.open();
  try {
    return await session.sample();
  } finally {
    await session.close();
  }
};

/** Yields, round by round, the readings of each contestant. */
async function* rounds(contestants: readonly Contestant[], count: number, alone: boolean) {
  const sessions = new Map<Contestant, Session>();
  try {
    if (!alone) for (const one of contestants) sessions.set(one, await blame(one, one.open));
    for (let round = 0; round < count; round++) {
      for (const one of contestants) {
        const session = sessions.get(one);
        const readings = await blame(one, session === undefined ? () => sampleOnce(one) : session.sample);
        yield { round, contestant: one, readings };
      }
    }
  } finally {
    for (const [contestant, session] of sessions) await blame(contestant, session.close);
  }
}

export const runWorkload = async (
  workload: Workload,
  { effort, rounds: usual, log }: RunOptions,
): Promise<Result[]> => {
  const book = new Book(workload);
  const counted = workload.rounds?.(effort) ?? usual;
  const warmUps = workload.alone ? 0 : 1;
  const contestants = workload.contestants(effort);
  log(`${Object.keys(workload.figures).join(', ')}: ${workload.title} (${counted} rounds of ${contestants.length})`);
  for await (const { round, contestant, readings } of rounds(contestants, counted + warmUps, workload.alone ?? false)) {
    if (round < warmUps) continue;
    for (const reading of readings) book.enter({ system: contestant.system, ...reading });
  }
  return book.results();
};
