/**
 * W2, one way: an actor on worker 1 sends {i32, f64} to one on worker 2, which adds up both fields and replies once, at
 * the end. The time runs from the first send to that reply. The sender asks for room every 1,024 messages, so that
 * memory stays bounded.
 *
 * W2-mixed is the same with eight kinds of messages, no two with the same fields, to eight actors in turn.
 *
 * The supervised ones do the same as children of supervisors, which should cost nothing.
 *
 * By hand it is a ring for exactly this record, published every 64 records, or, unbatched, after each.
 */
import type { RefOf, System } from 'heddle';
import { MixedCounter, MixedSender } from '../actors/mixed.js';
import { PairCounter, PairSender } from '../actors/pairs.js';
import { PairCounters, PairSenders } from '../actors/supervised.js';
import { handRing } from '../contestants/by-hand.js';
import { heddle } from '../contestants/heddle.js';
import { postedStream } from '../contestants/post-message.js';
import { check } from '../harness/check.js';
import { PATIENCE } from '../harness/patience.js';
import { expectedSum, MIXED_KINDS } from '../harness/payloads.js';
import type { Contestant, Workload } from '../harness/workload.js';

const PAIRS = 'W2';
const MIXED = 'W2-mixed';
const UNIT = 'M messages/s';
/** Records that the ring made by hand publishes together. */
const BATCH = 64;

interface Pair {
  readonly sender: RefOf<typeof PairSender>;
  readonly to: RefOf<typeof PairCounter>;
}

const alone = async (system: System): Promise<Pair> => ({
  sender: await system.spawn(PairSender, undefined, { place: 1 }),
  to: await system.spawn(PairCounter, undefined, { place: 2 }),
});

/** The same actors as children of supervisors. */
const supervised = async (system: System): Promise<Pair> => ({
  sender: await (await system.spawn(PairSenders)).add({}),
  to: await (await system.spawn(PairCounters)).add({}),
});

const pairs = (name: string, count: number, spawn: (system: System) => Promise<Pair>): Contestant =>
  heddle(name, async (system) => {
    const { sender, to } = await spawn(system);
    const expected = expectedSum('pair', count);
    return async () => {
      const { ms, sum } = await sender.send({ to, count }, PATIENCE);
      check('the sum', sum, expected);
      return [{ figure: PAIRS, value: count / ms / 1e3 }];
    };
  });

const mixed = (count: number): Contestant =>
  heddle('heddle', async (system) => {
    const sender = await system.spawn(MixedSender, undefined, { place: 1 });
    const counters = Array.from({ length: MIXED_KINDS }, () => system.spawn(MixedCounter, undefined, { place: 2 }));
    const to = await Promise.all(counters);
    const expected = expectedSum('mixed', count);
    return async () => {
      const { ms, sum } = await sender.send({ to, count }, PATIENCE);
      check('the sum', sum, expected);
      return [{ figure: MIXED, value: count / ms / 1e3 }];
    };
  });

export const w2: Workload = {
  title: 'one-way {i32, f64} from worker to worker',
  figures: { [PAIRS]: UNIT },
  contestants: (effort) => [
    pairs('heddle', effort.of(4_000_000, 400_000), alone),
    pairs('heddle supervised', effort.of(4_000_000, 400_000), supervised),
    handRing(PAIRS, 'by-hand', effort.of(10_000_000, 1_000_000), BATCH),
    handRing(PAIRS, 'by-hand unbatched', effort.of(2_000_000, 200_000), 1),
    postedStream(PAIRS, 'pair', effort.of(200_000, 20_000)),
  ],
};

export const w2Mixed: Workload = {
  title: 'one-way, 8 kinds of messages to 8 actors',
  figures: { [MIXED]: UNIT },
  contestants: (effort) => [
    mixed(effort.of(2_000_000, 200_000)),
    handRing(MIXED, 'by-hand', effort.of(10_000_000, 1_000_000), BATCH),
    postedStream(MIXED, 'mixed', effort.of(200_000, 20_000)),
  ],
};
