/** Sends numbered tokens to others of its kind until it is told to rest, and checks that those it gets come in order. */
import { call, defineActor, i32, list, type Ref, selfRef } from 'heddle';

/** Tokens sent between two looks for room. */
const STRIDE = 32;

interface Peer {
  readonly walker: Ref<{ token: typeof token }>;
  /** The number of the next token to it. */
  next: number;
}

const token = { from: i32, number: i32 };

interface State {
  readonly id: number;
  peers: Map<number, Peer>;
  /** The number of the last token from each. */
  readonly seen: Map<number, number>;
  received: number;
  disorders: number;
  resting: boolean;
}

export const Walker = defineActor(import.meta.url, 'Walker', {
  protocol: {
    /** Whom tokens go to from now on; those that are gone are no longer among them. */
    meet: { ids: list(i32), walkers: list(selfRef) },
    walk: {},
    token,
    /** How many tokens came, and how many of them were not the next ones of their sender. */
    rest: call({}, { received: i32, disorders: i32 }),
  },
  // Tokens are taken while a walk waits for room.
  concurrency: 2,
  init: (_self, id: number): State => ({
    id,
    peers: new Map(),
    seen: new Map(),
    received: 0,
    disorders: 0,
    resting: false,
  }),
  on: {
    meet(state, { ids, walkers }) {
      const known = state.peers;
      state.peers = new Map(ids.map((id, index) => [id, known.get(id) ?? { walker: walkers[index]!, next: 0 }]));
    },
    async walk(state, _message, self) {
      for (const peer of state.peers.values()) {
        await self.room(peer.walker);
        for (let sent = 0; sent < STRIDE; sent++) peer.walker.token({ from: state.id, number: peer.next++ });
      }
      if (!state.resting) self.ref.walk();
    },
    token(state, { from, number }) {
      state.received++;
      if (number !== (state.seen.get(from) ?? -1) + 1) state.disorders++;
      state.seen.set(from, number);
    },
    rest(state) {
      state.resting = true;
      return { received: state.received, disorders: state.disorders };
    },
  },
});
