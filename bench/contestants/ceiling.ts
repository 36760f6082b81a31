/** What threads could do if there were nothing but the work of the items. */
import type { System } from 'heddle';
import { WorkClock } from '../actors/work-clock.js';
import { PATIENCE } from '../harness/patience.js';
import { mean } from '../harness/statistics.js';
import type { Reading, Sample } from '../harness/workload.js';

const PLACES = [1, 2];
const MICROS_PER_MS = 1e3;

/**
 * Times the work of an item on both workers at once, before and after each measurement, and reports beside it the
 * ceiling: thousands of items per second that both of them could work on.
 */
export const besideCeiling = async (
  system: System,
  steps: number,
  measure: () => Promise<Reading>,
): Promise<Sample> => {
  const clocks = await Promise.all(PLACES.map((place) => system.spawn(WorkClock, undefined, { place })));
  const timeWork = (): Promise<number[]> => Promise.all(clocks.map((clock) => clock.time({ steps }, PATIENCE)));
  return async () => {
    const before = await timeWork();
    const reading = await measure();
    const micros = mean([...before, ...(await timeWork())]);
    return [reading, { ...reading, system: 'ceiling', value: (clocks.length * MICROS_PER_MS) / micros }];
  };
};
