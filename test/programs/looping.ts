/**
 * A handler that never returns, in a system that ends threads after a while. Prints which problem is told first. With the
 * argument `signal` an inspector is switched on before, by the signal for that.
 */
import { url } from 'node:inspector';
import { createSystem } from 'heddle';
import { Looper } from '../actors/looper.js';

const system = await createSystem({ threads: 1, watchdog: { endAfterMs: 300 } });
if (process.argv[2] === 'signal') {
  process.kill(process.pid, 'SIGUSR1');
  while (url() === undefined) await new Promise((resolve) => setImmediate(resolve));
}
const problems = system.problems[Symbol.asyncIterator]();
const looper = await system.spawn(Looper);
looper.loop();
console.log((await problems.next()).value.kind);
await system.shutdown({ deadlineMs: 0 });
