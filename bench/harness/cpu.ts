/** How much of a core this process uses, all its threads together, and others that work for it. */
import { readFileSync } from 'node:fs';

const MICROS_PER_MS = 1e3;
/** Linux counts in hundredths of a second, on every machine that Node runs on. */
const MICROS_PER_TICK = 1e4;
/** Places of a process's times in `/proc/PID/stat`, counted behind its name, which is in brackets. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** @throws where there is no `/proc` */
const microsOf = (processId: number): number => {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MICROS_PER_TICK;
};

const usedMicros = (processIds: readonly number[]): number => {
  const { user, system } = process.cpuUsage();
  return processIds.reduce((sum, id) => sum + microsOf(id), user + system);
};

/** Percent of one core while `action` runs. */
export const cpuPercent = async (
  action: () => Promise<unknown>,
  processIds: readonly number[] = [],
): Promise<number> => {
  const used = usedMicros(processIds);
  const began = performance.now();
  await action();
  return ((usedMicros(processIds) - used) * 100) / ((performance.now() - began) * MICROS_PER_MS);
};
