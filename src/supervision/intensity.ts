/**
 * How many restarts a supervisor has made of late. As in Erlang's supervisors, one that was made exactly `withinMs` ago
 * still counts. All children that one thread took with it count once.
 */
import type { Intensity } from './plan.js';

export interface Counted {
  readonly at: number;
  readonly death: string | undefined;
}

export const isWithin = ({ withinMs }: Intensity, then: number, now: number): boolean => now <= then + withinMs;

/** What counts at the time of a further restart, with that one if it counts itself. */
export const count = (
  counted: readonly Counted[],
  intensity: Intensity,
  now: number,
  death?: string,
): readonly Counted[] => {
  const recent = counted.filter(({ at }) => isWithin(intensity, at, now));
  const isKnown = death !== undefined && recent.some((other) => other.death === death);
  return isKnown ? recent : [...recent, { at: now, death }];
};
