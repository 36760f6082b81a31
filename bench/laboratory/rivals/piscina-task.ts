/** What the worker of a piscina pool does: each task is a message and its shape. */
import type { Payload } from '../adapter.js';
import { nowNs } from '../clock.js';
import { shapeOf } from '../messages.js';

export interface PoolTask {
  readonly message: unknown;
  readonly kind: Payload['kind'];
}

/** To read a number or a time, the size of the bytes is not needed. */
const shapes = {
  pair: shapeOf({ kind: 'pair' }),
  order: shapeOf({ kind: 'order' }),
  bytes: shapeOf({ kind: 'bytes', size: 0 }),
};

export const increment = ({ message, kind }: PoolTask): number => shapes[kind].index(message) + 1;

/** How long it was under way. */
export const delay = ({ message, kind }: PoolTask): number => nowNs() - shapes[kind].at(message);
