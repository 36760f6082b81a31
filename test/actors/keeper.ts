/** Keeps what it is sent, and gives it back. */
import { any, bytes, call, defineActor, f64, i32, list, optional, record, text } from 'heddle';

export const Keeper = defineActor(import.meta.url, 'Keeper', {
  protocol: {
    flat: { n: i32, t: text },
    nested: { n: i32, lines: list(record({ price: f64 })), v: any() },
    maybe: { note: optional(record({ t: text, raw: bytes })), n: i32 },
    ask: call({ n: i32, v: any() }, any()),
    wrong: call({ kind: text }, { n: i32, tags: list(text) }),
    kept: call({}, any<unknown[]>()),
  },
  init: () => [] as unknown[],
  on: {
    flat: (kept, message) => void kept.push(message),
    nested: (kept, message) => void kept.push(message),
    maybe: (kept, message) => void kept.push(message),
    ask: (_kept, { v }) => v,
    wrong(_kept, { kind }) {
      const replies: Record<string, unknown> = {
        none: undefined,
        field: { n: '1', tags: [] },
        tag: { n: 1, tags: [2] },
      };
      return replies[kind] as { n: number; tags: string[] };
    },
    kept: (kept) => kept,
  },
});
