/** Two actors, in modules of their own, whose messages hold typed refs to each other: this half begins. */
import { type AnyDefinition, call, defineActor, i32, protocol, type Ref, type Reply, ref } from 'heddle';
// biome-ignore lint/suspicious/noImportCycles: two actors that hold each other's refs import each other
import { Pong, type PongRef } from './pong.js';

const pingProtocol = protocol({
  /** Plays `rounds` rounds; the reply is how many came back. */
  play: call({ with: ref<PongRef>((): AnyDefinition => Pong), rounds: i32 }, i32),
  back: { from: ref<PongRef>((): AnyDefinition => Pong), left: i32 },
});

export interface PingRef extends Ref<typeof pingProtocol> {}

export const Ping = defineActor(import.meta.url, 'Ping', {
  protocol: pingProtocol,
  init: () => ({ came: 0, reply: undefined as Reply<number> | undefined }),
  on: {
    play(state, { with: other, rounds }, self) {
      const reply = self.reply<number>();
      state.reply = reply;
      other.hit({ by: self.ref, left: rounds });
      return reply;
    },
    back(state, { from, left }, self) {
      state.came++;
      if (left > 0) from.hit({ by: self.ref, left });
      else state.reply?.send(state.came);
    },
  },
});
