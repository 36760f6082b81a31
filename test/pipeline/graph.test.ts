/** What is refused before anything starts, and what a graph becomes. */
import { defineStage, f64, many, pipeline, type System, text, u32, view } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Nowhere } from '../actors/bad-stage.js';
import { BeginsLate, ByThree, Custom, Endless, Fails, Pass, Varied, Where, WhereNext } from '../actors/flow-stages.js';
import { ByParity, Collect, Deal, Lengths, Numbers, Square } from '../actors/stages.js';
import { lease } from '../support/systems.js';

type Flow = ReturnType<typeof pipeline>;

const here = import.meta.url;
const actorsOf = (system: System): number => system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);
const spawnedOn = (system: System): number =>
  system.counters().threads.reduce((sum, { actorsSpawned }) => sum + actorsSpawned, 0);
const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** A flow that works, to be spoiled. */
const sound = (
  options = {},
): { flow: Flow; numbers: ReturnType<typeof numbersIn>; pass: ReturnType<typeof passIn> } => {
  const flow = pipeline('p', options);
  const numbers = numbersIn(flow);
  const pass = passIn(flow);
  return { flow, numbers, pass };
};
const numbersIn = (flow: Flow) => flow.stage(Numbers, 10);
const passIn = (flow: Flow) => flow.stage(Pass);
const nothing = (flow: Flow) => flow.into(() => undefined, u32);

describe('a graph that cannot work is refused, and nothing has started', () => {
  const invalid: Record<string, readonly [draw: () => Flow, code: string, message: RegExp]> = {
    'without stages': [() => pipeline('p'), 'HEDDLE_INVALID_FLOW', /^pipeline p: it has no stages/],
    'an input to which nothing leads': [
      () => {
        const { flow, pass } = sound();
        flow.remove(flow.nodes.get('Numbers')!);
        pass.to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: nothing leads to Pass\.in/,
    ],
    'a stage to which only a loop leads': [
      () => {
        const { flow, numbers, pass } = sound();
        numbers.to(nothing(flow));
        pass.to(pass, { loop: true });
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: only loops lead to Pass/,
    ],
    'an output that leads nowhere': [
      () => {
        const { flow, numbers, pass } = sound();
        numbers.to(pass);
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: Pass\.out leads nowhere; link it, or say port\.discard\(\)/,
    ],
    'one of many outputs that leads nowhere': [
      () => {
        const { flow, numbers } = sound();
        flow.remove(flow.nodes.get('Pass')!);
        const deal = numbers.to(flow.stage(Deal, undefined, { outputs: 2 }));
        deal.out[0]!.to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: Deal\.out\[1\] leads nowhere/,
    ],
    'two links from one port': [
      () => {
        const { flow, numbers, pass } = sound();
        numbers.to(pass).to(nothing(flow));
        numbers.to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: Numbers\.out leads to 2 inputs; use a stage with many outputs/,
    ],
    'a cycle that no link declares': [
      () => {
        const { flow, numbers, pass } = sound();
        const collect = flow.stage(ByParity);
        const words = flow.stage(Lengths);
        numbers.to(words.in.numbers);
        words.to(collect);
        collect.out.odd.to(words.in.texts);
        collect.out.even.to(pass).to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: .*Lengths.* are in a cycle; say \{ loop: true \} at the link that closes it/,
    ],
    'ports whose types differ': [
      () => {
        const { flow, numbers } = sound();
        flow.remove(flow.nodes.get('Pass')!);
        numbers.to(flow.into(() => undefined, f64) as never);
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: Numbers\.out and sink\.in carry different types.*u32.*f64/,
    ],
    'a place that does not exist': [
      () => {
        const flow = pipeline('p');
        flow.stage(Numbers, 1, { place: 7 }).to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_OPTIONS',
      /^stage Numbers: there is no thread 7.*threads=2/,
    ],
    'acknowledged, with a source that cannot replay': [
      () => {
        const flow = pipeline('p', { acknowledged: true });
        flow.stage(Endless).to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: Endless cannot produce its items again; give it replay/,
    ],
    'acknowledged, with a link that may lose items': [
      () => {
        const { flow, numbers, pass } = sound({ acknowledged: true });
        numbers.to(pass, { policy: 'drop-oldest' }).to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: the link Numbers\.out -> Pass\.in may lose items/,
    ],
    'acknowledged, with a loop': [
      () => {
        const { flow, numbers } = sound({ acknowledged: true });
        flow.remove(flow.nodes.get('Pass')!);
        const deal = numbers.to(flow.stage(Deal, undefined, { outputs: 2 }));
        deal.out[0]!.to(deal, { loop: true });
        deal.out[1]!.to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: the link Deal\.out\[0\] -> Deal\.in/,
    ],
    'acknowledged, with two sources': [
      () => {
        const { flow, numbers, pass } = sound({ acknowledged: true });
        numbers.to(pass).to(nothing(flow));
        flow.stage(Numbers, 3).to(pass);
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: one that is acknowledged has one source, of one instance.*sources=2/,
    ],
    'acknowledged, with a source of two instances': [
      () => {
        const flow = pipeline('p', { acknowledged: true });
        flow.stage(Numbers, 3, { parallel: 2 }).to(nothing(flow));
        return flow;
      },
      'HEDDLE_INVALID_FLOW',
      /^pipeline p: one that is acknowledged has one source, of one instance/,
    ],
  };

  it.each(Object.entries(invalid))('%s', async (_, [draw, code, message]) => {
    const system = await lease({ threads: 2 });
    const before = spawnedOn(system);
    await expect(draw().run(system)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(spawnedOn(system)).toBe(before);
    expect(actorsOf(system)).toBe(0);
  });
});

describe('what is refused while the graph is drawn', () => {
  const flow = pipeline('drawn');
  const numbers = flow.stage(Numbers, 1);
  const other = pipeline('other').stage(Pass);
  const invalid: Record<string, readonly [draw: () => unknown, code: string, message: RegExp]> = {
    'a pipeline without a name': [() => pipeline(''), 'HEDDLE_INVALID_OPTIONS', /^pipeline: it needs a name/],
    'an unknown option of the pipeline': [
      () => pipeline('p', { acknowledge: true } as never),
      'HEDDLE_INVALID_OPTIONS',
      /^pipeline p: there is no option "acknowledge", there are: acknowledged/,
    ],
    'options of the pipeline that are none': [
      () => pipeline('p', null as never),
      'HEDDLE_INVALID_OPTIONS',
      /^pipeline p: expected an object of acknowledged, got null/,
    ],
    'acknowledged that is no boolean': [
      () => pipeline('p', { acknowledged: 'yes' } as never),
      'HEDDLE_INVALID_OPTIONS',
      /^pipeline p: acknowledged is a boolean/,
    ],
    'a stage that is none': [
      () => flow.stage({ name: 'Fake' } as never),
      'HEDDLE_INVALID_DEFINITION',
      /^expected what defineStage returned/,
    ],
    'a name that is taken': [
      () => flow.stage(Pass, undefined, { name: 'Numbers' }),
      'HEDDLE_INVALID_FLOW',
      /^two stages are called "Numbers"/,
    ],
    'a name that is no text': [
      () => flow.stage(Pass, undefined, { name: 7 as never }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage 7: name is a text that is not empty/,
    ],
    'an empty name': [
      () => flow.stage(Pass, undefined, { name: '' }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "": name is a text that is not empty/,
    ],
    'options of a stage that are none': [
      () => flow.stage(Pass, undefined, null as never),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": expected an object of name, place,.*got null/,
    ],
    'an unknown option of a stage': [
      () => flow.stage(Pass, undefined, { paralel: 2 } as never),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": there is no option "paralel", there are: name, place, parallel/,
    ],
    'a place that is none': [
      () => flow.stage(Pass, undefined, { place: 'worker' as never }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": place is 'host' or the number of a thread/,
    ],
    'too many instances': [
      () => flow.stage(Pass, undefined, { parallel: 257 }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": parallel is an integer from 1 to 256/,
    ],
    'parallel instances with several inputs': [
      () => flow.stage(Lengths, undefined, { parallel: 2 }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Lengths": a parallel stage has one input port at most/,
    ],
    'parallel instances with many inputs': [
      () => flow.stage(Collect, undefined, { parallel: 2, inputs: 2 }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Collect": a parallel stage has one input port at most/,
    ],
    'dispatch by a key that is not declared': [
      () => flow.stage(Pass, undefined, { parallel: 2, dispatch: 'key' }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": dispatch by key needs a stage that declares one/,
    ],
    'a source that waits for messages': [
      () => flow.stage(Numbers, 1, { rule: 'message' }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Numbers-2": a source gets no messages; its rule is another one/,
    ],
    'a rule that is none': [
      () => flow.stage(Pass, undefined, { rule: { everyMicros: 0 } }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": rule is 'message', 'loop', 'event' or \{ everyMicros: 1 to 2\^50 \}/,
    ],
    'failures to an output that does not exist': [
      () => flow.stage(Pass, undefined, { onError: { port: 'errors' } }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": onError\.port is no output of it.*port=errors/,
    ],
    'a failure policy that is none': [
      () => flow.stage(Pass, undefined, { onError: 'ignore' as never }),
      'HEDDLE_INVALID_OPTIONS',
      /^stage "Pass": onError is 'stop', 'skip', 'restart'/,
    ],
    'a link to something else': [
      () => numbers.to({} as never),
      'HEDDLE_INVALID_FLOW',
      /^a link leads to a stage of a flow, or to one of its ports/,
    ],
    'a link from a stage with two outputs': [
      () => flow.stage(ByParity, undefined, { name: 'two' }).to(flow.stage(Pass) as never),
      'HEDDLE_INVALID_FLOW',
      /^two has 2 outputs; name one/,
    ],
    'a link to a stage with two inputs': [
      () => numbers.to(flow.stage(Lengths, undefined, { name: 'both' }) as never),
      'HEDDLE_INVALID_FLOW',
      /^both has 2 inputs; name one/,
    ],
    'a link to a stage of another flow': [
      () => numbers.to(other),
      'HEDDLE_INVALID_FLOW',
      /^link Numbers\.out -> Pass\.in: they are of different flows/,
    ],
    'an unknown policy': [
      () => numbers.to(flow.stage(Pass), { policy: 'drop' as never }),
      'HEDDLE_INVALID_OPTIONS',
      /^link Numbers\.out -> .*: policy is block, drop-oldest, drop-newest, latest, error/,
    ],
    'an unknown option of a link': [
      () => numbers.to(flow.stage(Pass), { size: 3 } as never),
      'HEDDLE_INVALID_OPTIONS',
      /^link Numbers\.out -> .*: there is no option "size"/,
    ],
    'a capacity of nothing': [
      () => numbers.to(flow.stage(Pass), { capacity: 0 }),
      'HEDDLE_INVALID_OPTIONS',
      /: capacity is an integer from 1 to 1048576/,
    ],
    'a loop that is no boolean': [
      () => numbers.to(flow.stage(Pass), { loop: 1 as never }),
      'HEDDLE_INVALID_OPTIONS',
      /: loop is a boolean/,
    ],
    'to take away a link that is not there': [
      () => flow.unlink(numbers, other),
      'HEDDLE_INVALID_FLOW',
      /^unlink: there is no such link/,
    ],
    'to take away a stage of another flow': [
      () => flow.remove(other),
      'HEDDLE_INVALID_FLOW',
      /^remove: Pass is no stage of this flow/,
    ],
  };

  it.each(Object.entries(invalid))('%s', (_, [draw, code, message]) => {
    expect(draw).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('links that were refused are not there', () => {
    expect(flow.links).toEqual([]);
  });
});

describe('a stage that cannot be one is refused', () => {
  const process = (): undefined => undefined;
  const invalid: Record<string, readonly [spec: object, message: RegExp]> = {
    'no ports': [{ process }, /: a stage has an input or an output/],
    'a port that is no field': [{ in: { a: u32, b: 'u32' }, process: {} }, /: in: port "b" is not a field type/],
    'no object of ports': [{ out: 'u32', process }, /: out is a field type, an object of them, or many/],
    'named ports without names': [{ in: {}, process: {} }, /: in names 1 to 64 ports; leave it out if there is none/],
    'many of what is no field': [{ out: many({} as never), process }, /: out: port "out" is not a field type/],
    'a view': [{ in: view, process }, /: in: port "in" holds a view; items wait, so declare bytes/],
    'an unknown member': [{ in: u32, proces: process }, /: there is no option "proces", there are: in, out/],
    'no process': [{ in: u32 }, /: process is not a function/],
    'no process of a port': [{ in: { a: u32, b: u32 }, process: { a: process } }, /: the port "b" has no function/],
    'a process of another port': [
      { in: { a: u32 }, process: { a: process, z: process } },
      /: process\.z is for a port that is not declared/,
    ],
    'a function for ports that have names': [{ in: { a: u32 }, process }, /: the port "a" has no function in process/],
    'a hook that is none': [{ in: u32, process, flush: 7 }, /: flush is not a function/],
    'a key of many': [{ in: many(u32), process, key: process }, /: key and window are for stages with one input port/],
    'a window of a source': [
      { out: u32, process, window: { count: 2 } },
      /: key and window are for stages with one input port/,
    ],
    'a key and a window': [
      { in: u32, process, key: process, window: { count: 2 } },
      /: a stage has a key or a window, not both/,
    ],
    'a window without a measure': [{ in: u32, process, window: {} }, /: window has a count of 1 to 65536, or ms/],
    'a window that is none': [{ in: u32, process, window: 5 }, /: window/],
    'a window that is null': [{ in: u32, process, window: null }, /: window/],
    'a window with an unknown member': [
      { in: u32, process, window: { count: 2, bytes: 3 } },
      /: window: there is no option "bytes"/,
    ],
    'replay of a stage that is no source': [{ in: u32, process, replay: process }, /: replay is for sources/],
    'acknowledged of a stage that is no source': [
      { in: u32, process, acknowledged: process },
      /: acknowledged is for sources/,
    ],
    'ticks of a source': [{ out: u32, process, tick: process }, /: tick is not for sources/],
    'flush of a source': [{ out: u32, process, flush: process }, /: flush is not for sources/],
  };

  it.each(Object.entries(invalid))('%s', (what, [spec, message]) => {
    expect(() => defineStage(here, `bad ${what}`, spec as never)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_DEFINITION', message: expect.stringMatching(message) }),
    );
  });

  it('no specification at all', () => {
    expect(() => defineStage(here, 'bad none', undefined as never)).toThrow(
      expect.objectContaining({ code: 'HEDDLE_INVALID_DEFINITION' }),
    );
  });
});

describe('what cannot start leaves nothing behind', () => {
  it('a stage whose module workers cannot import, beside one that takes its time', async () => {
    const system = await lease({ threads: 2 });
    const { flow, numbers, pass } = sound();
    numbers
      .to(pass)
      .to(flow.stage(Nowhere, undefined, { place: 1 }))
      .to(flow.stage(BeginsLate, 100))
      .to(nothing(flow));
    await expect(flow.run(system)).rejects.toMatchObject({ message: expect.stringContaining('bad-stage') });
    expect(actorsOf(system)).toBe(0);
  });

  it('a stage that cannot begin, beside one that takes its time', async () => {
    const system = await lease({ threads: 2 });
    const { flow, numbers, pass } = sound();
    numbers
      .to(pass)
      .to(flow.stage(Fails, { atInit: true }))
      .to(flow.stage(BeginsLate, 50))
      .to(nothing(flow));
    await expect(flow.run(system)).rejects.toMatchObject({
      message: expect.stringContaining('init of Fails failed'),
      cause: expect.objectContaining({ message: 'cannot begin' }),
    });
    expect(actorsOf(system)).toBe(0);
  });

  it('what was refused can be mended and run', async () => {
    const system = await lease({ threads: 1 });
    const { flow, numbers, pass } = sound();
    numbers.to(pass);
    const other = flow.stage(Pass);
    await expect(flow.run(system, { output: pass.out })).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
    flow.remove(other);
    const job = await flow.run(system, { output: pass.out });
    expect((await read(job.output)).length).toBe(10);
  });

  it('an output of another flow, and unknown options', async () => {
    const system = await lease({ threads: 0 });
    const { flow, numbers, pass } = sound();
    numbers.to(pass).to(nothing(flow));
    const other = pipeline('other').stage(Pass);
    await expect(flow.run(system, { output: other.out })).rejects.toMatchObject({ code: 'HEDDLE_INVALID_FLOW' });
    await expect(flow.run(system, { output: 7 as never })).rejects.toMatchObject({ code: 'HEDDLE_INVALID_OPTIONS' });
    await expect(flow.run(system, { ouput: numbers.out } as never)).rejects.toMatchObject({
      code: 'HEDDLE_INVALID_OPTIONS',
      message: expect.stringMatching(/^pipeline p: run: there is no option "ouput", there are: output/),
    });
    await (await flow.run(system)).done;
  });
});

describe('a stage is called by its ports', () => {
  const process = (): undefined => undefined;
  const named = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, u32]));
  const steps = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, process]));
  const kinds: readonly (readonly [string, object])[] = [
    ['source', { out: u32, process }],
    ['sink', { in: u32, process }],
    ['filter', { in: u32, out: text, process }],
    ['ysplit', { in: u32, out: { a: u32, b: text }, process }],
    ['ymerge', { in: { a: u32, b: text }, out: u32, process: { a: process, b: process } }],
    ['scatter', { in: u32, out: many(u32), process }],
    ['gather', { in: many(u32), out: u32, process }],
    ['custom', { in: named(3), out: named(3), process: steps(3) }],
    ['custom', { in: many(u32), out: many(u32), process }],
    ['custom', { out: named(2), process }],
    ['custom', { in: named(2), process: steps(2) }],
    ['custom', { in: u32, out: named(3), process }],
  ];
  it.each(kinds)('%s', (topology, spec) => {
    const name = `kind ${kinds.findIndex(([, other]) => other === spec)}`;
    expect(defineStage(here, name, spec as never).topology).toBe(topology);
  });
});

describe.each([0, 2])('stages on %i threads', (threads) => {
  it('of any ports get and give what these say', async () => {
    const system = await lease({ threads });
    const flow = pipeline('custom');
    const custom = flow.stage(Custom);
    flow.from([1, 2, 3], u32, { name: 'numbers' }).to(custom.in.numbers);
    flow.from(['a', 'bcd'], text, { name: 'words' }).to(custom.in.words);
    const got: Record<string, unknown[]> = { doubled: [], upper: [], lengths: [] };
    custom.out.doubled.to(flow.into((n: number) => got['doubled']!.push(n), u32, { name: 'doubled' }));
    custom.out.upper.to(flow.into((word: string) => got['upper']!.push(word), text, { name: 'upper' }));
    custom.out.lengths.to(flow.into((n: number) => got['lengths']!.push(n), u32, { name: 'lengths' }));
    await (await flow.run(system)).done;
    expect(got).toEqual({ doubled: [2, 4, 6], upper: ['A', 'BCD'], lengths: [1, 3] });
  });

  it('emit none, one or many, at once or later, in order', async () => {
    const system = await lease({ threads });
    const flow = pipeline('varied');
    const varied = flow.stage(Numbers, 3_000).to(flow.stage(Varied));
    const job = await flow.run(system, { output: varied.out });
    const expected = Array.from({ length: 3_000 }, (_, n) => Array.from({ length: [0, 1, 3][n % 3]! }, () => n)).flat();
    expect(await read(job.output)).toEqual(expected);
    expect((await job.done).stages['Varied']).toMatchObject({ taken: 3_000, emitted: 4_000 });
  });

  it('emit by the output that was linked, in whatever order it was, and count what nobody wants', async () => {
    const system = await lease({ threads });
    const flow = pipeline('many');
    const scatter = flow.stage(Numbers, 300).to(flow.stage(ByThree, undefined, { outputs: 3 }));
    const got: number[][] = [[], [], []];
    scatter.out[2]!.to(flow.into((n: number) => got[2]!.push(n), u32));
    scatter.out[0]!.discard();
    scatter.out[1]!.to(flow.into((n: number) => got[1]!.push(n), u32));
    const { stages } = await (await flow.run(system)).done;
    const of = (rest: number): number[] => Array.from({ length: 100 }, (_, n) => 3 * n + rest);
    expect(got).toEqual([[], of(1), of(2)]);
    expect(stages['ByThree']).toMatchObject({ emitted: 300, unwanted: 100 });
  });
});

describe('places', () => {
  /** Which thread each stage of a chain is on. */
  const threadsOf = async (threads: number, places: readonly ('host' | number | undefined)[]): Promise<number[]> => {
    const system = await lease({ threads });
    const flow = pipeline('chain');
    const options = (index: number) => ({
      name: `s${index}`,
      ...(places[index] === undefined ? {} : { place: places[index] }),
    });
    const source = flow.stage(Where, undefined, options(0));
    let last: typeof source | ReturnType<typeof next> = source;
    const next = (index: number) => flow.stage(WhereNext, undefined, options(index));
    for (let index = 1; index < places.length; index++) last = last.to(next(index));
    const job = await flow.run(system, { output: last.out });
    const got = new Map((await read(job.output)).map(({ name, thread }) => [name, thread]));
    return places.map((_, index) => got.get(`s${index}`)!);
  };
  const anywhere = Array.from({ length: 6 }, () => undefined);

  it.each([2, 3])('neighbours are apart, and all of %i threads are used alike', async (threads) => {
    const got = await threadsOf(threads, anywhere);
    for (let index = 1; index < got.length; index++) expect(got[index]).not.toBe(got[index - 1]);
    const used = Array.from({ length: threads }, (_, n) => got.filter((thread) => thread === n + 1).length);
    expect(used).toEqual(Array.from({ length: threads }, () => got.length / threads));
  });

  it('one thread has all, and none has the host', async () => {
    expect(await threadsOf(1, anywhere)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await threadsOf(0, anywhere)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('those that are given are taken, and the others keep apart from them', async () => {
    const got = await threadsOf(2, [2, 2, undefined, 'host', 0, 1]);
    expect(got).toEqual([2, 2, 1, 0, 0, 1]);
  });

  it('parallel instances are spread', async () => {
    const system = await lease({ threads: 3 });
    const flow = pipeline('spread');
    flow
      .stage(Numbers, 1, { place: 'host' })
      .to(flow.stage(Pass, undefined, { parallel: 6, place: undefined as never }))
      .out.discard();
    const before = system.counters().threads.map(({ actors }) => actors);
    await using job = await flow.run(system);
    const after = system.counters().threads.map(({ actors }, thread) => actors - before[thread]!);
    expect(after.slice(1)).toEqual([2, 2, 2]);
    await job.done;
  });
});

it('a graph is drawn as Mermaid text', async () => {
  const system = await lease({ threads: 0 });
  const flow = pipeline('drawn');
  const numbers = flow.stage(Numbers, 0);
  const deal = numbers.to(flow.stage(Deal, undefined, { outputs: 2 }), { policy: 'latest' });
  const merge = flow.stage(Lengths);
  const split = flow.stage(ByParity, undefined, { name: 'by "parity"' });
  deal.out[0]!.to(split, { policy: 'drop-oldest' });
  deal.out[1]!.to(flow.stage(Square, undefined, { parallel: 3, ordered: true })).to(flow.into(() => undefined, f64));
  split.out.even.to(merge.in.numbers);
  split.out.odd.to(merge.in.texts);
  const collect = flow.stage(Collect, undefined, { inputs: 2 });
  const back = merge.to(flow.stage(Deal, undefined, { outputs: 2, name: 'back' }));
  back.out[0]!.to(collect.in[1]!);
  back.out[1]!.to(collect.in[0]!);
  collect.out.discard();
  const job = await flow.run(system);
  expect(job.graph()).toMatchInlineSnapshot(`
    "flowchart LR
      s0(["Numbers"])
      s1[/"Deal"\\]
      s2[\\"Lengths"/]
      s3[/"by #quot;parity#quot;"\\]
      s4["Square x 3, ordered"]
      s5[["sink"]]
      s6[\\"Collect"/]
      s7[/"back"\\]
      s0 -->|"latest"| s1
      s1 -->|"out[0] to , drop-oldest"| s3
      s1 -->|"out[1] to "| s4
      s4 --> s5
      s3 -->|"even to numbers"| s2
      s3 -->|"odd to texts"| s2
      s2 --> s7
      s7 -->|"out[0] to in[1]"| s6
      s7 -->|"out[1] to in[0]"| s6"
  `);
  await job.done;
});
