/**
 * Takes every effect from a core whose simulated thread has died. A real thread's code stops with it. Here the promises that
 * its actors wait for are settled all the same, and their code goes on: what it does then must not be seen by anybody.
 *
 * - Refs are of no use: every send from the dead thread is refused.
 * - Handlers and hooks that were pending are fenced: nothing is counted, answered or started when they return.
 * - `self` of its actors throws, as that of an actor that has ended.
 *
 * What cannot be undone is what that code does without heddle: a file that it writes is written.
 */
import { ENDED } from '../actor/cell.js';
import { ThreadLost } from '../base/errors.js';
import type { Core } from '../runtime/core.js';

/** All that the threads have written down, up to the table of names. */
export const copyBooks = ({ mesh: { tools, layout } }: Core): Uint8Array => tools.memory.u8.slice(0, layout.namesAt);

export const restore = ({ mesh: { tools } }: Core, copy: Uint8Array): void => tools.memory.u8.set(copy);

export const silence = (core: Core): void => {
  // To take leave of its peers changes books that nobody may write any more.
  const books = copyBooks(core);
  const error = new ThreadLost('this thread has ended', { thread: core.thread });
  core.halted = true;
  core.closed = true;
  core.mesh.guard();
  for (const link of core.mesh.links) link?.lose(error, () => undefined);
  for (const cell of core.table) {
    cell.gate |= ENDED;
    for (const pending of cell.rare?.pending ?? []) pending.fenced = true;
    if (cell.rare?.hook !== undefined) cell.rare.hook.fenced = true;
  }
  restore(core, books);
};
