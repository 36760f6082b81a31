/** Where the figures come from. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

const BYTES_PER_GIB = 2 ** 30;

export const describeMachine = (): string => {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / BYTES_PER_GIB)} GiB`;
  const system = `${type()} ${release()}`;
  return `${model}, ${availableParallelism()} cores, ${memory}; ${system}; Node ${process.versions.node}, V8 ${process.versions.v8}`;
};
