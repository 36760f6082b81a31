/** A stage of the pipeline, as a task of a piscina pool. */
import { work } from '../harness/work.js';

export default ({ value, steps }: { readonly value: number; readonly steps: number }): number => work(value, steps);
