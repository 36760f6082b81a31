/**
 * Two rings and two threads in C++, compiled by the g++ of this machine: what its processors and its memory allow. Threads
 * are threads there: between host and worker it is the same as between workers.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Adapter } from '../adapter.js';
import { buildFolder, openProgram, payloadArguments, probeTool, run } from './outside/program.js';

const COMPILER = 'g++';
const SOURCE = fileURLToPath(new URL('./outside/ring.cpp', import.meta.url));
const FLAGS = ['-std=c++17', '-O2', '-pthread'];

let compiled: Promise<string> | undefined;

const compile = (): Promise<string> => {
  compiled ??= buildFolder().then(async (folder) => {
    const path = join(folder, 'ring');
    await run(COMPILER, [...FLAGS, '-o', path, SOURCE]);
    return path;
  });
  return compiled;
};

export const cpp: Adapter = {
  name: 'C++ ring, the physical limit',
  probe: () => probeTool(COMPILER, '--version'),
  async open({ wait, placement, payload }) {
    if (placement === 'same-thread') return undefined;
    return openProgram(await compile(), [wait, ...payloadArguments(payload)]);
  },
};
