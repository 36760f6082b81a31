/**
 * W7, one way on one thread: an actor sends {i32, f64} to another beside it in bursts of 1,024, each burst when the one
 * before was handled.
 */
import { Burster } from '../actors/burster.js';
import { heddle } from '../contestants/heddle.js';
import { onNact, onPlain } from '../contestants/single-thread.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { BURST, expectedSum } from '../harness/payloads.js';
import type { Contestant, Reading, Workload } from '../harness/workload.js';

const FIGURE = 'W7';

const reading = ({ ms, sum }: { readonly ms: number; readonly sum: number }, bursts: number): readonly Reading[] => {
  check('the sum', sum, bursts * expectedSum('pair', BURST));
  return [{ figure: FIGURE, value: (bursts * BURST) / ms / 1e3 }];
};

const local = (bursts: number): Contestant =>
  heddle('heddle', async (system) => {
    const sender = await system.spawn(Burster, undefined, { place: 1 });
    return async () => {
      const to = await system.spawn(Burster, undefined, { place: 1 });
      const result = await sender.run({ to, bursts }, PATIENCE);
      await system.stop(to);
      return reading(result, bursts);
    };
  });

export const w7: Workload = {
  title: 'one-way {i32, f64} on one thread, in bursts of 1,024',
  figures: { [FIGURE]: 'M messages/s' },
  contestants: (effort) => {
    const bursts = effort.of(4_000, 400);
    const few = effort.of(200, 20);
    return [
      local(bursts),
      onPlain(async (thread) => async () => reading(await thread.ask('bursts', { bursts }), bursts)),
      onNact(async (thread) => async () => reading(await thread.ask('bursts', { bursts: few }), few)),
    ];
  },
};
