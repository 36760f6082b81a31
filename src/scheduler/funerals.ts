/**
 * What is done when a thread has died, in this order, by whoever owns the threads:
 *
 * | step                          | so that                                                                  |
 * | ----------------------------- | ------------------------------------------------------------------------ |
 * | its epoch is raised           | what belongs to the life that is over can be told from what follows      |
 * | its estate is opened          | every request that it had accepted is accounted for                      |
 * | its memory is cleared         | the thread that takes its place begins like a first one                  |
 * | its names are freed           | nobody who hears of the death finds one of them taken                    |
 * | all other threads are told    | each settles its links to it, and tells those who waited for its actors  |
 *
 * It knows nothing of real threads: how a death is heard of, and how a life begins, is the business of its owner.
 */
import { debug } from '../base/debug.js';
import type { Culprit } from '../base/errors.js';
import { ENDED, type MeshLayout, STARTING, STUCK } from '../mesh/layout.js';
import { lifeEnded, originOf } from '../mesh/link.js';
import type { Memory } from '../messages/memory.js';
import { NameTable } from '../registry/name-table.js';
import type { Death } from './death.js';
import { Estates } from './estates.js';
import type { LabelBook } from './label-book.js';
import { Notices } from './notices.js';

/** How a life has ended, and what it was doing. */
export interface KnownDeath extends Death {
  readonly thread: number;
  /** Which life. */
  readonly ended: number;
  readonly culprit: Culprit | undefined;
}

export class Funerals {
  readonly notices: Notices;
  readonly estates: Estates;
  /** How often each thread has been replaced. */
  readonly #epochs: number[];
  readonly #layout: MeshLayout;
  readonly #words: Int32Array;
  readonly #labels: LabelBook;
  readonly #names: NameTable;

  constructor(layout: MeshLayout, memory: Memory, labels: LabelBook) {
    const { i32 } = memory;
    this.#layout = layout;
    this.#words = i32;
    this.#labels = labels;
    this.#epochs = new Array<number>(layout.threads).fill(0);
    this.notices = new Notices(layout, memory);
    this.estates = new Estates(layout, memory, this.#epochs);
    this.#names = new NameTable(i32, layout.namesAt, originOf(layout.controlThread, 0), lifeEnded(layout, i32));
  }

  get epochs(): readonly number[] {
    return this.#epochs;
  }

  /**
   * A thread has died: nothing of it runs any more.
   *
   * @param goesOn whether another takes its place; see `forsake`
   */
  hold(thread: number, how: Death, goesOn: boolean): KnownDeath {
    debug('thread %d has died (%s): %s', thread, how.reason, how.message);
    const death = this.#describe(thread, how);
    const epoch = death.ended + 1;
    this.#epochs[thread] = epoch;
    this.estates.enter(thread, death.culprit?.messageNumber !== undefined);
    this.#clear(thread);
    // Free before anybody is told.
    this.#names.freeAllOf(originOf(thread, death.ended));
    if (!goesOn) this.vacate(thread);
    this.#tell(death, epoch);
    return death;
  }

  /** A thread was ended but does not end: nobody reaches it any more, and its rings stay its own until it does. */
  holdNone(thread: number, how: Death): void {
    this.#setState(thread, STUCK);
    this.#tell(this.#describe(thread, how), undefined);
  }

  /** Nobody will take the place of a thread that has died. */
  forsake(death: KnownDeath): void {
    this.#tell({ ...death, reason: 'not-replaced' }, undefined);
  }

  /** No thread runs under this number any more. */
  vacate(thread: number): void {
    this.estates.vacate(thread);
    this.#setState(thread, ENDED);
  }

  /** What the thread was doing: the handler on its stack. */
  #describe(thread: number, how: Death): KnownDeath {
    const running = this.#layout.runningWord(thread);
    const culprit = this.#labels.culprit(thread, this.#words[running]!, this.#words[running + 1]!);
    return { ...how, thread, ended: this.#epochs[thread]!, culprit };
  }

  /** Makes the memory of a dead thread that of one that has not begun. */
  #clear(thread: number): void {
    const layout = this.#layout;
    this.notices.clear(thread);
    const words = [layout.bellWord(thread), layout.awakeWord(thread), layout.importingWord(thread)];
    for (const word of [...words, layout.runningWord(thread) + 1]) Atomics.store(this.#words, word, 0);
    Atomics.store(this.#words, layout.epochWord(thread), this.#epochs[thread]!);
    this.#setState(thread, STARTING);
  }

  #setState(thread: number, state: number): void {
    // Read by the host's shutdown and by observers.
    Atomics.store(this.#words, this.#layout.stateWord(thread), state);
  }

  #tell(death: KnownDeath, epoch: number | undefined): void {
    const { thread, ended, reason, exitCode, name, message, culprit } = death;
    this.notices.tell({ thread, ended, epoch, reason, exitCode, name, message, culprit });
  }
}
