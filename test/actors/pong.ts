/** The other half of `ping.ts`. */
import { type AnyDefinition, defineActor, i32, protocol, type Ref, ref } from 'heddle';
// biome-ignore lint/suspicious/noImportCycles: two actors that hold each other's refs import each other
import { Ping, type PingRef } from './ping.js';

const pongProtocol = protocol({
  hit: { by: ref<PingRef>((): AnyDefinition => Ping), left: i32 },
});

export interface PongRef extends Ref<typeof pongProtocol> {}

export const Pong = defineActor(import.meta.url, 'Pong', {
  protocol: pongProtocol,
  init: () => undefined,
  on: {
    hit(_state, { by, left }, self) {
      by.back({ from: self.ref, left: left - 1 });
    },
  },
});
