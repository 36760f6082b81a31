/** Threads that take and leave the same names at random; some are ended in the middle of it. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { originOf, threadOf } from '../../src/mesh/link.js';
import { LOCK_WORD } from '../../src/registry/name-entry.js';
import {
  CONTROL_WORDS,
  ControlWord,
  KEEPERS_NAMES,
  KEEPERS_NAMES_MAX,
  type NameKeeperTask,
} from '../programs/inner/name-keeper-task.js';
import { effort } from '../support/effort.js';
import { actorOf, nameMemory, openNames } from '../support/names.js';
import { randomOf, seedOfTest } from '../support/random.js';
import { startThread } from '../support/threads.js';
import { until } from '../support/until.js';

const THREADS = 3;
const DEATHS = effort(40, 5000);
/** As many more, if none of these came while the lock was held. */
const DEATHS_MAX = 20 * DEATHS;
const DONE_BEFORE_END_MAX = 500;

const sharedWords = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4));

describe('names that several threads want', () => {
  it(`have one owner at most, through ${DEATHS} deaths`, async () => {
    const seed = seedOfTest();
    const random = randomOf(seed);
    const table = nameMemory(KEEPERS_NAMES_MAX);
    const epochs = sharedWords(THREADS);
    const owners = sharedWords(KEEPERS_NAMES);
    const done = sharedWords(THREADS);
    const control = sharedWords(CONTROL_WORDS);
    const isOver = (origin: number): boolean => origin !== originOf(threadOf(origin), epochs[threadOf(origin)]!);
    const names = openNames(table, KEEPERS_NAMES_MAX, originOf(THREADS, 0), isOver);

    const start = (thread: number): Worker => {
      const epoch = epochs[thread]!;
      const task = { thread, epoch, seed: seed + thread + epoch, table, epochs, owners, done, control };
      return startThread('inner/name-keeper', task satisfies NameKeeperTask);
    };
    const workers = Array.from({ length: THREADS }, (_, thread) => start(thread));
    const reach = (thread: number, more: number): Promise<void> => {
      const enough = done[thread]! + more;
      return until(() => Atomics.load(done, thread) >= enough);
    };

    let locked = 0;
    let freed = 0;
    for (let death = 0; death < DEATHS || (locked === 0 && death < DEATHS_MAX); death++) {
      const thread = random.below(THREADS);
      await reach(thread, 1 + random.below(DONE_BEFORE_END_MAX));
      const worker = workers[thread]!;
      await Promise.all([once(worker, 'exit'), worker.terminate()]);
      const origin = originOf(thread, epochs[thread]!);
      // It holds the lock until others may know that it is dead.
      if (Atomics.load(table, LOCK_WORD) === origin + 1) locked++;
      Atomics.add(epochs, thread, 1);
      freed += names.freeAllOf(origin).length;
      expect(names.reservedOf(origin)).toEqual([]);
      workers[thread] = start(thread);
    }
    for (let thread = 0; thread < THREADS; thread++) await reach(thread, DONE_BEFORE_END_MAX);
    Atomics.store(control, ControlWord.stop, 1);
    await Promise.all(workers.map((worker) => once(worker, 'exit')));

    expect(control[ControlWord.faults]).toBe(0);
    expect(freed).toBeGreaterThan(0);
    expect(locked, 'none was ended while it held the lock').toBeGreaterThan(0);
    for (let thread = 0; thread < THREADS; thread++) {
      const origin = originOf(thread, epochs[thread]!);
      Atomics.add(epochs, thread, 1);
      names.freeAllOf(origin);
    }
    for (let i = 0; i < KEEPERS_NAMES_MAX; i++) names.reserve(`new ${i}`, actorOf(i));
    expect(() => names.reserve('one more', actorOf(0))).toThrow(expect.objectContaining({ name: 'LimitReached' }));
  });
});
