/** One actor of a job: what it is, and what the job knows of it. */
import type { AnyNode } from './flow.js';
import type { Instance } from './graph.js';
import type { StageRef } from './protocol.js';

export interface Member {
  readonly instance: Instance;
  /** The number of its row on the board. */
  readonly row: number;
  ref: StageRef;
  isEnded: boolean;
  isLost: boolean;
  /** Its news is waited for: until it has ended. */
  isHeard: boolean;
  /** It is to go, or has gone. */
  isGone: boolean;
}

/** Of each node, its actors. */
export type Members = ReadonlyMap<AnyNode, readonly Member[]>;

/** How long a stage may take to answer what its job asks: longer than any of its steps. */
export const ASK = { timeoutMs: 2 ** 30 };

export const isSource = ({ node }: Instance): boolean => node.ins.length === 0;
