/** Actors that keep their thread busy, and actors that need its event loop nevertheless. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { call, defineActor, i32, list, u8, view } from 'heddle';

/** Sends itself one message after another until it is told to rest. */
export const Restless = defineActor(import.meta.url, 'Restless', {
  protocol: { again: {}, rest: call({}, i32) },
  init: () => ({ rounds: 0, resting: false }),
  on: {
    again(state, _message, self) {
      state.rounds++;
      if (!state.resting) self.ref.again();
    },
    rest(state) {
      state.resting = true;
      return state.rounds;
    },
  },
});

/** Counts the ticks of a timer of its thread. */
export const Ticker = defineActor(import.meta.url, 'Ticker', {
  protocol: { ticks: call({}, i32), stop: call({}) },
  init: () => {
    const state = { ticks: 0, timer: setInterval(() => state.ticks++, 1) };
    return state;
  },
  on: {
    ticks: (state) => state.ticks,
    stop(state) {
      clearInterval(state.timer);
    },
  },
});

/** A TCP server that sends back what it gets. */
export const EchoServer = defineActor(import.meta.url, 'EchoServer', {
  protocol: { port: call({}, i32), close: call({}) },
  init: async (): Promise<{ server: Server }> => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server };
  },
  on: {
    port: ({ server }) => (server.address() as AddressInfo).port,
    async close({ server }) {
      server.close();
      await once(server, 'close');
    },
  },
});

/** Works on many messages at a time, and remembers how many at most. */
export const Concurrent = defineActor(import.meta.url, 'Concurrent', {
  protocol: { work: call({ ms: i32 }, i32), peak: call({}, i32) },
  init: () => ({ running: 0, peak: 0 }),
  on: {
    async work(state, { ms }) {
      state.peak = Math.max(state.peak, ++state.running);
      await new Promise((resolve) => setTimeout(resolve, ms));
      state.running--;
      return state.peak;
    },
    peak: (state) => state.peak,
  },
  concurrency: 3,
});

/** Reads bytes where they lie. */
export const Viewer = defineActor(import.meta.url, 'Viewer', {
  protocol: {
    sum: call({ content: view }, i32),
    keep: { content: view },
    kept: call({}, list(u8)),
    later: { content: view },
  },
  init: (): { kept: Uint8Array } => ({ kept: new Uint8Array() }),
  on: {
    sum: (_state, { content }) => content.reduce((sum, byte) => sum + byte, 0),
    keep(state, { content }) {
      state.kept = content;
    },
    kept: (state) => [...state.kept],
    async later(_state, { content }) {
      await undefined;
      void content;
    },
  },
});
