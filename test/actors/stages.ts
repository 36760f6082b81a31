/** Stages for the tests of pipelines. */
import { defineStage, f64, i32, many, record, text, u32 } from 'heddle';

/** Emits the numbers from 0 on. */
export const Numbers = defineStage(import.meta.url, 'Numbers', {
  out: u32,
  init: (_, to: number) => ({ next: 0, to }),
  process(state, _, out, stage) {
    if (state.next === state.to) stage.stop();
    else out.emit(state.next++);
  },
  replay(state, from) {
    state.next = from;
  },
});

export const Square = defineStage(import.meta.url, 'Square', {
  in: u32,
  out: f64,
  process: (_, n, out) => out.emit(n * n),
});

export const Passed = defineStage(import.meta.url, 'Passed', {
  in: f64,
  out: f64,
  process: (_, n, out) => out.emit(n),
});

/** Takes its time for some items, so that parallel instances overtake each other. */
export const Uneven = defineStage(import.meta.url, 'Uneven', {
  in: u32,
  out: u32,
  async process(_, n, out) {
    for (let waits = n % 7; waits > 0; waits--) await undefined;
    out.emit(n);
  },
});

export const ByParity = defineStage(import.meta.url, 'ByParity', {
  in: u32,
  out: { even: u32, odd: text },
  process: (_, n, out) => (n % 2 === 0 ? out.even.emit(n) : out.odd.emit(String(n))),
});

export const Lengths = defineStage(import.meta.url, 'Lengths', {
  in: { numbers: u32, texts: text },
  out: u32,
  process: {
    numbers: (_, n, out) => out.emit(n),
    texts: (_, t, out) => out.emit(Number(t)),
  },
});

export const Deal = defineStage(import.meta.url, 'Deal', {
  in: u32,
  out: many(u32),
  process: (_, n, out) => out[n % out.length]!.emit(n),
});

export const Collect = defineStage(import.meta.url, 'Collect', {
  in: many(u32),
  out: record({ input: i32, n: u32 }),
  process: (_, n, out, stage) => out.emit({ input: stage.input, n }),
});
