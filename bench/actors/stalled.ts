/** A source that never waits, and a sink that does. */
import { call, defineActor, defineStage, f64, i32, record } from 'heddle';
import { BURST, PAYLOADS } from '../harness/payloads.js';

const pair = record({ i: i32, f: f64 });

/** Emits pairs in bursts, and at the end how many milliseconds that took. */
export const Puts = defineStage(import.meta.url, 'Puts', {
  out: { pairs: pair, ms: f64 },
  init: (_, count: number) => ({ next: 0, count, began: 0, make: PAYLOADS.pair.prepare(count) }),
  process(state, _, { pairs, ms }, stage) {
    const { count, make } = state;
    if (state.next === 0) state.began = performance.now();
    const until = Math.min(state.next + BURST, count);
    for (; state.next < until; state.next++) pairs.emit(make(state.next));
    if (state.next < count) return;
    ms.emit(performance.now() - state.began);
    stage.stop();
  },
});

/** What the sinks of this thread wait for. */
let opened: Promise<void> = Promise.resolve();
let open = (): void => undefined;

/** Takes no item before the gate on its thread is open. */
export const Stalled = defineStage(import.meta.url, 'Stalled', {
  in: pair,
  process: () => opened,
});

/** Stalls the sinks of its thread. */
export const Gate = defineActor(import.meta.url, 'Gate', {
  protocol: { shut: call({}), open: call({}) },
  init: () => undefined,
  on: {
    shut() {
      opened = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
  },
});
