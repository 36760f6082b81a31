/** How much of a core this process uses, all its threads together. */
const MICROS_PER_MS = 1e3;

/** Percent of one core while `action` runs. */
export const cpuPercent = async (action: () => Promise<unknown>): Promise<number> => {
  const used = process.cpuUsage();
  const began = performance.now();
  await action();
  const { user, system } = process.cpuUsage(used);
  return ((user + system) * 100) / ((performance.now() - began) * MICROS_PER_MS);
};
