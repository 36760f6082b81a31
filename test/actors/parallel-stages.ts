/** Stages that have several instances, or take several items at a time. */
import { defineStage, f64, list, record, u32 } from 'heddle';

const isBad = (n: number): boolean => n % 10 === 9;

/** Some items take long, some fail, some are made nothing of, some many. */
export const Odd = defineStage(import.meta.url, 'Odd', {
  in: u32,
  out: u32,
  async process(_, n, out) {
    for (let waits = n % 7; waits > 0; waits--) await undefined;
    if (n % 31 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (isBad(n)) throw new RangeError(`${n} is bad`);
    for (let copies = n % 4; copies > 0; copies--) out.emit(n);
  },
});

/** Says which instance it is. */
export const Who = defineStage(import.meta.url, 'Who', {
  in: u32,
  out: record({ n: u32, instance: u32 }),
  process: (_, n, out, stage) => out.emit({ n, instance: stage.instance }),
});

/** Blocks its thread for each item, and says since when. */
export const Slow = defineStage(import.meta.url, 'Slow', {
  in: u32,
  out: record({ n: u32, instance: u32, since: f64 }),
  init: (_, ms: number) => ms,
  process(ms, n, out, stage) {
    const since = performance.now();
    while (performance.now() < since + ms) Math.random();
    out.emit({ n, instance: stage.instance, since });
  },
});

/** Counts the items of each key, and how many states it has made. */
export const ByKey = defineStage(import.meta.url, 'ByKey', {
  in: u32,
  out: record({ key: u32, n: u32, nth: u32, instance: u32, total: u32 }),
  init: async (_, keys: number) => ({ keys, count: 0, key: 0 }),
  key: (n) => n % 10,
  process(state, n, out, stage) {
    state.key = n % 10;
    out.emit({ key: state.key, n, nth: state.count++, instance: stage.instance, total: 0 });
  },
  flush(state, out, stage) {
    out.emit({ key: state.key, n: 0, nth: 0, instance: stage.instance, total: state.count });
  },
});

const windowField = record({ items: list(u32), id: f64 });

export const ByCount = defineStage(import.meta.url, 'ByCount', {
  in: u32,
  out: windowField,
  window: { count: 7 },
  process: (_, items, out, stage) => out.emit({ items: [...items], id: stage.id }),
});

export const ByTime = defineStage(import.meta.url, 'ByTime', {
  in: u32,
  out: windowField,
  window: { ms: 20 },
  process: (_, items, out, stage) => out.emit({ items: [...items], id: stage.id }),
});

export const ByBoth = defineStage(import.meta.url, 'ByBoth', {
  in: u32,
  out: windowField,
  window: { count: 3, ms: 40 },
  process: (_, items, out, stage) => out.emit({ items: [...items], id: stage.id }),
});

/** Says at the end how many items it has seen. */
export const Tail = defineStage(import.meta.url, 'Tail', {
  in: u32,
  out: u32,
  init: () => ({ count: 0 }),
  process(state, n, out) {
    state.count++;
    out.emit(n);
  },
  flush: ({ count }, out) => out.emit(1_000_000 + count),
});
