/** What all pipelines have in common: the items, and how many may be under way. */
import { work } from './work.js';

/** Items that may be on their way to a stage, and how many it has done when it asks for as many more. */
export const WINDOW = 2_048;
export const CREDIT = 256;

const DIFFERENT_ITEMS = 1_024;

export const itemOf = (index: number): number => index % DIFFERENT_ITEMS;

/** What the sink must have added up. */
export const expectedResult = (items: number, steps: number): number => {
  const results = Array.from({ length: DIFFERENT_ITEMS }, (_, item) => work(item, steps));
  let sum = 0;
  for (let index = 0; index < items; index++) sum += results[itemOf(index)]!;
  return sum;
};
