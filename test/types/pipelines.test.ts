/** What TypeScript makes of stages and graphs. `npm run check` is what fails here; at run time there is little to see. */
import {
  defineStage,
  f64,
  type InPort,
  type Job,
  many,
  type Node,
  type OutPort,
  pipeline,
  record,
  type StageDefinition,
  type System,
  text,
  u32,
} from 'heddle';
import { describe, expectTypeOf, it } from 'vitest';
import { Collect, Deal, Lengths, Numbers, Square } from '../actors/stages.js';

const here = import.meta.url;

/** For code that is only to be type checked. */
const checkOnly = (_code: (system: System) => unknown): void => undefined;

const point = record({ x: f64, name: text });
interface Point {
  x: number;
  name: string;
}

const Single = defineStage(here, 'Single', {
  in: point,
  out: text,
  init: (stage, args: { readonly prefix: string }) => {
    expectTypeOf(stage.thread).toEqualTypeOf<number>();
    return { prefix: args.prefix, count: 0 };
  },
  process(state, item, out) {
    expectTypeOf(state).toEqualTypeOf<{ prefix: string; count: number }>();
    expectTypeOf(item).toEqualTypeOf<Point>();
    expectTypeOf(out.emit).parameters.toEqualTypeOf<[string]>();
    // @ts-expect-error it emits texts
    checkOnly(() => out.emit(5));
  },
  flush: (state, out) => out.emit(`${state.prefix}${state.count}`),
});

const Windowed = defineStage(here, 'Windowed', {
  in: u32,
  out: f64,
  window: { count: 10 },
  process: (_, items) => expectTypeOf(items).toEqualTypeOf<readonly number[]>(),
});

const Keyed = defineStage(here, 'Keyed', {
  in: point,
  key: (item) => {
    expectTypeOf(item).toEqualTypeOf<Point>();
    return item.name;
  },
  init: () => ({ sum: 0 }),
  process(state, item, out) {
    expectTypeOf(out).toEqualTypeOf<Readonly<Record<never, never>>>();
    state.sum += item.x;
  },
});

const Named = defineStage(here, 'Named', {
  in: { numbers: u32, words: text },
  out: { points: point, rest: many(u32).field },
  process: {
    numbers(_, item, out) {
      expectTypeOf(item).toEqualTypeOf<number>();
      expectTypeOf(out.points.emit).parameters.toEqualTypeOf<[Point]>();
      // @ts-expect-error there is no such output
      checkOnly(() => out.others.emit(1));
    },
    words: (_, item) => expectTypeOf(item).toEqualTypeOf<string>(),
  },
});

const Many = defineStage(here, 'Many', {
  in: many(text),
  out: many(u32),
  process(_, item, out, stage) {
    expectTypeOf(item).toEqualTypeOf<string>();
    expectTypeOf(stage.input).toEqualTypeOf<number>();
    expectTypeOf(out[0]!.emit).parameters.toEqualTypeOf<[number]>();
  },
});

describe('a definition', () => {
  it('has the types of its ports and arguments', () => {
    expectTypeOf(Numbers).toEqualTypeOf<StageDefinition<undefined, typeof u32, number>>();
    expectTypeOf(Square).toEqualTypeOf<StageDefinition<typeof u32, typeof f64, void>>();
    expectTypeOf(Keyed).toEqualTypeOf<StageDefinition<typeof point, undefined, void>>();
  });

  it('is refused if its parts do not belong together', () => {
    checkOnly(() => {
      // @ts-expect-error a port without a function
      defineStage(here, 'A', { in: { a: u32, b: text }, process: { a: () => undefined } });
      // @ts-expect-error what replays is a source
      defineStage(here, 'B', { in: u32, process: () => undefined, replay: () => undefined });
      // @ts-expect-error a source has no window
      defineStage(here, 'C', { out: u32, process: () => undefined, window: { count: 2 } });
      // @ts-expect-error a port is a field
      defineStage(here, 'D', { in: 'u32', process: () => undefined });
    });
  });
});

describe('a graph', () => {
  const flow = pipeline('types');

  it('asks for arguments where a stage takes some', () => {
    checkOnly(() => {
      flow.stage(Numbers, 5);
      flow.stage(Square);
      flow.stage(Square, undefined, { parallel: 2 });
      // @ts-expect-error how many
      flow.stage(Numbers);
      // @ts-expect-error not a number
      flow.stage(Numbers, 'five');
      // @ts-expect-error it takes none
      flow.stage(Square, 5);
      // @ts-expect-error no such option
      flow.stage(Square, undefined, { threads: 2 });
    });
  });

  it('has ports of the types that stages declare', () => {
    checkOnly(() => {
      expectTypeOf(flow.stage(Square)).toEqualTypeOf<Node<typeof u32, typeof f64>>();
      expectTypeOf(flow.stage(Square).in).toEqualTypeOf<InPort<number>>();
      expectTypeOf(flow.stage(Single, { prefix: 'a' }).out).toEqualTypeOf<OutPort<string>>();
      expectTypeOf(flow.stage(Named).in.words).toEqualTypeOf<InPort<string>>();
      expectTypeOf(flow.stage(Named).out.points).toEqualTypeOf<OutPort<Point>>();
      expectTypeOf(flow.stage(Many).out).toEqualTypeOf<readonly OutPort<number>[]>();
      expectTypeOf(flow.stage(Numbers, 1).in).toEqualTypeOf<undefined>();
      expectTypeOf(flow.stage(Keyed).out).toEqualTypeOf<undefined>();
    });
  });

  it('links what fits, and nothing else', () => {
    checkOnly(() => {
      const numbers = flow.stage(Numbers, 5);
      const single = flow.stage(Single, { prefix: 'a' });
      const named = flow.stage(Named);
      expectTypeOf(numbers.to(flow.stage(Square))).toEqualTypeOf<Node<typeof u32, typeof f64>>();
      numbers.to(flow.stage(Windowed), { policy: 'latest' });
      numbers.to(named.in.numbers);
      numbers.out.to(flow.stage(Deal)).out[0]!.to(flow.stage(Collect).in[0]!);
      named.out.points.to(single).to(flow.stage(Lengths).in.texts);
      // @ts-expect-error numbers are no points
      numbers.to(single);
      // @ts-expect-error numbers are no texts
      numbers.to(named.in.words);
      // @ts-expect-error points are no numbers
      named.out.points.to(flow.stage(Square));
      // @ts-expect-error it has two outputs
      named.to(single);
      // @ts-expect-error it has two inputs
      numbers.to(named);
      // @ts-expect-error a sink leads nowhere
      flow.stage(Keyed).to(single);
      // @ts-expect-error nothing leads to a source
      numbers.to(flow.stage(Numbers, 5));
      // @ts-expect-error no such policy
      numbers.to(flow.stage(Square), { policy: 'drop' });
    });
  });

  it('takes items from the host, and gives it some, of the types that are declared', () => {
    checkOnly(() => {
      expectTypeOf(flow.from([1, 2], u32).out).toEqualTypeOf<OutPort<number>>();
      expectTypeOf(flow.into((item: string) => item.length, text).in).toEqualTypeOf<InPort<string>>();
      flow.into((item) => expectTypeOf(item).toEqualTypeOf<string>(), text);
      flow.from([{ x: 1, name: 'a' }], point).to(flow.stage(Single, { prefix: 'a' }));
      // @ts-expect-error texts are no numbers
      flow.from(['a'], u32);
      // @ts-expect-error a function of numbers
      flow.into((item: number) => item, text);
    });
  });

  it('makes jobs whose output has the type of its port', () => {
    checkOnly(async (system) => {
      const single = flow.stage(Single, { prefix: 'a' });
      expectTypeOf(await flow.run(system, { output: single.out })).toEqualTypeOf<Job<string>>();
      const job = await flow.run(system, { output: single.out });
      for await (const item of job.output) expectTypeOf(item).toEqualTypeOf<string>();
      expectTypeOf(await flow.run(system)).toEqualTypeOf<Job<never>>();
    });
  });
});
