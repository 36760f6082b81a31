/**
 * A memory for the rings that tells of each access before it happens. A test replaces the real one by it:
 *
 * ```ts
 * vi.mock('../../native-free-queues/memory.js', async (importOriginal) =>
 *   (await import('../support/told-memory.js')).tellOf(await importOriginal()),
 * );
 * ```
 *
 * What the test then imports from the sources of `native-free-queues` is the real ring, on one thread, with a hook in
 * front of each of its accesses.
 */
type RealMemory = typeof import('../../native-free-queues/memory.js');

export type Flavour = Exclude<keyof RealMemory, 'pauseHint'>;

export interface Access {
  readonly flavour: Flavour;
  readonly index: number;
  /** What is stored, or what a sleeper expects to find; 0 for the rest. */
  readonly value: number;
}

export const memory = {
  before: (_access: Access): void => undefined,
  /** What a sleeper sees that finds its word unchanged. */
  sleep: (): 'ok' | 'timed-out' => 'ok',
};

export const forgetHooks = (): void => {
  memory.before = () => undefined;
  memory.sleep = () => 'ok';
};

const told =
  <Rest extends number[], Result>(
    flavour: Flavour,
    act: (words: Int32Array, index: number, ...rest: Rest) => Result,
  ): ((words: Int32Array, index: number, ...rest: Rest) => Result) =>
  (words, index, ...rest) => {
    memory.before({ flavour, index, value: rest[0] ?? 0 });
    return act(words, index, ...rest);
  };

export const tellOf = (real: RealMemory): RealMemory => ({
  ...real,
  loadPlain: told('loadPlain', real.loadPlain),
  storePlain: told('storePlain', real.storePlain),
  loadShared: told('loadShared', real.loadShared),
  publish: told('publish', real.publish),
  exchange: told('exchange', real.exchange),
  compareExchange: told('compareExchange', real.compareExchange),
  wake: told('wake', real.wake),
  waitOn: told('waitOn', (words, index, value: number) =>
    real.loadShared(words, index) === value ? memory.sleep() : 'not-equal',
  ),
  waitOnAsync: told('waitOnAsync', real.waitOnAsync),
});

/** All accesses of `action`, in order. */
export const record = (action: () => void): Access[] => {
  const accesses: Access[] = [];
  memory.before = (access) => accesses.push(access);
  action();
  memory.before = () => undefined;
  return accesses;
};

class Ended extends Error {}

/** Runs `action` until it stands in front of the access that is `last`, for good. Returns whether it ended there. */
export const endAt = (last: (access: Access) => boolean, action: () => void): boolean => {
  memory.before = (access) => {
    if (last(access)) throw new Ended();
  };
  try {
    action();
    return false;
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return true;
  } finally {
    memory.before = () => undefined;
  }
};

/** The access with this number, counted from 0. */
export const numbered = (at: number): (() => boolean) => {
  let count = 0;
  return () => count++ === at;
};
