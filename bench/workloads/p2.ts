/**
 * P2, a pipeline that does next to nothing with each item {i32, f64}, every hop from thread to thread.
 *
 * ```
 *   worker 1:  Pairs --+   +--> PairTotal
 *                      v   |
 *   worker 2:         AddOne
 * ```
 *
 * P3 is the same with two parallel filters, one on each worker, and the sink on worker 2; `heddle ordered` gives the
 * items back in the order in which they came, which the sink checks.
 *
 * The time runs at the sink, from the first item to the end. By hand it is a ring there and a ring back, published every
 * 64 records, or, unbatched, after each.
 */
import { pipeline } from 'heddle';
import { AddOne, Pairs, PairTotal } from '../actors/stages.js';
import { handRound } from '../contestants/by-hand.js';
import { runFlow } from '../contestants/flow.js';
import { heddle } from '../contestants/heddle.js';
import { check } from '../harness/check.js';
import { expectedSum } from '../harness/payloads.js';
import type { Contestant, Workload } from '../harness/workload.js';

const ALTERNATING = 'P2';
const PARALLEL = 'P3';
const UNIT = 'M items/s';
/** Records that the rings made by hand publish together. */
const BATCH = 64;

interface Form {
  readonly figure: string;
  /** Of the filter. */
  readonly options: { readonly place: number } | { readonly parallel: number; readonly ordered: boolean };
  /** Of the sink. */
  readonly place: number;
  readonly isOrdered: boolean;
}

const passPairs = (system: string, count: number, { figure, options, place, isOrdered }: Form): Contestant =>
  heddle(system, async (running) => {
    const expected = expectedSum('pair', count) + count;
    return async () => {
      const flow = pipeline('pairs');
      const total = flow
        .stage(Pairs, count, { place: 1 })
        .to(flow.stage(AddOne, undefined, options))
        .to(flow.stage(PairTotal, undefined, { place }));
      const { sum, ms, misplaced } = await runFlow(running, flow, total.out);
      check('the sum', sum, expected);
      if (isOrdered) check('items out of order', misplaced, 0);
      return [{ figure, value: count / ms / 1e3 }];
    };
  });

const alternating: Form = { figure: ALTERNATING, options: { place: 2 }, place: 1, isOrdered: true };
const parallel = (ordered: boolean): Form => ({
  figure: PARALLEL,
  options: { parallel: 2, ordered },
  place: 2,
  isOrdered: ordered,
});

export const p2: Workload = {
  title: 'source, filter and sink on alternating threads, {i32, f64}',
  figures: { [ALTERNATING]: UNIT },
  contestants: (effort) => [
    passPairs('heddle', effort.of(10_000_000, 400_000), alternating),
    handRound(ALTERNATING, 'by-hand', effort.of(10_000_000, 1_000_000), BATCH),
    handRound(ALTERNATING, 'by-hand unbatched', effort.of(2_000_000, 200_000), 1),
  ],
};

export const p3: Workload = {
  title: 'the same over two parallel filters, and in order',
  figures: { [PARALLEL]: UNIT },
  contestants: (effort) => {
    const count = effort.of(10_000_000, 400_000);
    return [passPairs('heddle', count, parallel(false)), passPairs('heddle ordered', count, parallel(true))];
  },
};
