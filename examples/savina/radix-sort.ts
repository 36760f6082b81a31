/**
 *     Source -> Stage 2^0 -> Stage 2^1 -> ... -> Stage 2^59 -> Validator
 *
 * Each stage lets pass the values whose bit is 0, keeps those whose bit is 1, and sends these after all others.
 */
import {
  type AnyRef,
  call,
  defineActor,
  f64,
  optional,
  type Protocol,
  type Reply,
  record,
  ref,
  type Self,
  selfRef,
  u32,
  type Verbs,
} from 'heddle';
import { check } from './check.js';
import { allLeft, BURST, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';
import { PseudoRandom } from './pseudo-random.js';

const SEED = 2_048;

interface Total {
  readonly count: number;
  readonly sum: number;
}

export const Validator = defineActor(import.meta.url, 'Validator', {
  protocol: {
    value: { value: f64 },
    /** Answered when it has had all values. */
    report: call({}, record({ count: u32, sum: f64 })),
  },
  init: (_, expected: number) => ({
    expected,
    reply: undefined as Reply<Total> | undefined,
    count: 0,
    sum: 0,
    last: 0,
  }),
  on: {
    value(state, { value }, self) {
      check('value that is smaller than the one before it', value < state.last ? value : undefined, undefined);
      state.last = value;
      state.count++;
      state.sum += value;
      if (state.count < state.expected) return;
      state.reply!.send({ count: state.count, sum: state.sum });
      leave(self);
    },
    report(state, _, self) {
      state.reply = self.reply<Total>();
      return state.reply;
    },
  },
});

/** Whoever takes values: a stage or the validator. */
type Next = AnyRef & { value(message: { value: number }): void };

interface StageState {
  readonly radix: number;
  readonly count: number;
  next: Next | undefined;
  seen: number;
  readonly kept: number[];
}

/** Sends values to the next actor as fast as that has room for them. */
const sendAll = async (values: Iterable<number>, next: Next, self: Verbs): Promise<void> => {
  let sent = 0;
  for (const value of values) {
    if (sent++ % BURST === 0) await self.room(next);
    next.value({ value });
  }
};

const flush = async <P extends Protocol>({ kept, next }: StageState, self: Self<P>): Promise<void> => {
  await sendAll(kept, next!, self);
  leave(self);
};

export const Stage = defineActor(import.meta.url, 'Stage', {
  protocol: {
    /** One of the two. */
    next: call({ stage: optional(selfRef), validator: optional(ref(Validator)) }),
    value: { value: f64 },
  },
  init: (_, { radix, count }: { readonly radix: number; readonly count: number }): StageState => ({
    radix,
    count,
    next: undefined,
    seen: 0,
    kept: [],
  }),
  on: {
    next(state, { stage, validator }) {
      state.next = stage ?? validator;
    },
    value(state, { value }, self) {
      const next = state.next!;
      // Also where a bitwise operation would see 32 bits only; exact for powers of two.
      if (Math.floor(value / state.radix) % 2 === 1) state.kept.push(value);
      else next.value({ value });
      state.seen++;
      if (state.seen === state.count) return flush(state, self);
      return state.seen % BURST === 0 ? self.room(next) : undefined;
    },
  },
});

/** The values that are sorted; also what the sum of the sorted ones is compared with. */
export function* valuesToSort(count: number, bits: number): Generator<number> {
  const random = new PseudoRandom(SEED);
  for (let index = 0; index < count; index++) yield random.below(2 ** bits);
}

export const Source = defineActor(import.meta.url, 'Source', {
  protocol: { start: { next: ref(Stage), count: u32, bits: u32 } },
  init: () => undefined,
  on: {
    async start(_, { next, count, bits }, self) {
      await sendAll(valuesToSort(count, bits), next, self);
      leave(self);
    },
  },
});

export const radixSort: Program<'count' | 'bits'> = {
  name: 'radix-sort',
  title: 'a long pipeline, one message for each value and stage, in bursts',
  sizes: {
    faithful: { count: 100_000, bits: 60 },
    usual: { count: 100_000, bits: 60 },
    quick: { count: 3_000, bits: 16 },
  },
  async run(system, { count, bits }) {
    const began = performance.now();
    const source = await system.spawn(Source, undefined, { place: threadFor(system, 0) });
    const stages = await Promise.all(
      Array.from({ length: bits }, (_, bit) =>
        system.spawn(Stage, { radix: 2 ** bit, count }, { place: threadFor(system, bit + 1) }),
      ),
    );
    const validator = await system.spawn(Validator, count, { place: threadFor(system, bits + 1) });
    const wired = Promise.all(
      stages.map((stage, bit) => stage.next(bit + 1 < bits ? { stage: stages[bit + 1]! } : { validator })),
    );
    const run = wired.then(() => source.start({ next: stages[0]!, count, bits }));
    const [total] = await Promise.all([
      validator.report({}, PATIENCE),
      run,
      allLeft(system, [source, ...stages, validator]),
    ]);
    const ms = performance.now() - began;
    let sum = 0;
    for (const value of valuesToSort(count, bits)) sum += value;
    check('values that were sorted', total.count, count);
    check('sum of the values', total.sum, sum);
    return rate(ms, (bits + 1) * count + 1, (bits + 1) * count, 'messages');
  },
};
