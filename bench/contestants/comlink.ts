/** A worker that calls another by comlink. */
import type { CallLoad, ReadCalls } from '../harness/calls.js';
import type { Contestant } from '../harness/workload.js';
import type { tasks as comlink } from '../rivals/comlink.js';
import { overChannel } from './threads.js';

const COMLINK = new URL('../rivals/comlink.js', import.meta.url);

export const comlinkCalls = (figure: string, load: CallLoad, read: ReadCalls): Contestant =>
  overChannel<typeof comlink>('comlink', COMLINK, async (caller, callee) => {
    await callee.ask('offer', undefined);
    await caller.ask('use', undefined);
    return async () => [{ figure, value: read(await caller.ask('call', load)) }];
  });
