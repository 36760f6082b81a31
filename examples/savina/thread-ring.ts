/**
 *     0 -> 1 -> 2 -> ... -> N-1 -> 0
 *
 * A ring of actors hands a token on until it is used up; then a second token goes round and ends each. The last end finds
 * its actor gone: one dead letter.
 */
import { bool, call, defineActor, protocol, type Ref, type Reply, record, selfRef, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { duration, type Program } from './program.js';

const StationProtocol = protocol({
  data: call({ next: selfRef }),
  ping: { left: u32 },
  exit: { left: u32 },
  /** Answered when it leaves: how often it has had the token, and whether that was used up here. */
  report: call({}, record({ tokens: u32, isLast: bool })),
});
interface StationRef extends Ref<typeof StationProtocol> {}

interface Seen {
  readonly tokens: number;
  readonly isLast: boolean;
}

interface State {
  readonly stations: number;
  next: StationRef | undefined;
  reply: Reply<Seen> | undefined;
  tokens: number;
  isLast: boolean;
}

export const Station = defineActor(import.meta.url, 'Station', {
  protocol: StationProtocol,
  init: (_, stations: number): State => ({ stations, next: undefined, reply: undefined, tokens: 0, isLast: false }),
  on: {
    data(state, { next }) {
      state.next = next;
    },
    ping(state, { left }) {
      state.tokens++;
      if (left > 0) state.next!.ping({ left: left - 1 });
      else {
        state.isLast = true;
        state.next!.exit({ left: state.stations });
      }
    },
    exit(state, { left }, self) {
      if (left > 0) state.next!.exit({ left: left - 1 });
      state.reply!.send({ tokens: state.tokens, isLast: state.isLast });
      leave(self);
    },
    report(state, _, self) {
      state.reply = self.reply<Seen>();
      return state.reply;
    },
  },
});

export const threadRing: Program<'stations' | 'hops'> = {
  name: 'thread-ring',
  title: 'how fast actors take turns when only one has something to do',
  sizes: {
    faithful: { stations: 100, hops: 100_000 },
    usual: { stations: 100, hops: 50_000 },
    quick: { stations: 10, hops: 1_003 },
  },
  async run(system, { stations, hops }) {
    const began = performance.now();
    const ring = await Promise.all(
      Array.from({ length: stations }, (_, index) =>
        system.spawn(Station, stations, { place: threadFor(system, index) }),
      ),
    );
    // Sent before `data`, whose answers say that these have arrived too.
    const reports = Promise.all(ring.map((station) => station.report({}, PATIENCE)));
    const wired = Promise.all(ring.map((station, index) => station.data({ next: ring[(index + 1) % stations]! })));
    const run = wired.then(() => ring[0]!.ping({ left: hops }));
    const [seen] = await Promise.all([reports, run, allLeft(system, ring)]);
    const ms = performance.now() - began;
    const tokens = seen.reduce((sum, { tokens }) => sum + tokens, 0);
    check('times that the token was seen', tokens, hops + 1);
    const ends = seen.flatMap(({ isLast }, index) => (isLast ? [index] : []));
    check('stations where the token was used up', ends.join(), `${hops % stations}`);
    return duration(ms, hops + 2 * stations + 2, hops, 'hop');
  },
};
