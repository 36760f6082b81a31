/** Stages that fail, for the tests of what becomes of that. */
import { defineStage, f64, itemFailure, record, text, u32 } from 'heddle';

interface Failing {
  /** Items that are multiples of it fail. */
  readonly every: number;
  readonly isAsync?: boolean;
}

const isBad = (n: number, every: number): boolean => n % every === every - 1;

/** Emits each item twice, and fails after the first time for some. */
export const Twice = defineStage(import.meta.url, 'Twice', {
  in: u32,
  out: u32,
  init: (_, args: Failing) => ({ ...args, since: 0 }),
  process({ every, isAsync }, n, out) {
    out.emit(n);
    if (isAsync !== true) {
      if (isBad(n, every)) throw new RangeError(`${n} is bad`);
      out.emit(n);
      return undefined;
    }
    return Promise.resolve().then(async () => {
      // Long enough for others to run, and send.
      await new Promise((resolve) => setImmediate(resolve));
      if (isBad(n, every)) throw new RangeError(`${n} is bad`);
      out.emit(n);
    });
  },
});

/** How many items its state has seen. */
export const Since = defineStage(import.meta.url, 'Since', {
  in: u32,
  out: record({ n: u32, since: u32 }),
  init: (_, args: Failing) => ({ ...args, since: 0 }),
  process(state, n, out) {
    state.since++;
    if (isBad(n, state.every)) throw new RangeError(`${n} is bad`);
    out.emit({ n, since: state.since });
  },
});

/** Fails for some, and says so by a port. */
export const Sorting = defineStage(import.meta.url, 'Sorting', {
  in: u32,
  out: { good: u32, bad: itemFailure, other: u32 },
  init: (_, args: Failing) => args,
  process({ every }, n, out) {
    out.good.emit(n);
    if (isBad(n, every)) throw new RangeError(`${n} is bad`);
  },
});

/** Succeeds at the third attempt, and says when each was. */
export const Third = defineStage(import.meta.url, 'Third', {
  in: u32,
  out: record({ n: u32, attempts: u32, tookMs: f64 }),
  init: (_, isAsync: boolean) => ({ isAsync, beganMs: 0 }),
  process(state, n, out, { attempt }) {
    if (attempt === 0) state.beganMs = performance.now();
    out.emit({ n, attempts: attempt + 1, tookMs: performance.now() - state.beganMs });
    if (attempt >= 2) return undefined;
    const error = new Error('not yet');
    if (state.isAsync) return Promise.reject(error);
    throw error;
  },
});

/** Emits what is not what it has declared, for some. */
export const Wrong = defineStage(import.meta.url, 'Wrong', {
  in: u32,
  out: { good: record({ n: u32, inner: record({ name: text }) }), bad: itemFailure },
  init: (_, args: Failing) => args,
  process({ every }, n, out) {
    const name: unknown = isBad(n, every) ? 17 : String(n);
    out.good.emit({ n, inner: { name: name as string } });
  },
});

/** Fails where it is told to. */
export const FailsAt = defineStage(import.meta.url, 'FailsAt', {
  in: u32,
  out: u32,
  init(_, where: 'init' | 'process' | 'flush' | 'tick') {
    if (where === 'init') throw new RangeError('init is bad');
    return { where, flushes: 0 };
  },
  process({ where }, n, out) {
    if (where === 'process') throw new RangeError('process is bad');
    out.emit(n);
  },
  tick({ where }) {
    if (where === 'tick') throw new RangeError('tick is bad');
  },
  flush(state, out) {
    if (state.where === 'flush' && state.flushes++ < 2) throw new RangeError('flush is bad');
    out.emit(1_000);
  },
});

/** Has no key for some. */
export const Keyless = defineStage(import.meta.url, 'Keyless', {
  in: u32,
  out: u32,
  init: () => ({ count: 0 }),
  key(n) {
    if (n % 10 === 9) throw new RangeError(`${n} has no key`);
    return n % 3;
  },
  process: (_, n, out) => out.emit(n),
});

/** A source that emits some items, then fails; it goes on where it was. */
export const Broken = defineStage(import.meta.url, 'Broken', {
  out: u32,
  init: (_, args: { to: number; every: number }) => ({ ...args, next: 0, failures: 0 }),
  process(state, _, out, stage) {
    if (state.next === state.to) return stage.stop();
    if (isBad(state.next, state.every) && state.failures++ === 0) throw new RangeError(`${state.next} is bad`);
    state.failures = 0;
    return out.emit(state.next++);
  },
});

/** Windows, some of which fail. */
export const Sums = defineStage(import.meta.url, 'Sums', {
  in: u32,
  out: u32,
  window: { count: 4 },
  process(_, items, out) {
    out.emit(items.length);
    if (items.includes(5)) throw new RangeError('a window is bad');
  },
});
