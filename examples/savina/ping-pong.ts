/**
 *     Ping <-> Pong        Ping -> Ping
 *
 * One message at a time. Before each ping, Ping sends itself a message to send it: a round trip is three messages.
 */
import { type AnyDefinition, call, defineActor, protocol, type Ref, type Reply, ref, type Self, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { duration, type Program } from './program.js';

const PingProtocol = protocol({
  /** Answered at the end with the number of pings that Pong has counted. */
  start: call({ pong: ref<PongRef>((): AnyDefinition => Pong), pings: u32 }, u32),
  ping: {},
  pong: { sequence: u32 },
});
interface PingRef extends Ref<typeof PingProtocol> {}

const PongProtocol = protocol({
  ping: { sequence: u32, from: ref<PingRef>((): AnyDefinition => Ping) },
  stop: call({}, u32),
});
interface PongRef extends Ref<typeof PongProtocol> {}

interface Game {
  readonly pong: PongRef;
  readonly pings: number;
  readonly reply: Reply<number>;
  sequence: number;
}

const serve = (game: Game, from: PingRef): void => game.pong.ping({ sequence: ++game.sequence, from });

const finish = async ({ pong, reply }: Game, self: Self<typeof PingProtocol>): Promise<void> => {
  reply.send(await pong.stop({}, PATIENCE));
  leave(self);
};

export const Ping = defineActor(import.meta.url, 'Ping', {
  protocol: PingProtocol,
  init: () => ({ game: undefined as Game | undefined }),
  on: {
    start(state, { pong, pings }, self) {
      const reply = self.reply<number>();
      state.game = { pong, pings, reply, sequence: 0 };
      serve(state.game, self.ref);
      return reply;
    },
    ping: (state, _, self) => serve(state.game!, self.ref),
    pong(state, { sequence }, self) {
      const game = state.game!;
      check('sequence of a pong', sequence, game.sequence);
      if (sequence === game.pings) return finish(game, self);
      self.ref.ping();
      return undefined;
    },
  },
});

export const Pong = defineActor(import.meta.url, 'Pong', {
  protocol: PongProtocol,
  init: () => ({ pings: 0 }),
  on: {
    ping(state, { sequence, from }) {
      check('sequence of a ping', sequence, ++state.pings);
      from.pong({ sequence });
    },
    stop(state, _, self) {
      leave(self);
      return state.pings;
    },
  },
});

export const pingPong: Program<'pings'> = {
  name: 'ping-pong',
  title: 'how long one message takes when everything waits for it',
  sizes: { faithful: { pings: 40_000 }, usual: { pings: 50_000 }, quick: { pings: 1_000 } },
  async run(system, { pings }) {
    const began = performance.now();
    const ping = await system.spawn(Ping, undefined, { place: threadFor(system, 0) });
    const pong = await system.spawn(Pong, undefined, { place: threadFor(system, 1) });
    const [counted] = await Promise.all([ping.start({ pong, pings }, PATIENCE), allLeft(system, [ping, pong])]);
    const ms = performance.now() - began;
    check('pings that Pong has counted', counted, pings);
    return duration(ms, 3 * pings + 1, pings, 'round trip');
  },
};
