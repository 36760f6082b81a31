/** Spawns supervisors from its thread, and calls what they supervise until it is answered. */
import { setImmediate as turn } from 'node:timers/promises';
import { any, call, defineActor, i32, ref, shared } from 'heddle';
import { OneForOne, Ward, type WardPlan } from './ward.js';

/** Calls again for as long as the thread is gone that the ward is to be started on again. */
const totalOf = async (ward: { total(): Promise<number> }): Promise<number> => {
  for (;;) {
    try {
      return await ward.total();
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'HEDDLE_THREAD_LOST') throw error;
      await turn();
    }
  }
};

export const Client = defineActor(import.meta.url, 'Client', {
  protocol: {
    supervise: call({ place: i32, wards: any<readonly WardPlan[]>() }, ref(OneForOne)),
    total: call({ ward: ref(Ward) }, i32),
    /** Waits for a new life of a ward, and then adds one to the first word. */
    awaitLife: { ward: ref(Ward), told: shared },
  },
  init: () => ({}),
  on: {
    supervise: (_state, { place, wards }, self) => self.spawn(OneForOne, wards, { place }),
    total: (_state, { ward }) => totalOf(ward),
    async awaitLife(_state, { ward, told }) {
      while ((await totalOf(ward)) > 0) await turn();
      const words = new Int32Array(told.buffer);
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0);
    },
  },
  concurrency: 16,
});
