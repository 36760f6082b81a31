/** How long a restart waits: longer with each one that helped nothing, and not as long as those of others. */
import type { BackOff } from './plan.js';

/**
 * Milliseconds before the n-th restart in a row.
 *
 * @param restarts n, counting from 1
 * @param random 0 <= result < 1
 */
export const delayOf = ({ minMs, maxMs, factor, jitter }: BackOff, restarts: number, random: () => number): number => {
  // Of many restarts the power is infinite, and 0 times that is no number.
  const full = minMs === 0 ? 0 : Math.min(maxMs, minMs * factor ** (restarts - 1));
  return full * (1 - jitter * random());
};
