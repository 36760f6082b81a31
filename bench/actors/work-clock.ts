import { call, defineActor, f64, u32 } from 'heddle';
import { timeWork } from '../harness/work.js';

/** Times the work of an item on its thread. */
export const WorkClock = defineActor(import.meta.url, 'WorkClock', {
  protocol: {
    /** How long an item of so many steps takes right now, in microseconds. */
    time: call({ steps: u32 }, f64),
  },
  init: () => undefined,
  on: { time: (_, { steps }) => timeWork(steps) },
});
