/**
 * An external event on its way through a pipeline. Whoever notifies the source and the sink live on one thread, where
 * both find the course of the events here, and look at the same clock.
 */
import { call, defineActor, defineStage, f64, type RefOf, type Reply, record, ref, StageNotifier, u32 } from 'heddle';
import { quantile } from '../harness/statistics.js';

const MICROS_PER_MS = 1e3;
const MEDIAN = 0.5;
const P99 = 0.99;

const figures = record({ p50Micros: f64, p99Micros: f64, ms: f64 });

interface Course {
  readonly source: RefOf<typeof StageNotifier>;
  readonly latencies: Float64Array;
  readonly reply: Reply<{ p50Micros: number; p99Micros: number; ms: number }>;
  readonly began: number;
  /** When the last event was told. */
  told: number;
  arrived: number;
}

let course: Course;

const tell = (): void => {
  course.told = performance.now();
  course.source.notify();
};

const arrive = (item: number): void => {
  const now = performance.now();
  const { latencies, reply, told, began } = course;
  if (item !== course.arrived) throw new Error(`item ${item} has come instead of ${course.arrived}`);
  latencies[course.arrived++] = (now - told) * MICROS_PER_MS;
  if (course.arrived < latencies.length) tell();
  else reply.send({ p50Micros: quantile(latencies, MEDIAN), p99Micros: quantile(latencies, P99), ms: now - began });
};

/** Tells a source of one event after the other, each when the one before has reached the sink. */
export const Teller = defineActor(import.meta.url, 'Teller', {
  protocol: { tell: call({ source: ref(StageNotifier), count: u32 }, figures) },
  init: () => undefined,
  on: {
    tell(_, { source, count }, self) {
      const reply: Course['reply'] = self.reply();
      course = { source, latencies: new Float64Array(count), reply, began: performance.now(), told: 0, arrived: 0 };
      tell();
      return reply;
    },
  },
});

/** Emits a number for each event. */
export const Events = defineStage(import.meta.url, 'Events', {
  out: u32,
  init: () => ({ next: 0 }),
  process(state, { count }, out) {
    for (let event = 0; event < count; event++) out.emit(state.next++);
  },
});

export const Relay = defineStage(import.meta.url, 'Relay', {
  in: u32,
  out: u32,
  process: (_, item, out) => out.emit(item),
});

export const Arrivals = defineStage(import.meta.url, 'Arrivals', {
  in: u32,
  process: (_, item) => arrive(item),
});
