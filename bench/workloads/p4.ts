/**
 * P4, a channel that drops its oldest items, and a reader that takes none: how many items the source can put into it.
 * The source emits in bursts of 1,024 and must never wait.
 *
 * ```
 *   worker 1:  Puts --drop-oldest--+
 *                                  v
 *   worker 2:  Gate            Stalled, until all are put
 * ```
 *
 * Then the gate opens: what the sink takes and what was dropped must be all that there was, and the sink must have seen
 * by the gaps in their numbers how many were dropped.
 *
 * By hand it is a ring that nobody reads: its one thread puts as many records as a burst has items and forgets them, so
 * that it never fills. It publishes every 64 records, or, unbatched, after each.
 */
import { pipeline } from 'heddle';
import { Gate, Puts, Stalled } from '../actors/stalled.js';
import { handPuts } from '../contestants/by-hand.js';
import { heddle } from '../contestants/heddle.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import type { Contestant, Workload } from '../harness/workload.js';

const FIGURE = 'P4';
const CAPACITY = 1_024;
/** Records that the ring made by hand publishes together. */
const BATCH = 64;

const lossy = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const gate = await system.spawn(Gate, undefined, { place: 2 });
    return async () => {
      await gate.shut({}, PATIENCE);
      const flow = pipeline('lossy');
      const puts = flow.stage(Puts, count, { place: 1 });
      puts.out.pairs.to(flow.stage(Stalled, undefined, { place: 2 }), { policy: 'drop-oldest', capacity: CAPACITY });
      const job = await flow.run(system, { output: puts.out.ms });
      let took = Number.NaN;
      for await (const ms of job.output) {
        took = ms;
        await gate.open({}, PATIENCE);
      }
      const { Puts: source, Stalled: sink } = (await job.done).stages;
      check('times that the source waited', source!.blocked, 0);
      check('items dropped and taken', source!.dropped + sink!.taken, count);
      check('items that the sink missed', sink!.missed, source!.dropped);
      check('whether the reader was stalled', sink!.taken <= 2 * CAPACITY, true);
      return [{ figure: FIGURE, value: count / took / 1e3 }];
    };
  });

export const p4: Workload = {
  title: 'puts into a channel that drops its oldest, its reader stalled',
  figures: { [FIGURE]: 'M puts/s' },
  contestants: (effort) => {
    const count = effort.of(4_000_000, 400_000);
    return [lossy(count), handPuts(FIGURE, 'by-hand', count, BATCH), handPuts(FIGURE, 'by-hand unbatched', count, 1)];
  },
};
