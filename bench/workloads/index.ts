/** All workloads, in the order in which they run. */
import type { Workload } from '../harness/workload.js';
import { death, deathBlocked } from './death.js';
import { idle } from './idle.js';
import { lossy } from './lossy.js';
import { observe, observeIdle } from './observe.js';
import { p1, p1Heap } from './p1.js';
import { p2, p3 } from './p2.js';
import { p4 } from './p4.js';
import { p5 } from './p5.js';
import { restart } from './restart.js';
import { startImport, startSystem } from './start.js';
import { w1 } from './w1.js';
import { w2, w2Mixed } from './w2.js';
import { w3a, w3aFresh, w3b, w3bView } from './w3.js';
import { w4Many, w4One } from './w4.js';
import { w5, w5Across } from './w5.js';
import { w6One, w6Two } from './w6.js';
import { w7 } from './w7.js';
import { w8 } from './w8.js';
import { w9 } from './w9.js';
import { w10 } from './w10.js';

export const WORKLOADS: readonly Workload[] = [
  w1,
  w2,
  w2Mixed,
  w3a,
  w3aFresh,
  w3b,
  w3bView,
  w4One,
  w4Many,
  w5,
  w5Across,
  w6One,
  w6Two,
  w7,
  w8,
  w9,
  w10,
  p1,
  p1Heap,
  p2,
  p3,
  p4,
  p5,
  lossy,
  idle,
  startImport,
  startSystem,
  death,
  deathBlocked,
  restart,
  observe,
  observeIdle,
];
