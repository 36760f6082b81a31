import { call, defineActor, f64 } from 'heddle';
import { usedHeapBytes } from '../harness/heap.js';

/** Tells how much of the heap of its thread is in use. */
export const HeapWitness = defineActor(import.meta.url, 'HeapWitness', {
  protocol: { look: call({}, f64) },
  init: () => undefined,
  on: { look: () => usedHeapBytes() },
});
