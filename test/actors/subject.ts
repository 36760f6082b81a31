/** An actor that ends in every way at every place of its code, and those around it, who are told or end with it. */
import {
  any,
  anyRef,
  call,
  child,
  defineActor,
  defineSupervisor,
  type HeddleError,
  i32,
  ref,
  type Self,
  type Shared,
  type SupervisionEvent,
  shared,
  text,
} from 'heddle';

/** Words of the memory that a test shares with the actors. */
export const LIVES = 0;
/** The code is at the place where it is to end. */
export const REACHED = 1;
/** The test lets it go on. */
export const GATE = 2;
export const NOTED = 3;
/** Of the child on the same thread, and of the one on another. */
export const NEAR_BORN = 4;
export const NEAR_ENDED = 5;
export const FAR_BORN = 6;
export const FAR_ENDED = 7;
export const WORDS = 8;

const FAR = 2;

export const PLACES = ['init', 'started', 'handler', 'after await', 'stopped', 'onSupervision', 'timer'] as const;
export type Where = (typeof PLACES)[number];

const spin = (): never => {
  for (;;) Math.random();
};

const spinMicrotasks = (): void => queueMicrotask(spinMicrotasks);

const dig = (): number => dig() + 1;

const throwBroken = (): never => {
  throw new TypeError('broken');
};

/** What the code does itself. The test does the rest from outside, while the code is at its place. */
const DEEDS = {
  normal: (self: Ends) => void self.stop(self.ref, { reason: 'enough' }),
  throw: throwBroken,
  reject: () => Promise.reject(new TypeError('broken')),
  'throw non-Error': () => {
    // biome-ignore lint/style/useThrowOnlyError: this is what is tested
    throw undefined;
  },
  kill: () => undefined,
  stop: () => undefined,
  'stack overflow': () => void dig(),
  'process.exit': () => process.exit(7),
  terminate: spin,
  'infinite loop': spin,
  'microtask loop': spinMicrotasks,
} satisfies Record<string, (self: Ends) => unknown>;

export type Way = keyof typeof DEEDS;
export const WAYS = Object.keys(DEEDS) as Way[];

type Ends = Pick<Self<Record<never, never>>, 'stop' | 'ref'>;

export interface Plan {
  readonly way: Way;
  readonly where: Where;
  /** The life in which it is to end so; the first is 1. */
  readonly life: number;
  /** Whether the code waits at its place in a promise; else it keeps the thread. */
  readonly awaits: boolean;
  /** How many times it cannot start, after its first life. */
  readonly failures: number;
  /** The threads of its children. */
  readonly children: readonly number[];
}

/** The memory of the present test, once this thread knows it. */
let known: Int32Array | undefined;

const opened = async (words: Int32Array): Promise<void> => {
  while (Atomics.load(words, GATE) === 0) await new Promise((resolve) => setImmediate(resolve));
};

interface State {
  readonly plan: Plan;
  readonly words: Int32Array;
  readonly life: number;
}

/** Ends the actor, if this is the place. */
const reach = ({ plan, words, life }: State, where: Where, self: Ends): unknown => {
  if (where !== plan.where || life !== plan.life) return undefined;
  const deed = DEEDS[plan.way];
  Atomics.store(words, REACHED, 1);
  if (plan.awaits) return opened(words).then(() => deed(self));
  Atomics.wait(words, GATE, 0);
  return deed(self);
};

const begin = (words: Int32Array, plan: Plan, self: Pick<Self<Record<never, never>>, 'spawnNow' | keyof Ends>) => {
  const state: State = { plan, words, life: Atomics.add(words, LIVES, 1) + 1 };
  for (const place of plan.children) self.spawnNow(Kin, place === FAR, { link: true, place });
  if (state.life > 1 && state.life <= 1 + plan.failures) throw new RangeError('it cannot start');
  const done = reach(state, 'init', self);
  return done instanceof Promise ? done.then(() => state) : state;
};

const protocol = {
  /** Ends as planned, in the handler, and after an `await`. Answers what it was asked. */
  act: call({ value: i32 }, i32),
  actLater: call({ value: i32 }, i32),
  /** Sends itself a tick, by a timer. */
  arm: {},
  tick: {},
  /** Is told of the end of another actor. */
  observe: call({ who: anyRef }, i32),
  fail: {},
  note: {},
  /** How many notes all lives have had. */
  tally: call({}, i32),
};

const spec = {
  protocol,
  init: (self: Self<typeof protocol>, plan: Plan): State | Promise<State> => {
    if (known !== undefined) return begin(known, plan, self);
    // The thread has taken the place of another.
    const clerk = self.whereIs(Clerk, 'clerk')!;
    return clerk.memory().then(({ buffer }) => begin(new Int32Array(buffer), plan, self));
  },
  on: {
    act(state: State, { value }: { readonly value: number }, self: Self<typeof protocol>) {
      const done = reach(state, 'handler', self);
      return done instanceof Promise ? done.then(() => value) : value;
    },
    async actLater(state: State, { value }: { readonly value: number }, self: Self<typeof protocol>) {
      await undefined;
      await reach(state, 'after await', self);
      return value;
    },
    arm: (_state: State, _message: object, self: Self<typeof protocol>) => void self.after(0, 'tick'),
    tick: (state: State, _message: object, self: Self<typeof protocol>) => reach(state, 'timer', self),
    observe(
      _state: State,
      { who }: { readonly who: Parameters<Self<typeof protocol>['watch']>[0] },
      self: Self<typeof protocol>,
    ) {
      self.watch(who);
      return 1;
    },
    fail: throwBroken,
    note: ({ words }: State) => void Atomics.add(words, NOTED, 1),
    tally: ({ words }: State) => Atomics.load(words, NOTED),
  },
  started: (state: State, self: Self<typeof protocol>) => reach(state, 'started', self),
  stopped: (state: State, _ended: unknown, self: Self<typeof protocol>) => reach(state, 'stopped', self),
  onSupervision: (state: State, _event: SupervisionEvent, self: Self<typeof protocol>) =>
    reach(state, 'onSupervision', self),
};

export const Subject = defineActor(import.meta.url, 'Subject', spec);

export const BUDGET_MS = 150;

/** The same, but its code may not keep its thread. */
export const Bounded = defineActor(import.meta.url, 'Bounded', { ...spec, budgetMs: BUDGET_MS });

/** A child of the subject. */
const Kin = defineActor(import.meta.url, 'Kin', {
  protocol: {},
  init: async (self, isFar: boolean) => {
    const words = known ?? new Int32Array((await self.whereIs(Clerk, 'clerk')!.memory()).buffer);
    return { words, isFar };
  },
  on: {},
  started: ({ words, isFar }) => void Atomics.add(words, isFar ? FAR_BORN : NEAR_BORN, 1),
  stopped: ({ words, isFar }) => void Atomics.add(words, isFar ? FAR_ENDED : NEAR_ENDED, 1),
});

/** Nobody's relative, one on each thread. */
export const Bystander = defineActor(import.meta.url, 'Bystander', {
  protocol: {
    learn: call({ memory: shared }, i32),
    thread: call({}, i32),
  },
  init: () => ({}),
  on: {
    learn(_state, { memory }, self) {
      known = new Int32Array(memory.buffer);
      return self.thread;
    },
    thread: (_state, _message, self) => self.thread,
  },
});

/** Tells what the memory of the present test is to threads that begin in its midst. */
export const Clerk = defineActor(import.meta.url, 'Clerk', {
  protocol: { learn: call({ memory: shared }, i32), memory: call({}, shared) },
  init: (): { memory: Shared | undefined } => ({ memory: undefined }),
  on: {
    learn(state, { memory }) {
      state.memory = memory;
      return 0;
    },
    memory: ({ memory }) => memory!,
  },
});

/** What somebody was told of an end, or of a spawn that failed. */
export interface Told {
  readonly kind: 'spawned' | 'refused' | SupervisionEvent['kind'];
  readonly reason?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly cause?: string;
}

const tell = (error: unknown): Pick<Told, 'code' | 'cause'> => {
  const { code, cause } = (error ?? {}) as Partial<HeddleError>;
  return {
    ...(code === undefined ? {} : { code }),
    ...(cause instanceof Error ? { cause: cause.message } : {}),
  };
};

/** Spawns a subject, watches it, and is told of its end. */
export const Parent = defineActor(import.meta.url, 'Parent', {
  protocol: {
    bear: call({ plan: any<Plan>(), place: i32, name: text, bounded: i32 }, ref(Subject)),
    told: call({}, any<readonly Told[]>()),
  },
  init: () => ({ told: [] as Told[] }),
  on: {
    bear({ told }, { plan, place, name, bounded }, self) {
      const spawned = self.spawn(bounded === 1 ? Bounded : Subject, plan, { place, name, link: true });
      const born = self.children[0]!;
      self.watch(born);
      spawned.then(
        () => told.push({ kind: 'spawned' }),
        (error: unknown) => told.push({ kind: 'refused', ...tell(error) }),
      );
      return self.typed(Subject, born);
    },
    told: ({ told }) => told,
  },
  onSupervision({ told }, { kind, ended: { reason, detail, error } }) {
    told.push({ kind, reason, detail, ...tell(error) });
  },
});

interface Household {
  readonly plan: Plan;
  readonly bounded: boolean;
}

export const RESTARTS_MAX = 3;

/** A supervisor with one permanent child. */
export const House = defineSupervisor(import.meta.url, 'House', {
  intensity: { restarts: RESTARTS_MAX, withinMs: 60_000 },
  children: ({ plan, bounded }: Household) => [
    child('subject', bounded ? Bounded : Subject, plan, { place: 1, name: 'subject' }),
  ],
});
