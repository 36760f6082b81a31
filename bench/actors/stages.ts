/** Stages of the pipelines that are measured. */
import { defineStage, f64, i32, record, u32 } from 'heddle';
import { PAYLOADS } from '../harness/payloads.js';
import { itemOf } from '../harness/pipeline.js';
import { work } from '../harness/work.js';

/** What comes out of a pipeline: the sum of all items, and how long they took, from the first to the last. */
const total = record({ sum: f64, ms: f64 });

export const Items = defineStage(import.meta.url, 'Items', {
  out: i32,
  init: (_, count: number) => ({ next: 0, count }),
  process(state, _, out, stage) {
    if (state.next === state.count) stage.stop();
    else out.emit(itemOf(state.next++));
  },
});

export const Work = defineStage(import.meta.url, 'Work', {
  in: i32,
  out: i32,
  init: (_, steps: number) => ({ steps }),
  process: ({ steps }, item, out) => out.emit(work(item, steps)),
});

export const Total = defineStage(import.meta.url, 'Total', {
  in: i32,
  out: total,
  init: () => ({ sum: 0, began: 0 }),
  process(state, item) {
    if (state.began === 0) state.began = performance.now();
    state.sum += item;
  },
  flush: ({ sum, began }, out) => out.emit({ sum, ms: performance.now() - began }),
});

const pair = record({ i: i32, f: f64 });

export const Pairs = defineStage(import.meta.url, 'Pairs', {
  out: pair,
  init: (_, count: number) => ({ next: 0, count, make: PAYLOADS.pair.prepare(count) }),
  process(state, _, out, stage) {
    if (state.next === state.count) stage.stop();
    else out.emit(state.make(state.next++));
  },
});

export const AddOne = defineStage(import.meta.url, 'AddOne', {
  in: pair,
  out: pair,
  process: (_, { i, f }, out) => out.emit({ i, f: f + 1 }),
});

export const PairTotal = defineStage(import.meta.url, 'PairTotal', {
  in: pair,
  out: record({ sum: f64, ms: f64, misplaced: u32 }),
  init: () => ({ ints: 0, floats: 0, began: 0, next: 0, misplaced: 0 }),
  process(state, { i, f }) {
    if (state.began === 0) state.began = performance.now();
    state.ints += i;
    state.floats += f;
    // They are numbered from 0 to 1,023, again and again.
    if (i !== state.next) state.misplaced++;
    state.next = (i + 1) & 1023;
  },
  flush({ ints, floats, began, misplaced }, out) {
    out.emit({ sum: ints + floats, ms: performance.now() - began, misplaced });
  },
});
