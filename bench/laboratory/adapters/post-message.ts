/** `postMessage` over a `MessageChannel`. Whoever waits for a message waits on its event loop; there is no other way. */
import { MessageChannel } from 'node:worker_threads';
import type { Adapter } from '../adapter.js';
import { makePostedSide } from '../rivals/posted-side.js';
import { endSides, openSides, twoSided } from '../two-sided.js';

const THREAD = new URL('../rivals/posted.js', import.meta.url);

export const postMessage: Adapter = {
  name: 'postMessage',
  probe: () => Promise.resolve({ version: process.versions.node }),
  async open({ wait, placement, payload }) {
    if (wait !== 'parked') return undefined;
    const sides = await openSides(placement, THREAD, makePostedSide);
    const { port1, port2 } = new MessageChannel();
    await Promise.all([
      sides.sender.ask('connect', { payload, port: port1 }, [port1]),
      sides.receiver.ask('connect', { payload, port: port2 }, [port2]),
    ]);
    const close = async (): Promise<void> => {
      await sides.sender.ask('disconnect', {});
      await endSides(sides);
    };
    return { tasks: twoSided(sides, placement), close };
  },
};
