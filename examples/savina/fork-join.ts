/**
 *     host -> Worker 0, Worker 1, ... Worker A-1
 *
 * The host deals out messages in turn; each worker computes a little for each, and leaves after its last one.
 */
import { call, defineActor, f64, type Reply, record, u32 } from 'heddle';
import { check, checkNear } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';

const ANGLE = 37.2;
/** Rounds between two looks whether there is room for more. */
const ROUNDS = 100;

interface Total {
  readonly count: number;
  readonly sum: number;
  readonly work: number;
}

export const Worker = defineActor(import.meta.url, 'Worker', {
  protocol: {
    item: { round: u32 },
    /** Answered when it leaves. */
    report: call({}, record({ count: u32, sum: f64, work: f64 })),
  },
  init: (_, rounds: number) => ({ rounds, reply: undefined as Reply<Total> | undefined, count: 0, sum: 0, work: 0 }),
  on: {
    item(state, { round }, self) {
      check('round of an item', round, state.count++);
      state.sum += round;
      state.work += Math.sin(ANGLE) ** 2;
      if (state.count < state.rounds) return;
      const { reply, count, sum, work } = state;
      reply!.send({ count, sum, work });
      leave(self);
    },
    report(state, _, self) {
      state.reply = self.reply<Total>();
      return state.reply;
    },
  },
});

export const forkJoin: Program<'actors' | 'rounds'> = {
  name: 'fork-join',
  title: 'how fast one thread can feed many actors',
  sizes: {
    faithful: { actors: 60, rounds: 10_000 },
    usual: { actors: 60, rounds: 50_000 },
    quick: { actors: 20, rounds: 2_000 },
  },
  async run(system, { actors, rounds }) {
    const began = performance.now();
    const workers = await Promise.all(
      Array.from({ length: actors }, (_, index) => system.spawn(Worker, rounds, { place: threadFor(system, index) })),
    );
    const deal = async (): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        if (round % ROUNDS === 0) await Promise.all(workers.map((worker) => system.room(worker)));
        for (const worker of workers) worker.item({ round });
      }
    };
    const reports = Promise.all(workers.map((worker) => worker.report({}, PATIENCE)));
    const [totals] = await Promise.all([reports, deal(), allLeft(system, workers)]);
    const ms = performance.now() - began;
    for (const { count, sum, work } of totals) {
      check('messages that a worker has handled', count, rounds);
      check('sum of what they carried', sum, (rounds * (rounds - 1)) / 2);
      checkNear('work of a worker', work, rounds * Math.sin(ANGLE) ** 2);
    }
    return rate(ms, actors * rounds, actors * rounds, 'messages');
  },
};
