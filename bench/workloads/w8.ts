/**
 * W8, a pipeline on two workers: a source, two stages side by side with 2 us of work per item, and a sink. Stages ask the
 * source for more when they have done some.
 *
 * ```
 *   worker 1:  source --> stage A --+
 *                 \                 |
 *   worker 2:      +----> stage B --+--> sink
 * ```
 *
 * The work is timed on both workers at once, before and after each sample; the ceiling is what two threads could do if
 * there were nothing but the work. `postMessage` has the same things on the same threads; piscina gets a task per item
 * from the host, up to the same number at a time.
 */
import { Sink, Source, Stage } from '../actors/pipeline.js';
import { besideCeiling } from '../contestants/ceiling.js';
import { heddle } from '../contestants/heddle.js';
import { makePool } from '../contestants/piscina.js';
import { onPipelineThreads } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { expectedResult, itemOf, WINDOW } from '../harness/pipeline.js';
import { stepsFor } from '../harness/work.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const FIGURE = 'W8';
const THREADS = 2;
const WORK_MICROS = 2;
/** Tasks that a worker of piscina is given at a time: more are faster. */
const CONCURRENCY = 64;

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

const pipeline = (load: Load): Contestant =>
  heddle('heddle', async (system) => {
    const source = await system.spawn(Source, undefined, { place: 1 });
    const stages = await Promise.all([1, 2].map((place) => system.spawn(Stage, undefined, { place })));
    const sink = await system.spawn(Sink, undefined, { place: 2 });
    await Promise.all(stages.map((stage, number) => stage.set({ number, steps: load.steps, source, sink })));
    return besideCeiling(system, load.steps, async () =>
      reading(await source.run({ stages, sink, items: load.items }, PATIENCE), load),
    );
  });

const postMessage = (load: Load): Contestant =>
  onPipelineThreads(async (first, second) => async () => {
    const [passed] = await Promise.all([second.ask('drain', load), first.ask('feed', load)]);
    return [reading(passed, load)];
  });

const piscina = ({ items, steps }: Load): Contestant => ({
  system: 'piscina',
  open: async () => {
    const pool = makePool({ file: 'piscina-work', threads: THREADS, atomics: 'disabled', concurrency: CONCURRENCY });
    return {
      sample: async () => {
        let sent = 0;
        let sum = 0;
        const runSome = async (): Promise<void> => {
          while (sent < items) {
            const result: number = await pool.run({ value: itemOf(sent++), steps });
            sum += result;
          }
        };
        const began = performance.now();
        await Promise.all(Array.from({ length: THREADS * WINDOW }, runSome));
        return [reading({ ms: performance.now() - began, sum }, { items, steps })];
      },
      close: () => pool.close(),
    };
  },
});

export const w8: Workload = {
  title: 'a pipeline with two stages of 2 us of work side by side',
  figures: { [FIGURE]: 'k items/s' },
  contestants: (effort) => {
    const steps = stepsFor(WORK_MICROS);
    return [
      pipeline({ items: effort.of(400_000, 40_000), steps }),
      postMessage({ items: effort.of(100_000, 20_000), steps }),
      piscina({ items: effort.of(20_000, 4_000), steps }),
    ];
  },
};
