/** Which thread a new actor goes to. Pure: what it needs to know is given to it. */
import { REF } from '../actor/ref.js';
import type { Place } from '../actor/self.js';
import { describe } from '../base/describe.js';
import { InvalidOptions } from '../base/errors.js';

export interface PlacementView {
  readonly workers: number;
  /** Counts up with every actor that is placed in turn. */
  next(): number;
  /** Whether actors can be sent to a thread: it has not been given up, and is not stuck. */
  isThere(thread: number): boolean;
  /** Actors on a thread, those included that are on their way there from here. */
  load(thread: number): number;
}

/** @throws InvalidOptions a place that there is not */
export const choosePlace = (place: Place | undefined, view: PlacementView): number => {
  const { workers } = view;
  if (place === undefined || place === 'round-robin') return nextInTurn(view);
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

/** Where no worker is there, one that is not: the spawn is refused with the reason. */
const nextInTurn = (view: PlacementView): number => {
  const { workers } = view;
  if (workers === 0) return 0;
  let thread = 1 + (view.next() % workers);
  for (let tries = workers; tries > 1 && !view.isThere(thread); tries--) thread = 1 + (view.next() % workers);
  return thread;
};

const leastLoaded = (view: PlacementView): number => {
  if (view.workers === 0) return 0;
  const threads = Array.from({ length: view.workers }, (_, index) => index + 1);
  const there = threads.filter((thread) => view.isThere(thread));
  return there.reduce((best, thread) => (view.load(thread) < view.load(best) ? thread : best), there[0] ?? 1);
};
