/**
 * Runs workloads so that noise hits all alike: in each round every contestant is measured once, in turn.
 *
 * ```
 *   warm-up    A A A B C C   each for a while, not counted
 *   round 1    A B C
 *   round 2    A B C         ratios are taken within a round
 *   ...
 * ```
 *
 * Only the contestant whose turn it is has anything to do; the threads of the others sleep.
 */
import type { Contestant, Effort, Reading, Session, Workload } from './workload.js';

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

/** Samples until the engine has had the time to compile what is hot. */
const warmUp = async ({ sample }: Session, ms: number): Promise<void> => {
  const until = performance.now() + ms;
  do await sample();
  while (performance.now() < until);
};

interface Rounds {
  readonly contestants: readonly Contestant[];
  readonly count: number;
  /** Of each contestant; undefined: each sample is opened alone, and cold. */
  readonly warmUpMs: number | undefined;
}

/** Yields, round by round, the readings of each contestant. */
async function* rounds({ contestants, count, warmUpMs }: Rounds) {
  const sessions = new Map<Contestant, Session>();
  try {
    if (warmUpMs !== undefined) {
      for (const one of contestants) sessions.set(one, await blame(one, one.open));
      for (const [one, session] of sessions) await blame(one, () => warmUp(session, warmUpMs));
    }
    for (let round = 0; round < count; round++) {
      for (const one of contestants) {
        const session = sessions.get(one);
        const readings = await blame(one, session === undefined ? () => sampleOnce(one) : session.sample);
        yield { contestant: one, readings };
      }
    }
  } catch (error) {
    // What goes wrong at the end of something that has failed is no news.
    for (const session of sessions.values()) await session.close().catch(() => undefined);
    throw error;
  }
  for (const [contestant, session] of sessions) await blame(contestant, session.close);
}

export const runWorkload = async (
  workload: Workload,
  { effort, rounds: usual, log }: RunOptions,
): Promise<Result[]> => {
  const book = new Book(workload);
  const counted = workload.rounds?.(effort) ?? usual;
  const warmUpMs = workload.alone ? undefined : effort.of(WARM_UP_MS, WARM_UP_QUICK_MS);
  const contestants = workload.contestants(effort);
  log(`${Object.keys(workload.figures).join(', ')}: ${workload.title} (${counted} rounds of ${contestants.length})`);
  for await (const { contestant, readings } of rounds({ contestants, count: counted, warmUpMs })) {
    for (const reading of readings) book.enter({ system: contestant.system, ...reading });
  }
  return book.results();
};
