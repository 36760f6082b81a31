/**
 * P1, W8 as a pipeline of stages: a source, two parallel filters with 2 us of work per item, and a sink, on two workers.
 *
 * ```
 *   worker 1:  Items --> Work --+
 *                 \             |
 *   worker 2:      +---> Work --+--> Total
 * ```
 *
 * The time runs at the sink, from the first item to the end. The ceiling and `postMessage` are those of W8. Node's
 * streams have the whole of it on one thread.
 *
 * P1-heap is what such a pipeline holds while it runs: how much more of the heap of both workers is in use than before,
 * at most, each look after two complete collections. It is not timed.
 */
import { pipeline, type System } from 'heddle';
import { HeapWitness } from '../actors/heap-witness.js';
import { Items, Total, Work } from '../actors/stages.js';
import { besideCeiling } from '../contestants/ceiling.js';
import { runFlow } from '../contestants/flow.js';
import { heddlePipelines } from '../contestants/heddle.js';
import { onPipelineThreads } from '../contestants/post-message.js';
import { onStreams } from '../contestants/single-thread.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { expectedResult } from '../harness/pipeline.js';
import { stepsFor } from '../harness/work.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const FIGURE = 'P1';
const HEAP = 'P1-heap';
const FILTERS = 2;
const WORK_MICROS = 2;
const BYTES_PER_KIB = 1_024;

interface Load {
  readonly items: number;
  readonly steps: number;
}

interface Passed {
  readonly ms: number;
  readonly sum: number;
}

const reading = ({ ms, sum }: Passed, { items, steps }: Load): Reading => {
  check('the sum', sum, expectedResult(items, steps));
  return { figure: FIGURE, value: items / ms };
};

const pass = (system: System, { items, steps }: Load): Promise<Passed> => {
  const flow = pipeline('work');
  const total = flow
    .stage(Items, items, { place: 1 })
    .to(flow.stage(Work, steps, { parallel: FILTERS }))
    .to(flow.stage(Total, undefined, { place: 2 }));
  return runFlow(system, flow, total.out);
};

const stages = (load: Load): Contestant =>
  heddlePipelines('heddle', (system) =>
    besideCeiling(system, load.steps, async () => reading(await pass(system, load), load)),
  );

const held = (load: Load): Contestant =>
  heddlePipelines('heddle', async (system) => {
    const places = [1, 2].map((place) => system.spawn(HeapWitness, undefined, { place }));
    const witnesses = await Promise.all(places);
    const look = async (): Promise<number> => {
      const used = await Promise.all(witnesses.map((witness) => witness.look({}, PATIENCE)));
      return used.reduce((sum, bytes) => sum + bytes, 0);
    };
    return async () => {
      const before = await look();
      let isOver = false;
      const passOne = async (): Promise<void> => {
        reading(await pass(system, load), load);
        isOver = true;
      };
      const lookOn = async (): Promise<number> => {
        let most = before;
        while (!isOver) most = Math.max(most, await look());
        return most;
      };
      const [most] = await Promise.all([lookOn(), passOne()]);
      return [{ figure: HEAP, value: (most - before) / BYTES_PER_KIB }];
    };
  });

const postMessage = (load: Load): Contestant =>
  onPipelineThreads(async (first, second) => async () => {
    const [passed] = await Promise.all([second.ask('drain', load), first.ask('feed', load)]);
    return [reading(passed, load)];
  });

const streams = (load: Load): Contestant =>
  onStreams(async (thread) => async () => [reading(await thread.ask('pass', load), load)]);

export const p1: Workload = {
  title: 'a source, two parallel filters of 2 us, a sink',
  figures: { [FIGURE]: 'k items/s' },
  contestants: (effort) => {
    const steps = stepsFor(WORK_MICROS);
    return [
      stages({ items: effort.of(1_000_000, 40_000), steps }),
      postMessage({ items: effort.of(100_000, 20_000), steps }),
      streams({ items: effort.of(100_000, 20_000), steps }),
    ];
  },
};

export const p1Heap: Workload = {
  title: 'the heap that such a pipeline holds while it runs',
  figures: { [HEAP]: 'KiB' },
  contestants: (effort) => [held({ items: effort.of(250_000, 100_000), steps: stepsFor(WORK_MICROS) })],
};
