/** How far the producer of a lossy ring has come in its lap, as the cells tell. */
import type { LossyShape } from './lossy-layout.js';
import { loadShared } from './memory.js';

/**
 * How many cells, from the first one on, are no longer of the lap `lapBefore`, by bisection; at least `atLeast`. The
 * producer goes on meanwhile: what comes out was right at some moment since the call.
 */
export const writtenCells = (words: Int32Array, shape: LossyShape, lapBefore: number, atLeast: number): number => {
  const { cells, capacity, lapMask } = shape;
  let written = atLeast;
  let unwritten = capacity;
  while (written < unwritten) {
    const middle = (written + unwritten) >> 1;
    // Pairs with nothing: whoever wants more than a number looks at the cell again.
    if ((loadShared(words, cells + middle) & lapMask) === lapBefore) unwritten = middle;
    else written = middle + 1;
  }
  return written;
};
