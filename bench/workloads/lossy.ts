/**
 * lossy: one thread writes {i32, f64} and nobody reads. The lossy ring overwrites its oldest record by each further one, and
 * says which. By hand it is the ring of W2, unbatched and as large, out of which the writing thread itself takes the
 * oldest record whenever it is full, and looks at it. It can do so only because there is no reader on another thread.
 * *All at once* takes everything out instead: it loses 8,192 records where one would do.
 *
 * ```
 *   writer --> [ring] --> (stalled)
 * ```
 */
import { onThread } from '../contestants/threads.js';
import { check } from '../harness/check.js';
import { expectedSum } from '../harness/payloads.js';
import type { Contestant, Workload } from '../harness/workload.js';
import type { tasks } from '../rivals/lossy.js';
import { RECORDS } from '../rivals/pair-ring.js';

const FIGURE = 'lossy';
const RIVALS = new URL('../rivals/lossy.js', import.meta.url);

const overwriting = (count: number): Contestant =>
  onThread<typeof tasks>('heddle', RIVALS, async (thread) => async () => {
    const { ms, lost, lostSum, left } = await thread.ask('overwrite', { capacity: RECORDS, count });
    check('the number of records lost', lost, count - RECORDS);
    check('the sum', lostSum + left, expectedSum('pair', count));
    return [{ figure: FIGURE, value: count / ms / 1e3 }];
  });

const takingOut = (system: string, count: number, atOnce: number): Contestant =>
  onThread<typeof tasks>(system, RIVALS, async (thread) => async () => {
    const { ms, lost, left } = await thread.ask('takeOut', { capacity: atOnce, count });
    check('the number of records taken out', lost, Math.ceil((count - RECORDS) / atOnce) * atOnce);
    check('the sum', left, expectedSum('pair', count) - expectedSum('pair', lost));
    return [{ figure: FIGURE, value: count / ms / 1e3 }];
  });

export const lossy: Workload = {
  title: 'one-way {i32, f64}, the reader stalled',
  figures: { [FIGURE]: 'M messages/s' },
  contestants: (effort) => {
    const count = effort.of(4_000_000, 400_000);
    return [overwriting(count), takingOut('by-hand', count, 1), takingOut('by-hand all at once', count, RECORDS)];
  },
};
