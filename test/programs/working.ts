/** A handler that takes its time, in a system that ends threads which take longer. Prints when it runs, and what came of it. */
import { createSystem } from 'heddle';
import { Looper } from '../actors/looper.js';

const system = await createSystem({ threads: 1, watchdog: { endAfterMs: 1000 } });
const looper = await system.spawn(Looper);
const outcome = looper.work({ ms: 300 }).then(
  () => 'worked',
  (error: Error) => error.message,
);
while (system.counters().threads[1]!.underway === 0) await new Promise((resolve) => setImmediate(resolve));
console.log('working');
console.log(await outcome);
await system.shutdown();
