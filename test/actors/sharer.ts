/** An actor that works on shared memory, in every place where a message can hold a handle to it. */
import { call, defineActor, i32, list, optional, record, type Shared, selfRef, shared, union } from 'heddle';

const wordsOf = ({ buffer }: Shared): Int32Array => new Int32Array(buffer);

export const Sharer = defineActor(import.meta.url, 'Sharer', {
  protocol: {
    /** Adds one to the first number, so many times. */
    count: call({ table: shared, times: i32 }, i32),
    /** Tells the first number of each. */
    firsts: call(
      {
        one: shared,
        many: list(shared),
        inner: record({ table: shared }),
        maybe: optional(shared),
        kind: union('kind', { some: { table: shared }, none: {} }),
      },
      list(i32),
    ),
    keep: shared,
    kept: call({}, optional(shared)),
    /** Says in the second number that it has begun, and loops until the first one is not 0. */
    loop: { flag: shared },
    /** Has another one count. */
    pass: call({ to: selfRef, table: shared }, i32),
  },
  init: () => ({ kept: undefined as Shared | undefined }),
  on: {
    count(_state, { table, times }) {
      const words = wordsOf(table);
      for (let i = 0; i < times; i++) Atomics.add(words, 0, 1);
      return times;
    },
    firsts(_state, { one, many, inner, maybe, kind }) {
      const all = [one, ...many, inner.table, maybe, kind.kind === 'some' ? kind.table : undefined];
      return all.filter((table) => table !== undefined).map((table) => Atomics.load(wordsOf(table), 0));
    },
    keep(state, table) {
      state.kept = table;
    },
    kept: ({ kept }) => kept,
    loop(_state, { flag }) {
      const words = wordsOf(flag);
      Atomics.store(words, 1, 1);
      while (Atomics.load(words, 0) === 0) Math.random();
    },
    pass: (_state, { to, table }) => to.count({ table, times: 1 }),
  },
});
