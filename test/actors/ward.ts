/** Supervised actors that end as they are told, and supervisors of every kind over them. */
import {
  call,
  child,
  defineActor,
  defineDynamicSupervisor,
  defineSupervisor,
  defineTask,
  HeddleError,
  i32,
  text,
  type Verbs,
} from 'heddle';

/** Goes from ward to ward by their names: `prefix` and a number below `wards`. */
interface Gossip {
  readonly prefix: string;
  readonly wards: number;
  readonly next: number;
  readonly hops: number;
}

/** From number to number, so that all have their turn. */
const STRIDE = 7;

const passOn = (self: Verbs, { prefix, wards, next, hops }: Gossip): void => {
  if (hops === 0) return;
  try {
    self.whereIs(Ward, `${prefix}${next}`)?.gossip({ prefix, wards, next: (next + STRIDE) % wards, hops: hops - 1 });
  } catch (error) {
    // Its thread may be out of reach.
    if (!(error instanceof HeddleError)) throw error;
  }
};

interface State {
  /** Of this life. */
  total: number;
}

const spec = {
  protocol: {
    count: {},
    total: call({}, i32),
    thread: call({}, i32),
    fail: {},
    /** Is never done with it. */
    hold: {},
    exit: {},
    loop: {},
    gossip: { prefix: text, wards: i32, next: i32, hops: i32 },
  },
  init: (): State => ({ total: 0 }),
  on: {
    count: (state: State) => void state.total++,
    total: ({ total }: State) => total,
    thread: (_state: State, _message: object, self: { readonly thread: number }) => self.thread,
    fail() {
      throw new Error('a ward that fails');
    },
    hold: () => new Promise<void>(() => undefined),
    exit: () => process.exit(7),
    loop() {
      for (;;) Math.random();
    },
    gossip: (_state: State, gossip: Gossip, self: Verbs) => passOn(self, gossip),
  },
};

export const Ward = defineActor(import.meta.url, 'Ward', spec);
/** May not loop. */
export const BoundedWard = defineActor(import.meta.url, 'BoundedWard', { ...spec, budgetMs: 200 });

export interface WardPlan {
  readonly id: string;
  readonly place: number;
  /** Whether it has its id for a name. */
  readonly named?: true;
}

const specOf = ({ id, place, named }: WardPlan) =>
  child(id, Ward, undefined, { place, ...(named === undefined ? {} : { name: id }) });
const children = (plans: readonly WardPlan[]) => plans.map(specOf);

/** Restarts that a supervisor makes in any time that a test takes. */
export const RESTARTS = 3;
const STRICT = { restarts: RESTARTS, withinMs: 2 ** 30 };
/** As many restarts as one likes. */
const LENIENT = { restarts: 10_000, withinMs: 1 };

export const OneForOne = defineSupervisor(import.meta.url, 'OneForOne', { intensity: STRICT, children });
export const OneForAll = defineSupervisor(import.meta.url, 'OneForAll', {
  strategy: 'one-for-all',
  intensity: STRICT,
  children,
});
export const RestForOne = defineSupervisor(import.meta.url, 'RestForOne', {
  strategy: 'rest-for-one',
  intensity: STRICT,
  children,
});
export const Lenient = defineSupervisor(import.meta.url, 'Lenient', { intensity: LENIENT, children });

/** One ward that ends its thread by looping, and others that do no harm. */
export const Bounding = defineSupervisor(import.meta.url, 'Bounding', {
  intensity: STRICT,
  children: (plans: readonly WardPlan[]) => [
    child('looper', BoundedWard, undefined, { place: plans[0]!.place }),
    ...children(plans),
  ],
});

export interface BranchPlan {
  readonly place: number;
  readonly wards: readonly WardPlan[];
}

/** A supervisor of supervisors. */
export const Tree = defineSupervisor(import.meta.url, 'Tree', {
  intensity: LENIENT,
  children: (branches: readonly BranchPlan[]) =>
    branches.map(({ place, wards }, index) => child(`branch-${index}`, Lenient, wards, { place })),
});
/** The same, whose branches give up. */
export const StrictTree = defineSupervisor(import.meta.url, 'StrictTree', {
  intensity: STRICT,
  children: (branches: readonly BranchPlan[]) =>
    branches.map(({ place, wards }, index) => child(`branch-${index}`, OneForOne, wards, { place })),
});

/** Its children live on the first worker. */
export const Crew = defineDynamicSupervisor(import.meta.url, 'Crew', { child: Ward, intensity: STRICT, place: 1 });

/** Attempts at jobs on this thread, by their ids. */
const attempts = new Map<string, number>();

/** Succeeds with its last attempt. */
export const Job = defineTask(
  import.meta.url,
  'Job',
  (_self, { id, enough }: { readonly id: string; readonly enough: number }) => {
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    if (attempt < enough) throw new Error(`attempt ${attempt}`);
  },
);
export const Jobs = defineDynamicSupervisor(import.meta.url, 'Jobs', {
  child: Job,
  restart: 'transient',
  intensity: STRICT,
  place: 1,
});
