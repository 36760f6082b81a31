/** Worker threads that a rival uses by itself, started and ended. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Contestant, Sample } from '../harness/workload.js';
import { RivalThread } from '../rivals/thread.js';

/** Two worker threads that a rival uses by itself; each has the tasks of one module. */
export const onThreads = <T extends object>(
  system: string,
  module: URL,
  setUp: (one: RivalThread<T>, other: RivalThread<T>) => Promise<Sample>,
): Contestant => ({
  system,
  open: async () => {
    const [one, other] = await Promise.all([RivalThread.start<T>(module), RivalThread.start<T>(module)]);
    const sample = await setUp(one, other);
    return { sample, close: () => Promise.all([one.end(), other.end()]) };
  },
});

/** One worker thread that a rival has to itself. */
export const onThread = <T extends object>(
  system: string,
  module: URL,
  setUp: (thread: RivalThread<T>) => Promise<Sample>,
): Contestant => ({
  system,
  open: async () => {
    const thread = await RivalThread.start<T>(module);
    const sample = await setUp(thread);
    return { sample, close: () => thread.end() };
  },
});

interface Connectable {
  connect(order: { readonly port: MessagePort }): void;
}

/** Two threads that are joined by a channel. */
export const overChannel = <T extends Connectable>(
  system: string,
  module: URL,
  setUp: (one: RivalThread<T>, other: RivalThread<T>) => Promise<Sample>,
): Contestant =>
  onThreads<T>(system, module, async (one, other) => {
    const { port1, port2 } = new MessageChannel();
    await (one as unknown as RivalThread<Connectable>).ask('connect', { port: port1 }, [port1]);
    await (other as unknown as RivalThread<Connectable>).ask('connect', { port: port2 }, [port2]);
    return setUp(one, other);
  });
