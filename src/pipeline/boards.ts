/** The boards of a system's jobs. Memory that is shared stays shared as long as the system is, so they are used again. */
import type { Shared } from '../messages/shares.js';
import type { System } from '../scheduler/system.js';
import { boardBytes, ROWS_MAX } from './board.js';

const free = new WeakMap<System, Shared[]>();

/** @throws LimitReached, SystemStopped */
export const takeBoard = async (system: System): Promise<Shared> => {
  const board = free.get(system)?.pop();
  if (board === undefined) return await system.share(new SharedArrayBuffer(boardBytes(ROWS_MAX)));
  new Float64Array(board.buffer).fill(0);
  return board;
};

export const returnBoard = (system: System, board: Shared): void => {
  const boards = free.get(system);
  if (boards === undefined) free.set(system, [board]);
  else boards.push(board);
};
