/**
 * Mistakes that could be made in `native-free-queues`, each as an edit of the shipped source. The checker must find
 * every one: a mistake that it does not find says that what it proves is too little.
 *
 * Not here is what is no mistake: for instance a swap that is a load and a store, which costs a wake too many where
 * several ring the same bell, but loses none.
 */
import { flavours } from './mutants/flavours.js';
import { lossyMutants } from './mutants/lossy.js';
import type { Mutant } from './mutants/mutant.js';
import { order } from './mutants/order.js';
import { room } from './mutants/room.js';
import { wakes } from './mutants/wakes.js';
import { wrap } from './mutants/wrap.js';

/** Of the first ring and what both have in common; those of the lossy ring are `lossyMutants`. */
export const mutants: readonly Mutant[] = [...flavours, ...order, ...room, ...wrap, ...wakes];

export { lossyMutants };
