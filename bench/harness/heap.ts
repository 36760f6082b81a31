/** The heap of this thread, after two complete collections. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Node offers the collector by a flag of the process; a context made after the flag was set has it. */
const demandCollector = (): (() => void) => {
  if (collect !== undefined) return collect;
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
  return collect;
};

export const usedHeapBytes = (): number => {
  const gc = demandCollector();
  gc();
  gc();
  return getHeapStatistics().used_heap_size;
};
