/** All workloads, in the order in which they run. */
import type { Workload } from '../harness/workload.js';
import { w1 } from './w1.js';
import { w2, w2Mixed } from './w2.js';
import { w4Many, w4One } from './w4.js';

export const WORKLOADS: readonly Workload[] = [w1, w2, w2Mixed, w4One, w4Many];
