/** Remembers, in order, what it was sent, and by whom. */
import { call, defineActor, i32, list, text } from 'heddle';

export const Ledger = defineActor(import.meta.url, 'Ledger', {
  protocol: {
    note: { from: i32, number: i32 },
    blob: { from: i32, number: i32, content: text },
    /** The numbers that came from one sender. */
    from: call({ from: i32 }, list(i32)),
    /** How many came, and whether each sender's came in order. */
    summary: call({}, { count: i32, ordered: i32 }),
    reset: {},
  },
  init: () => ({ seen: new Map<number, number[]>(), count: 0 }),
  on: {
    note: (state, { from, number }) => add(state, from, number),
    blob: (state, { from, number }) => add(state, from, number),
    from: (state, { from }) => state.seen.get(from) ?? [],
    summary(state) {
      const ordered = [...state.seen.values()].every((seen) => seen.every((n, i) => i === 0 || n === seen[i - 1]! + 1));
      return { count: state.count, ordered: ordered ? 1 : 0 };
    },
    reset(state) {
      state.seen.clear();
      state.count = 0;
    },
  },
});

const add = (state: { seen: Map<number, number[]>; count: number }, from: number, number: number): void => {
  const seen = state.seen.get(from);
  if (seen === undefined) state.seen.set(from, [number]);
  else seen.push(number);
  state.count++;
};
