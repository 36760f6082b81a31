/** A program of its own: does one of these once, in a fresh process, and prints how many milliseconds it took. */
import type { Piscina as Pool } from 'piscina';

const THREADS = 4;

const measure = async (action: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await action();
  return performance.now() - began;
};

/** Tasks that end only when each thread has one. */
const untilAllThreadsRun = (pool: Pool): Promise<unknown> => {
  const arrived = new SharedArrayBuffer(4);
  return Promise.all(Array.from({ length: THREADS }, () => pool.run({ arrived, threads: THREADS })));
};

const actions: Readonly<Record<string, () => Promise<number>>> = {
  'import heddle': () => measure(() => import('heddle')),
  'import piscina': () => measure(() => import('piscina')),
  async 'start heddle'() {
    const { createSystem } = await import('heddle');
    let system: Awaited<ReturnType<typeof createSystem>> | undefined;
    const ms = await measure(async () => {
      system = await createSystem({ threads: THREADS });
    });
    await system?.shutdown();
    return ms;
  },
  async 'start piscina'() {
    const { Piscina } = await import('piscina');
    let pool: Pool | undefined;
    const ms = await measure(() => {
      const filename = new URL('./piscina-meet.js', import.meta.url).href;
      pool = new Piscina({ filename, minThreads: THREADS, maxThreads: THREADS });
      return untilAllThreadsRun(pool);
    });
    await pool?.close();
    return ms;
  },
};

const action = actions[process.argv[2] ?? ''];
if (action === undefined) throw new Error(`one of: ${Object.keys(actions).join(', ')}`);
console.log(await action());
