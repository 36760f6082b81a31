/** comlink, over a channel of its own. It knows requests with answers, and its threads wait on their event loops. */
import { MessageChannel } from 'node:worker_threads';
import type { Adapter } from '../adapter.js';
import { requestTasks } from '../request-tasks.js';
import { makeComlinkSide } from '../rivals/comlink-side.js';
import { endSides, openSides } from '../two-sided.js';
import { probePackage } from '../versions.js';

const THREAD = new URL('../rivals/comlink.js', import.meta.url);

export const comlink: Adapter = {
  name: 'comlink',
  probe: () => probePackage('comlink'),
  async open({ wait, placement, payload }) {
    if (wait !== 'parked' || placement === 'same-thread') return undefined;
    const sides = await openSides(placement, THREAD, makeComlinkSide);
    const { port1, port2 } = new MessageChannel();
    const { sender, receiver } = sides;
    await Promise.all([
      sender.ask('connect', { payload, port: port1 }, [port1]),
      receiver.ask('connect', { payload, port: port2 }, [port2]),
    ]);
    await receiver.ask('offer', {});
    const close = async (): Promise<void> => {
      await sender.ask('disconnect', {});
      await endSides(sides);
    };
    const tasks = requestTasks(
      (load) => sender.ask('ask', load),
      (load) => sender.ask('lone', load),
    );
    return { tasks, close };
  },
};
