/** Stages for the tests of what becomes of running graphs: of changes, loops, ends and deaths. */
import { defineStage, many, record, text, u32 } from 'heddle';

/** Emits numbers from 0 on until it is stopped. */
export const Endless = defineStage(import.meta.url, 'Endless', {
  out: u32,
  init: () => ({ next: 0 }),
  process: (state, _, out) => out.emit(state.next++),
});

export const Pass = defineStage(import.meta.url, 'Pass', {
  in: u32,
  out: u32,
  process: (_, n, out) => out.emit(n),
});

/** Passes what it gets when the event loop has had a turn. */
export const Slowly = defineStage(import.meta.url, 'Slowly', {
  in: u32,
  out: u32,
  async process(_, n, out) {
    await new Promise((resolve) => setImmediate(resolve));
    out.emit(n);
  },
});

/** Emits nothing, one item or three, at once or later. */
export const Varied = defineStage(import.meta.url, 'Varied', {
  in: u32,
  out: u32,
  process(_, n, out) {
    const times = [0, 1, 3][n % 3]!;
    const emit = (): void => {
      for (let left = times; left > 0; left--) out.emit(n);
    };
    if (n % 2 === 0) emit();
    else return Promise.resolve().then(emit);
    return undefined;
  },
});

/** Of what it is given: what is told of its own life, and a port for each kind. */
export const Custom = defineStage(import.meta.url, 'Custom', {
  in: { numbers: u32, words: text },
  out: { doubled: u32, upper: text, lengths: u32 },
  process: {
    numbers: (_, n, out) => out.doubled.emit(2 * n),
    words(_, word, out) {
      out.upper.emit(word.toUpperCase());
      out.lengths.emit(word.length);
    },
  },
});

/** Emits one number. Each step takes so long that others have their turn next. */
export const OneAndDone = defineStage(import.meta.url, 'OneAndDone', {
  out: u32,
  init: () => ({ isDone: false }),
  process(state, _, out, stage) {
    const since = performance.now();
    while (performance.now() - since < 2) Math.random();
    if (state.isDone) stage.stop();
    else out.emit(27);
    state.isDone = true;
  },
});

/** Leaves the first of its outputs to nobody in particular. */
export const ByThree = defineStage(import.meta.url, 'ByThree', {
  in: u32,
  out: many(u32),
  process: (_, n, out) => out[n % 3]!.emit(n),
});

/** The thread that it lives on, when it has begun. */
export const Where = defineStage(import.meta.url, 'Where', {
  out: record({ name: text, thread: u32 }),
  process(_, __, out, stage) {
    out.emit({ name: stage.name, thread: stage.thread });
    stage.stop();
  },
});

/** Where it is, and where those before it are. */
export const WhereNext = defineStage(import.meta.url, 'WhereNext', {
  in: record({ name: text, thread: u32 }),
  out: record({ name: text, thread: u32 }),
  process: (_, before, out) => out.emit(before),
  flush: (_, out, stage) => out.emit({ name: stage.name, thread: stage.thread }),
});

/** Steps of Collatz's sequence: those that are not done go round. */
export const Collatz = defineStage(import.meta.url, 'Collatz', {
  in: record({ start: u32, now: u32, steps: u32 }),
  out: { again: record({ start: u32, now: u32, steps: u32 }), done: record({ start: u32, steps: u32 }) },
  process(_, { start, now, steps }, out) {
    if (now <= 1) out.done.emit({ start, steps });
    else out.again.emit({ start, now: now % 2 === 0 ? now / 2 : 3 * now + 1, steps: steps + 1 });
  },
});

export const Starts = defineStage(import.meta.url, 'Starts', {
  in: u32,
  out: record({ start: u32, now: u32, steps: u32 }),
  process: (_, n, out) => out.emit({ start: n, now: n, steps: 0 }),
});

/** Takes two attempts for each item, the first of which goes to a queue; ends itself when it has had enough. */
export const Attempts = defineStage(import.meta.url, 'Attempts', {
  in: { fresh: u32, again: u32 },
  out: { done: u32, later: u32 },
  init: (_, enough: number) => ({ left: enough }),
  process: {
    fresh: (_, n, out) => out.later.emit(n),
    again(state, n, out, stage) {
      out.done.emit(n);
      if (--state.left === 0) stage.stop();
    },
  },
});

/** Fails where it is said to: when it begins, or at an item. */
export const Fails = defineStage(import.meta.url, 'Fails', {
  in: u32,
  out: u32,
  init(_, args: { atInit?: boolean; at?: number }) {
    if (args.atInit === true) throw new RangeError('cannot begin');
    return args;
  },
  process({ at }, n, out) {
    if (n === at) throw new RangeError(`cannot do ${n}`);
    out.emit(n);
  },
});

/** Takes its time to begin. */
export const BeginsLate = defineStage(import.meta.url, 'BeginsLate', {
  in: u32,
  out: u32,
  init: async (_, ms: number) => await new Promise<void>((resolve) => setTimeout(resolve, ms)),
  process: (_, n, out) => out.emit(n),
});

/** Never comes back from an item. */
export const Hangs = defineStage(import.meta.url, 'Hangs', {
  in: u32,
  out: u32,
  process: () => new Promise<never>(() => undefined),
});
