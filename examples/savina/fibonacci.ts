/**
 *     Fibonacci(n) -> Fibonacci(n-1), Fibonacci(n-2)
 *
 * Each number is an actor that makes two others, adds what they answer, and ends; a hundred thousand of them.
 */
import { call, defineActor, f64, protocol, type Ref, type Reply, record, type Self, selfRef, u32 } from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';

const FibonacciProtocol = protocol({
  compute: call({ n: u32 }, record({ value: f64, actors: f64 })),
  request: { n: u32, parent: selfRef },
  response: { value: f64, actors: f64 },
});
type FibonacciSelf = Self<typeof FibonacciProtocol>;
interface FibonacciRef extends Ref<typeof FibonacciProtocol> {}

interface Result {
  readonly value: number;
  readonly actors: number;
}

interface State {
  parent: FibonacciRef | undefined;
  /** Of the root. */
  reply: Reply<Result> | undefined;
  /** Children that have not answered. */
  missing: number;
  value: number;
  /** In the tree below, this one included. */
  actors: number;
}

/** The first two numbers are 1. */
const LAST = 2;
/** Above this a child may live anywhere, below it with its parent: there are trees enough for all threads. */
const SPREAD = 15;

const begin = (state: State, n: number, self: FibonacciSelf): void => {
  if (n <= LAST) {
    state.value = 1;
    finish(state, self);
    return;
  }
  const place = n > SPREAD ? 'round-robin' : self.thread;
  for (const smaller of [n - 1, n - 2]) {
    // Linked, so that each ends after those below, and fails with them.
    const child = self.spawnNow(Fibonacci, undefined, { link: true, place });
    child.request({ n: smaller, parent: self.ref });
  }
  state.missing = 2;
};

const finish = ({ parent, reply, value, actors }: State, self: FibonacciSelf): void => {
  if (parent !== undefined) parent.response({ value, actors });
  else reply!.send({ value, actors });
  leave(self);
};

export const Fibonacci = defineActor(import.meta.url, 'Fibonacci', {
  protocol: FibonacciProtocol,
  init: (): State => ({ parent: undefined, reply: undefined, missing: 0, value: 0, actors: 1 }),
  on: {
    compute(state, { n }, self) {
      const reply = self.reply<Result>();
      state.reply = reply;
      begin(state, n, self);
      return reply;
    },
    request(state, { n, parent }, self) {
      state.parent = parent;
      begin(state, n, self);
    },
    response(state, { value, actors }, self) {
      state.value += value;
      state.actors += actors;
      if (--state.missing === 0) finish(state, self);
    },
  },
});

/** The same by two variables. */
export const fibonacciOf = (n: number): number => {
  let [value, next] = [0, 1];
  for (let index = 0; index < n; index++) [value, next] = [next, value + next];
  return value;
};

export const fibonacci: Program<'n'> = {
  name: 'fibonacci',
  title: 'making actors, waiting for them, and ending them',
  sizes: { faithful: { n: 25 }, usual: { n: 23 }, quick: { n: 16 } },
  async run(system, { n }) {
    const began = performance.now();
    const root = await system.spawn(Fibonacci, undefined, { place: threadFor(system, 0) });
    const [{ value, actors }] = await Promise.all([root.compute({ n }, PATIENCE), allLeft(system, [root])]);
    const ms = performance.now() - began;
    check(`Fibonacci number ${n}`, value, fibonacciOf(n));
    check('actors', actors, 2 * value - 1);
    return rate(ms, 2 * actors - 1, actors, 'actors');
  },
};
