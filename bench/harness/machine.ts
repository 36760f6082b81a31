/** Where the figures come from. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

const BYTES_PER_GIB = 2 ** 30;

export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
}

export const readMachine = (): MachineFacts => ({
  processor: cpus()[0]?.model ?? 'unknown processor',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  system: `${type()} ${release()}`,
  node: process.versions.node,
  v8: process.versions.v8,
});

export const describeMachine = ({ processor, cores, memoryBytes, system, node, v8 } = readMachine()): string =>
  `${processor}, ${cores} cores, ${Math.round(memoryBytes / BYTES_PER_GIB)} GiB; ${system}; Node ${node}, V8 ${v8}`;
