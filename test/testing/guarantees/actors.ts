/** The actors of scenarios. They do what they are told, and write down what they see. */
import {
  type AnyRef,
  anyRef,
  call,
  child,
  type Definition,
  defineActor,
  defineDynamicSupervisor,
  defineSupervisor,
  f64,
  i32,
  optional,
  type RefOf,
  type Reply,
  refKey,
  type Self,
  text,
} from '../../../src/index.js';
import type { LifeFacts, OpenWatch, World } from './world.js';
import { worldOf } from './world.js';

const protocol = {
  note: { from: i32, n: i32, pad: text },
  act: { what: text, to: optional(anyRef), count: i32, ms: f64 },
  ask: call({ call: i32, how: text, ms: f64 }, i32),
  tick: { timer: i32 },
  fail: {},
};
type Members = typeof protocol;
/** What a member is given. */
export interface Crew {
  readonly world: number;
  /** Whether it is a child of a supervisor. */
  readonly isKept: boolean;
}
export type MemberRef = RefOf<typeof Member>;

interface State {
  readonly world: World;
  readonly life: LifeFacts;
  readonly watches: OpenWatch[];
  readonly unanswered: Reply<number>[];
  lastTimer: number | undefined;
}

const SHUTDOWN_MS = 50;
/** Some notes are larger than a record, and travel in pieces. */
const PADS = ['', 'x'.repeat(40), 'x'.repeat(900)];

interface Act {
  readonly what: string;
  readonly to: AnyRef | undefined;
  readonly count: number;
  readonly ms: number;
}

const act = (state: State, { what, to, count, ms }: Act, self: Self<Members>): Promise<unknown> | undefined => {
  const { world, life, watches } = state;
  switch (what) {
    case 'flood':
    case 'leave': {
      const other = self.typed(Member, to!);
      for (let n = 0; n < count; n++) world.send(life.id, other, PADS[n % 17 === 0 ? 2 : n % 2]!);
      if (what === 'leave') void settled(self.stop(self.ref));
      return undefined;
    }
    case 'ask':
      return world.call(life.id, self.typed(Member, to!), 'now', ms);
    case 'watch':
      watches.push({ watch: self.watch(to!), facts: world.watch(life, to!, undefined) });
      return undefined;
    case 'unwatch': {
      const open = watches.find(({ facts }) => !facts.given && !facts.unwatched);
      if (open === undefined) return undefined;
      self.unwatch(open.watch);
      open.facts.unwatched = true;
      return undefined;
    }
    case 'time':
      for (let n = 0; n < count; n++) {
        const delayMs = ms * ((n * 7) % 5);
        self.after(delayMs, 'tick', { timer: world.setTimer(life, delayMs) });
      }
      return undefined;
    case 'spawn':
      return settled(
        self.spawn(
          Member,
          { world: world.number, isKept: false },
          { place: count, link: true, shutdownMs: SHUTDOWN_MS },
        ),
      );
    case 'link':
      world.adopted.add(refKey(to!));
      return settled(self.link(to!, { shutdownMs: SHUTDOWN_MS }));
    case 'stop':
      return world.outcome(to!, self.stop(to!, { deadlineMs: ms }));
    case 'kill':
      return world.outcome(to!, self.kill(to!));
    case 'drain':
      return world.outcome(to!, self.drain(to!, { deadlineMs: ms }));
    default:
      throw new Error(`no such act: ${what}`);
  }
};

/** What comes of it is seen elsewhere. */
const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch(() => undefined);

export const Member: Definition<Members, Crew> = defineActor(import.meta.url, 'Member', {
  protocol,
  init: (self, { world: number, isKept }: Crew): State => {
    const world = worldOf(number);
    const life = world.begin(self.ref, self.thread, isKept);
    return { world, life, watches: [], unanswered: [], lastTimer: undefined };
  },
  on: {
    note: ({ world, life }, { from, n }) => world.receive(life, from, n),
    act: (state, { what, to, count, ms }, self) => act(state, { what, to, count, ms }, self),
    ask: (state, { call: number, how, ms }, self) => {
      const { world, unanswered } = state;
      world.asked(number);
      if (how === 'now') return 1;
      const reply = self.reply<number>();
      if (how === 'later') self.after(ms, 'tick', { timer: world.setTimer(state.life, ms) });
      unanswered.push(reply);
      return reply;
    },
    tick: (state, { timer }) => {
      const { world, life, unanswered } = state;
      world.fired(life, timer, state.lastTimer);
      state.lastTimer = timer;
      unanswered.shift()?.send(timer);
    },
    fail: () => {
      throw new Error('told to fail');
    },
  },
  stopped: () => undefined,
  onSupervision: ({ world, life, watches }, event, self) => {
    if (event.kind !== 'down') return;
    const open = watches.find(({ watch }) => watch === event.watch);
    if (open === undefined) world.violate('watching: a notice of no watch');
    else
      world.told(
        life,
        open.facts,
        event.ended,
        open.facts.name === undefined ? undefined : self.whereIs(open.facts.name),
      );
  },
});

const OFTEN = { restarts: 1000, withinMs: 1 };

export interface Team {
  readonly world: number;
  /** Of its children. */
  readonly places: readonly number[];
}

const childrenOf = ({ world, places }: Team) =>
  places.map((place, index) =>
    child(`kept-${index}`, Member, { world, isKept: true }, { place, shutdownMs: SHUTDOWN_MS }),
  );
const common = { intensity: OFTEN, children: childrenOf };

export const Supervisors = {
  'one-for-one': defineSupervisor(import.meta.url, 'OneForOne', common),
  'one-for-all': defineSupervisor(import.meta.url, 'OneForAll', { ...common, strategy: 'one-for-all' }),
  'rest-for-one': defineSupervisor(import.meta.url, 'RestForOne', { ...common, strategy: 'rest-for-one' }),
};
export const Pool = defineDynamicSupervisor(import.meta.url, 'Pool', {
  child: Member,
  restart: 'transient',
  intensity: OFTEN,
  shutdownMs: SHUTDOWN_MS,
});
