/** Pools of piscina. */
import { Piscina } from 'piscina';

export type PiscinaAtomics = 'sync' | 'async' | 'disabled';

interface PoolOptions {
  /** Of the task, beside the other rivals. */
  readonly file: string;
  readonly threads: number;
  /** Default: that of piscina. */
  readonly atomics?: PiscinaAtomics;
  /** Tasks that a worker is given at a time. Default: that of piscina, 1. */
  readonly concurrency?: number;
}

export const makePool = ({ file, threads, atomics, concurrency }: PoolOptions): Piscina =>
  new Piscina({
    filename: new URL(`../rivals/${file}.js`, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    ...(atomics === undefined ? {} : { atomics }),
    ...(concurrency === undefined ? {} : { concurrentTasksPerWorker: concurrency }),
  });
