/**
 * The probe of a thread: an actor that sends, again and again, a message to the probe of every thread, its own included, and
 * measures how long those that it gets have been on the way. They take the way that all messages take, so what delays those
 * delays them: a full ring, a handler that takes its time, a thread that has to be woken. The message path itself knows nothing
 * of it.
 *
 * A thread that is busy for 100 ms owes the probes of these 100 ms; each is timed from when it was due, and so is late by as much
 * as any message that was to be sent then. (Gil Tene calls it coordinated
 * omission if they are left out.)
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Cell } from '../actor/cell.js';
import { defineActor, type RefOf } from '../actor/definition.js';
import { type AnyRef, REF, refKey } from '../actor/ref.js';
import { selfRef } from '../actor/ref-fields.js';
import type { Timer } from '../actor/self.js';
import type { Clock } from '../base/clock.js';
import { bool, f64, list, record, u32, type ValueOf } from '../messages/fields.js';
import { call } from '../messages/protocol.js';
import type { Core } from '../runtime/core.js';

/** Other threads import this file, too. A bundle of CommonJS modules does not say where it is; no thread starts there. */
const HERE = URL.canParse(import.meta.url) ? import.meta.url : 'file:///heddle/probe';

const NANOS_PER_MS = 1e6;
const NANOS_PER_MICRO = 1e3;
/** Delays are kept with two significant digits, up to a minute: some 30 KiB for each pair of threads. */
const HIGHEST_NANOS = 60e9;
const FIGURES = 2;
/** Probes that are sent late at a time, for those that a busy thread owes. */
const LATE_MAX = 1_000;

/** How long the probes of a thread were on the way here, in microseconds. */
const delay = record({ from: u32, count: f64, p50: f64, p90: f64, p99: f64, p999: f64, max: f64 });

interface State {
  readonly clock: Clock;
  /** By thread; probes of threads that nobody has met are of a former life. */
  readonly from: (RecordableHistogram | undefined)[];
  peers: readonly AnyRef[];
  /** Probes to each thread, since its probe was met first; probes from each. */
  readonly sent: number[];
  readonly arrived: number[];
  /** Probes to each thread for which there was no room. */
  readonly refused: number[];
  ticks: Timer | undefined;
  everyMs: number;
  dueMs: number;
}

const histogram = (): RecordableHistogram => createHistogram({ lowest: 1, highest: HIGHEST_NANOS, figures: FIGURES });

const countOne = (counts: number[], thread: number): void => {
  counts[thread] = (counts[thread] ?? 0) + 1;
};

/** Without holes. */
const whole = (counts: readonly number[]): number[] => Array.from(counts, (count = 0) => count);

const sendAll = (state: State, from: number, dueMs: number): void => {
  for (const peer of state.peers) {
    const to = peer[REF].thread;
    try {
      (peer as RefOf<typeof Probe>).probe({ from, dueMs });
      countOne(state.sent, to);
    } catch {
      // No room on the way, or the thread has died; whoever observes hears of that by itself.
      countOne(state.refused, to);
    }
  }
};

const summary = (from: number, of: RecordableHistogram): ValueOf<typeof delay> => {
  const { count } = of;
  const micros = (percentile: number): number => (count === 0 ? 0 : of.percentile(percentile) / NANOS_PER_MICRO);
  return {
    from,
    count,
    p50: micros(50),
    p90: micros(90),
    p99: micros(99),
    p999: micros(99.9),
    max: micros(100),
  };
};

export const Probe = defineActor(HERE, 'Probe', {
  protocol: {
    /** The probes of all threads, in their order. */
    meet: { probes: list(selfRef), everyMs: f64 },
    tick: {},
    probe: { from: u32, dueMs: f64 },
    /** What came here, and by thread how many probes found no room on the way there. */
    read: call({ reset: bool }, { delays: list(delay), refused: list(f64) }),
    /** Sends no more. Answers, by thread, how many probes it has sent there, and how many have come from there. */
    cease: call({}, { sent: list(f64), arrived: list(f64) }),
  },
  init: (self): State => ({
    clock: ((self as unknown as Cell).behavior.kernel as Core).clock,
    from: [],
    peers: [],
    sent: [],
    arrived: [],
    refused: [],
    ticks: undefined,
    everyMs: 0,
    dueMs: 0,
  }),
  on: {
    meet(state, { probes, everyMs }, self) {
      if (state.ticks === undefined) {
        state.dueMs = state.clock.now() + everyMs;
        state.ticks = self.every(everyMs, 'tick');
      }
      state.everyMs = everyMs;
      // A thread that has a new probe has the counts of a former one.
      const known = new Set(state.peers.map(refKey));
      for (const probe of probes) if (!known.has(refKey(probe))) state.sent[probe[REF].thread] = 0;
      state.peers = probes;
    },
    tick(state, _message, self) {
      const now = state.clock.now();
      const { everyMs } = state;
      // What it owes beyond these would only be more of the same.
      let due = Math.max(state.dueMs, now - LATE_MAX * everyMs);
      for (; due + everyMs <= now; due += everyMs) sendAll(state, self.thread, due);
      // Within a period it is only the timer that is late, which fires in whole milliseconds.
      if (due <= now) {
        sendAll(state, self.thread, now);
        due += everyMs;
      }
      state.dueMs = due;
    },
    probe(state, { from, dueMs }) {
      const nanos = Math.round((state.clock.now() - dueMs) * NANOS_PER_MS);
      countOne(state.arrived, from);
      state.from[from] ??= histogram();
      state.from[from].record(Math.min(HIGHEST_NANOS, Math.max(1, nanos)));
    },
    read(state, { reset }) {
      const delays = state.from.flatMap((of, from) => (of === undefined ? [] : [summary(from, of)]));
      const refused = whole(state.refused);
      if (reset) {
        for (const of of state.from) of?.reset();
        state.refused.length = 0;
      }
      return { delays, refused };
    },
    cease(state) {
      state.ticks?.cancel();
      state.peers = [];
      return { sent: whole(state.sent), arrived: whole(state.arrived) };
    },
  },
});
