/**
 * An actor of the laboratory. Two of them measure what is between them: one is told what to do, the other has been told what
 * to expect.
 */
import {
  bool,
  bytes,
  call,
  defineActor,
  f64,
  f64s,
  list,
  oneOf,
  type Ref,
  type Reply,
  record,
  type Self,
  selfRef,
  text,
  u32,
  view,
} from 'heddle';
import { PATIENCE } from '../../harness/patience.js';
import { BURST, type Order, type Pair } from '../../harness/payloads.js';
import type { Payload } from '../adapter.js';
import { Arrivals, type Recorded } from '../arrivals.js';
import { nowNs } from '../clock.js';
import { type Block, type Shape, shapeOf } from '../messages.js';
import { timeRequests } from '../requests.js';
import { type Rate, Schedule } from '../schedule.js';

const recorded = record({ nanoseconds: f64s, timed: u32, count: u32, wrong: u32, endedNs: f64 });
const pair = { i: u32, f: f64 };
const order = { id: u32, name: text, ts: f64, tags: list(text) };

const protocol = {
  /** What is between this one and the other from now on. */
  meet: call({ other: selfRef, kind: oneOf('pair', 'order', 'bytes'), size: u32, sameThread: bool }),
  /** What comes is written down, or sent back. */
  expect: call({ count: u32 }),
  echo: call({}),
  /** What was written down. */
  finish: call({}, recorded),

  pair,
  order,
  bytes: { i: u32, at: f64, data: view },
  askPair: call(pair, u32),
  askOrder: call(order, u32),
  askBytes: call({ i: u32, at: f64, data: bytes }, u32),

  rally: call({ count: u32 }, recorded),
  ask: call({ count: u32, inFlight: u32 }, recorded),
  pace: call({ perSecond: f64, forMs: f64 }, recorded),
  lone: call({ count: u32, idleMs: f64 }, recorded),
  /** Every so many messages one is timed; 0: none. */
  saturate: call({ count: u32, timedEvery: u32 }, record({ beganNs: f64, recorded })),

  sendDue: {},
  /** Sends `sendDue` back. */
  remind: {},
  sendLone: {},
};

type Peer = Ref<typeof protocol>;

interface Link {
  readonly other: Peer;
  readonly sameThread: boolean;
  readonly shape: Shape<unknown>;
  readonly send: (message: unknown) => void;
  readonly ask: (message: unknown) => Promise<number>;
}

interface State {
  link: Link;
  arrivals: Arrivals;
  take: (message: unknown) => void;
  /** One step of what is done in many turns. */
  goOn: () => void;
}

const link = (other: Peer, payload: Payload, sameThread: boolean): Link => {
  const common = { other, sameThread, shape: shapeOf(payload) };
  switch (payload.kind) {
    case 'pair':
      return { ...common, send: (m) => other.pair(m as Pair), ask: (m) => other.askPair(m as Pair, PATIENCE) };
    case 'order':
      return { ...common, send: (m) => other.order(m as Order), ask: (m) => other.askOrder(m as Order, PATIENCE) };
    case 'bytes':
      return { ...common, send: (m) => other.bytes(m as Block), ask: (m) => other.askBytes(m as Block, PATIENCE) };
  }
};

const expect = (state: State, count: number): Arrivals => {
  const arrivals = new Arrivals(count);
  const { shape } = state.link;
  state.arrivals = arrivals;
  state.take = (message) => arrivals.arrive(shape.index(message), shape.at(message), shape.isRight(message));
  return arrivals;
};

/** Plays one message at a time, there and back. */
const rally = (state: State, count: number, reply: Reply<Recorded>): void => {
  const { shape, send } = state.link;
  const arrivals = expect(state, count);
  const { take } = state;
  state.take = (message) => {
    take(message);
    if (arrivals.count < count) send(shape.make(arrivals.count, nowNs()));
    else reply.send(arrivals.finish());
  };
  send(shape.make(0, nowNs()));
};

/**
 * Sends what is due, then a message to itself to look again. On the thread of the receiver that message goes by way of the
 * receiver: an actor may handle many messages in a row before its neighbours have their turn.
 */
const pace = (state: State, rate: Rate, self: Self<typeof protocol>, reply: Reply<Recorded>): void => {
  const { other, sameThread, shape, send } = state.link;
  const again = sameThread ? () => other.remind() : () => self.ref.sendDue();
  const schedule = new Schedule(rate);
  const sendDue = (index: number, dueNs: number): void => send(shape.make(index, dueNs));
  state.goOn = () => {
    if (schedule.sendDue(sendDue) > 0) self.flush();
    if (!schedule.isOver) again();
    else answerWith(other.finish({}, PATIENCE), reply);
  };
  again();
};

/** Sends one message, waits, and so on. */
const lone = (state: State, { count, idleMs }: Lone, self: Self<typeof protocol>, reply: Reply<Recorded>): void => {
  const { other, shape, send } = state.link;
  let sent = 0;
  state.goOn = () => {
    send(shape.make(sent++, nowNs()));
    if (sent < count) self.after(idleMs, 'sendLone');
    else answerWith(other.finish({}, PATIENCE), reply);
  };
  self.after(idleMs, 'sendLone');
};

const answerWith = <T>(answer: Promise<T>, reply: Reply<T>): void => {
  answer.then(
    (value) => reply.send(value),
    (error: Error) => reply.fail(error),
  );
};

interface Lone {
  readonly count: number;
  readonly idleMs: number;
}

interface Saturation {
  readonly count: number;
  readonly timedEvery: number;
}

/** Sends as fast as there is room. */
const saturate = async ({ link }: State, { count, timedEvery }: Saturation, self: Self<typeof protocol>) => {
  const { other, shape, send } = link;
  const burst = (from: number, until: number): void => {
    for (let index = from; index < until; index++) {
      send(shape.make(index, timedEvery > 0 && index % timedEvery === 0 ? nowNs() : 0));
    }
  };
  const beganNs = nowNs();
  for (let sent = 0; sent < count; sent += BURST) {
    burst(sent, Math.min(sent + BURST, count));
    await self.room(other);
  }
  return { beganNs, recorded: await other.finish({}, PATIENCE) };
};

export const Player = defineActor(import.meta.url, 'Player', {
  protocol,
  // A receiver that stalls at a fixed rate has that much coming.
  mailbox: { limit: 2 ** 22 },
  init: (): State => ({ link: undefined as never, arrivals: new Arrivals(0), take: () => {}, goOn: () => {} }),
  on: {
    meet(state, { other, kind, size, sameThread }) {
      state.link = link(other, { kind, size }, sameThread);
    },
    expect(state, { count }) {
      expect(state, count);
    },
    echo(state) {
      state.take = state.link.send;
    },
    finish: ({ arrivals }) => arrivals.finish(),

    pair: ({ take }, message) => take(message),
    order: ({ take }, message) => take(message),
    bytes: ({ take }, message) => take(message),
    askPair: (_, { i }) => i + 1,
    askOrder: (_, { id }) => id + 1,
    askBytes: (_, { i }) => i + 1,

    rally(state, { count }, self) {
      const reply = self.reply<Recorded>();
      rally(state, count, reply);
      return reply;
    },
    ask: ({ link: { shape, ask } }, load) => timeRequests((index) => ask(shape.make(index, 0)), load),
    pace(state, rate, self) {
      const reply = self.reply<Recorded>();
      pace(state, rate, self, reply);
      return reply;
    },
    lone(state, order, self) {
      const reply = self.reply<Recorded>();
      lone(state, order, self, reply);
      return reply;
    },
    saturate,

    sendDue: ({ goOn }) => goOn(),
    remind: ({ link: { other } }) => other.sendDue(),
    sendLone: ({ goOn }) => goOn(),
  },
});
