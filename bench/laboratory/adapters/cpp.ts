/**
 * Two rings and two threads in C++, compiled by the g++ of this machine: what its processors and its memory allow. Threads
 * are threads there: between host and worker it is the same as between workers.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Adapter } from '../adapter.js';
import { Compiled, openProgram, payloadArguments, probeTool, run } from './outside/program.js';

const COMPILER = 'g++';
const SOURCE = fileURLToPath(new URL('./outside/ring.cpp', import.meta.url));
const FLAGS = ['-std=c++17', '-O2', '-pthread'];

const PROGRAM = 'ring';
const compiled = new Compiled(PROGRAM, (folder) => run(COMPILER, [...FLAGS, '-o', join(folder, PROGRAM), SOURCE]));

export const cpp: Adapter = {
  name: 'C++ ring',
  probe: () => probeTool(COMPILER, '--version'),
  async open({ wait, placement, payload }) {
    if (wait === 'blocked' || placement === 'same-thread') return undefined;
    const folder = await compiled.unpack();
    return openProgram(folder, join(folder, PROGRAM), [wait, ...payloadArguments(payload)]);
  },
};
