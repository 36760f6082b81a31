import {
  type AnyDefinition,
  type AnyRef,
  call,
  defineActor,
  f64,
  i32,
  list,
  type RefOf,
  type Reply,
  record,
  ref,
  u8,
  u32,
} from 'heddle';
import { PATIENCE } from '../harness/patience.js';
import { CREDIT, itemOf, WINDOW } from '../harness/pipeline.js';
import { work } from '../harness/work.js';

/** Adds up results. */
export const Sink = defineActor(import.meta.url, 'Sink', {
  protocol: {
    /** Answers with the sum when so many results are there. */
    expect: call({ items: u32 }, f64),
    result: { value: i32 },
  },
  init: () => ({ missing: 0, sum: 0, done: (_sum: number): void => undefined }),
  on: {
    expect(state, { items }, self) {
      const reply = self.reply<number>();
      state.missing = items;
      state.sum = 0;
      state.done = (sum) => reply.send(sum);
      return reply;
    },
    result(state, { value }) {
      state.sum += value;
      if (--state.missing === 0) state.done(state.sum);
    },
  },
});

type SinkRef = RefOf<typeof Sink>;

/** What a stage knows of the source, which comes later. */
interface Feeder extends AnyRef {
  more(message: { stage: number }): void;
}

interface StageState {
  number: number;
  steps: number;
  source: Feeder | undefined;
  sink: SinkRef | undefined;
  done: number;
}

/** Works on items, and asks for more when it has done some. */
export const Stage = defineActor(import.meta.url, 'Stage', {
  protocol: {
    set: call({ number: u8, steps: u32, source: ref<Feeder>((): AnyDefinition => Source), sink: ref(Sink) }),
    item: { value: i32 },
  },
  init: (): StageState => ({ number: 0, steps: 0, source: undefined, sink: undefined, done: 0 }),
  on: {
    set(state, given) {
      Object.assign(state, given);
    },
    item(state, { value }) {
      state.sink!.result({ value: work(value, state.steps) });
      if (++state.done % CREDIT === 0) state.source!.more({ stage: state.number });
    },
  },
});

type StageRef = RefOf<typeof Stage>;

interface SourceState {
  stages: readonly StageRef[];
  sent: number;
  items: number;
}

const sendSome = (state: SourceState, stage: StageRef, count: number): void => {
  const until = Math.min(state.sent + count, state.items);
  while (state.sent < until) stage.item({ value: itemOf(state.sent++) });
};

export const Source = defineActor(import.meta.url, 'Source', {
  protocol: {
    /** Sends so many items through the stages, and answers with what came out. */
    run: call({ stages: list(ref(Stage)), sink: ref(Sink), items: u32 }, record({ ms: f64, sum: f64 })),
    more: { stage: u8 },
  },
  init: (): SourceState => ({ stages: [], sent: 0, items: 0 }),
  on: {
    run(state, { stages, sink, items }, self) {
      const reply: Reply<{ ms: number; sum: number }> = self.reply();
      const began = performance.now();
      Object.assign(state, { stages, items, sent: 0 });
      sink.expect({ items }, PATIENCE).then(
        (sum) => reply.send({ ms: performance.now() - began, sum }),
        (error: Error) => reply.fail(error),
      );
      for (const stage of stages) sendSome(state, stage, WINDOW);
      return reply;
    },
    more(state, { stage }) {
      sendSome(state, state.stages[stage]!, CREDIT);
    },
  },
});
