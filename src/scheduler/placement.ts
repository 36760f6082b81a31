/** Which thread a new actor goes to. Pure: what it needs to know is given to it. */
import { REF } from '../actor/ref.js';
import type { Place } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';

export interface PlacementView {
  readonly workers: number;
  /** Counts up with every actor that is placed in turn. */
  next(): number;
  /** Actors on a thread, those included that are on their way there from here. */
  load(thread: number): number;
}

/** @throws InvalidOptions a place that there is not */
export const choosePlace = (place: Place | undefined, view: PlacementView): number => {
  const { workers } = view;
  if (place === undefined || place === 'round-robin') return workers === 0 ? 0 : 1 + (view.next() % workers);
  if (place === 'host') return 0;
  if (place === 'least-loaded') return leastLoaded(view);
  if (typeof place === 'number') {
    if (Number.isInteger(place) && place >= 0 && place <= workers) return place;
    throw new InvalidOptions(`place is the number of a thread, 0 (the host) to ${workers}`, { got: describe(place) });
  }
  const near = typeof place === 'object' && place !== null ? place.near : undefined;
  const core = near?.[REF];
  if (core !== undefined) return core.thread;
  throw new InvalidOptions("place is 'round-robin', 'least-loaded', 'host', a thread's number or { near: ref }", {
    got: describe(place),
  });
};

const leastLoaded = (view: PlacementView): number => {
  let best = view.workers === 0 ? 0 : 1;
  for (let thread = 2; thread <= view.workers; thread++) if (view.load(thread) < view.load(best)) best = thread;
  return best;
};
