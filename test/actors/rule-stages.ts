/** Stages that run by a rule, and an actor that notifies one, for the tests of when stages run. */
import { defineActor, defineStage, f64, oneOf, record, ref, StageNotifier, u32 } from 'heddle';

export const tickField = record({
  cause: oneOf('loop', 'periodic', 'event'),
  count: u32,
  missed: u32,
  /** From before the stage began. */
  sinceMs: f64,
});

/** Blocks its thread. */
const spin = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until) Math.random();
};

interface TickerArgs {
  /** It stops after so many ticks, missed ones included. */
  readonly to: number;
  /** At this run it blocks its thread for so long. */
  readonly blockAt?: number;
  readonly blockMs?: number;
}

/** Emits what makes it run, and when that was. */
export const Ticks = defineStage(import.meta.url, 'Ticks', {
  out: tickField,
  init: (_, args: TickerArgs) => ({ ...args, runs: 0, seen: 0, beganMs: performance.now() }),
  process(state, tick, out, stage) {
    state.seen += tick.count;
    out.emit({ ...tick, sinceMs: performance.now() - state.beganMs });
    if (state.runs++ === state.blockAt) spin(state.blockMs ?? 0);
    if (state.seen >= state.to) stage.stop();
  },
});

/** Says what made it run. */
export const Held = defineStage(import.meta.url, 'Held', {
  in: u32,
  out: record({ kind: oneOf('tick', 'item'), n: u32 }),
  process: (_, n, out) => out.emit({ kind: 'item', n }),
  tick(_, { count }, out) {
    out.emit({ kind: 'tick', n: count });
  },
});

/** Passes so many items on, then stops. */
export const Only = defineStage(import.meta.url, 'Only', {
  in: u32,
  out: u32,
  init: (_, count: number) => ({ left: count }),
  process(state, n, out, stage) {
    out.emit(n);
    if (--state.left === 0) stage.stop();
  },
});

/** Does not return for some time. */
export const Blocking = defineStage(import.meta.url, 'Blocking', {
  in: u32,
  init: (_, ms: number) => ms,
  process: (ms) => spin(ms),
  budgetMs: 60_000,
});

/** The same, with a budget that it exceeds. */
export const OverBudget = defineStage(import.meta.url, 'OverBudget', {
  in: u32,
  process: () => spin(60_000),
  budgetMs: 200,
});

/** Notifies whoever it is given. */
export const Bell = defineActor(import.meta.url, 'Bell', {
  protocol: { ring: { who: ref(StageNotifier), times: u32 } },
  init: () => undefined,
  on: {
    ring(_, { who, times }) {
      for (let n = 0; n < times; n++) who.notify();
    },
  },
});
