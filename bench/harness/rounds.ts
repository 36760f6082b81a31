/**
 * Samples contestants so that noise hits all alike: in each round every contestant is measured once, in turn.
 *
 * ```
 *   warm-up    A A A B C C   each for a while, not counted
 *   round 1    A B C
 *   round 2    A B C         ratios are taken within a round
 *   ...
 * ```
 *
 * Only the contestant whose turn it is has anything to do; the threads of the others sleep. One that is measured alone is
 * opened for each sample anew, and nothing of it is there in between.
 */
export interface Sampled<R> {
  readonly sample: () => Promise<R>;
  readonly close: () => Promise<unknown>;
}

export interface Candidate<R> {
  readonly system: string;
  /** Default false. */
  readonly alone?: boolean;
  /** Undefined: it does not take part. */
  readonly open: () => Promise<Sampled<R> | undefined>;
}

export interface Rounds<C> {
  readonly contestants: readonly C[];
  readonly count: number;
  /** Of each contestant that is not measured alone; it is sampled once at least. */
  readonly warmUpMs: number;
  /** Told of each contestant before its turn, warm-ups included. */
  readonly turn?: (contestant: C) => void;
}

/** Says whose measurement it was that went wrong. */
const blame = async <T>({ system }: { readonly system: string }, action: () => Promise<T>): Promise<T> => {
  try {
    return await action();
  } catch (cause) {
    throw new Error(`${system}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
};

const sampleOnce = async <R>(contestant: Candidate<R>): Promise<R | undefined> => {
  const session = await contestant.open();
  if (session === undefined) return undefined;
  try {
    return await session.sample();
  } finally {
    await session.close();
  }
};

/** Samples until the engine has had the time to compile what is hot. */
const warmUp = async <R>({ sample }: Sampled<R>, ms: number): Promise<void> => {
  const until = performance.now() + ms;
  do await sample();
  while (performance.now() < until);
};

/** Yields, round by round, the readings of each contestant that takes part. */
export async function* rounds<R, C extends Candidate<R>>({
  contestants,
  count,
  warmUpMs,
  turn = () => {},
}: Rounds<C & Candidate<R>>): AsyncGenerator<{ readonly contestant: C; readonly readings: R }> {
  const sessions = new Map<C, Sampled<R>>();
  let isOver = false;
  try {
    for (const one of contestants) {
      const session = one.alone ? undefined : await blame(one, one.open);
      if (session !== undefined) sessions.set(one, session);
    }
    for (const [one, session] of sessions) {
      turn(one);
      await blame(one, () => warmUp(session, warmUpMs));
    }
    const taking = contestants.filter((one) => one.alone || sessions.has(one));
    for (let round = 0; round < count; round++) {
      for (const one of taking) {
        turn(one);
        const session = sessions.get(one);
        const readings = await blame(one, session === undefined ? () => sampleOnce(one) : session.sample);
        if (readings !== undefined) yield { contestant: one, readings };
      }
    }
    isOver = true;
  } finally {
    // A sample has failed, or was no good. What goes wrong at the end of that is no news.
    if (!isOver) for (const session of sessions.values()) await session.close().catch(() => undefined);
  }
  for (const [contestant, session] of sessions) await blame(contestant, session.close);
}
