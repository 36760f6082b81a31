/**
 * restart: an actor fails a thousand times, and is started again each time by its supervisor, which lives on another thread.
 * The time of one is that from the message at which it fails to the answer to the next, which waited in its mailbox.
 */
import { createSystem } from 'heddle';
import { Arsonist, Nest } from '../actors/supervised.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import type { Contestant, Workload } from '../harness/workload.js';

const FIGURE = 'restart';

const supervised = (restarts: number): Contestant => ({
  system: 'heddle',
  open: async () => {
    const system = await createSystem({ threads: 2 });
    const arsonist = await system.spawn(Arsonist, undefined, { place: 1 });
    const nest = await system.spawn(Nest, undefined, { place: 1 });
    const phoenix = await nest.add({});
    let lost = 0;
    return {
      sample: async () => {
        const ms = await arsonist.run({ phoenix, restarts }, PATIENCE);
        lost += restarts;
        return [{ figure: FIGURE, value: (ms * 1e3) / restarts }];
      },
      close: async () => {
        const report = await system.shutdown();
        check('messages that were lost in a handler', report.lost, lost);
        check('messages that are dead or unaccounted for', report.dead + report.unaccounted, 0);
      },
    };
  },
});

export const restart: Workload = {
  title: 'an actor fails and is started again by a supervisor on another thread',
  figures: { [FIGURE]: 'us' },
  contestants: (effort) => [supervised(effort.of(1_000, 100))],
};
