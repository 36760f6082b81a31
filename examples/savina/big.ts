/**
 *     every Peer <-> every Peer        Peers -> Sink -> Peers
 *
 * Each peer has one ping under way, always to somebody else at random, and tells the sink when it has had all its pongs.
 */
import {
  type AnyDefinition,
  call,
  defineActor,
  f64,
  i32,
  list,
  protocol,
  type Ref,
  type Reply,
  record,
  ref,
  selfRef,
  u32,
} from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';
import { PseudoRandom } from './pseudo-random.js';

/** Who the first pong is from, which nobody has asked for. */
const NOBODY = -1;

const PeerProtocol = protocol({
  neighbours: call({ all: list(selfRef), sink: ref<SinkRef>((): AnyDefinition => Sink) }),
  ping: { from: u32 },
  pong: { from: i32 },
  exit: {},
  /** Answered when it leaves: the pings that have come, and the sum of what says from whom to whom. */
  report: call({}, record({ pings: u32, routes: f64 })),
});
interface PeerRef extends Ref<typeof PeerProtocol> {}

const SinkProtocol = protocol({
  neighbours: call({ all: list(ref<PeerRef>((): AnyDefinition => Peer)) }),
  exit: {},
});
interface SinkRef extends Ref<typeof SinkProtocol> {}

interface Received {
  readonly pings: number;
  readonly routes: number;
}

interface Told {
  readonly id: number;
  readonly pings: number;
}

/** Tells each pair of peers from the others. */
const route = (from: number, to: number, peers: number): number => from * peers + to;

export const Peer = defineActor(import.meta.url, 'Peer', {
  protocol: PeerProtocol,
  init: (_, { id, pings }: Told) => ({
    id,
    left: pings,
    random: new PseudoRandom(id),
    all: [] as PeerRef[],
    sink: undefined as SinkRef | undefined,
    asked: NOBODY,
    received: { pings: 0, routes: 0 },
    reply: undefined as Reply<Received> | undefined,
  }),
  on: {
    neighbours(state, { all, sink }) {
      state.all = all;
      state.sink = sink;
    },
    ping({ id, all, received }, { from }) {
      received.pings++;
      received.routes += route(from, id, all.length);
      all[from]!.pong({ from: id });
    },
    pong(state, { from }) {
      check('who has sent a pong', from, state.asked);
      if (state.left-- === 0) {
        state.sink!.exit();
        return;
      }
      state.asked = state.random.below(state.all.length);
      state.all[state.asked]!.ping({ from: state.id });
    },
    exit({ reply, received }, _, self) {
      reply!.send(received);
      leave(self);
    },
    report(state, _, self) {
      state.reply = self.reply<Received>();
      return state.reply;
    },
  },
});

export const Sink = defineActor(import.meta.url, 'Sink', {
  protocol: SinkProtocol,
  init: () => ({ all: [] as PeerRef[], exits: 0 }),
  on: {
    neighbours(state, { all }) {
      state.all = all;
    },
    exit(state, _, self) {
      if (++state.exits < state.all.length) return;
      for (const peer of state.all) peer.exit();
      leave(self);
    },
  },
});

/** What the peers must have received together, by drawing the same numbers. */
export const routesOf = (peers: number, pings: number): number => {
  let sum = 0;
  for (let id = 0; id < peers; id++) {
    const random = new PseudoRandom(id);
    for (let ping = 0; ping < pings; ping++) sum += route(id, random.below(peers), peers);
  }
  return sum;
};

export const big: Program<'peers' | 'pings'> = {
  name: 'big',
  title: 'many actors that talk to many',
  sizes: {
    faithful: { peers: 120, pings: 20_000 },
    usual: { peers: 120, pings: 20_000 },
    quick: { peers: 40, pings: 200 },
  },
  async run(system, { peers, pings }) {
    const began = performance.now();
    const all = await Promise.all(
      Array.from({ length: peers }, (_, id) => system.spawn(Peer, { id, pings }, { place: threadFor(system, id) })),
    );
    const sink = await system.spawn(Sink, undefined, { place: threadFor(system, peers) });
    // Sent before `neighbours`, whose answers say that these have arrived too.
    const reports = Promise.all(all.map((peer) => peer.report({}, PATIENCE)));
    const wired = Promise.all([sink.neighbours({ all }), ...all.map((peer) => peer.neighbours({ all, sink }))]);
    const run = wired.then(() => {
      for (const peer of all) peer.pong({ from: NOBODY });
    });
    const [received] = await Promise.all([reports, run, allLeft(system, [sink, ...all])]);
    const ms = performance.now() - began;
    const sumOf = (read: (one: Received) => number): number => received.reduce((sum, one) => sum + read(one), 0);
    const total = peers * pings;
    check(
      'pings that have come',
      sumOf((one) => one.pings),
      total,
    );
    check(
      'sum of their routes',
      sumOf((one) => one.routes),
      routesOf(peers, pings),
    );
    return rate(ms, 2 * total + 4 * peers + 1, total, 'pings');
  },
};
