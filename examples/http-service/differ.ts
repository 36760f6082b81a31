/** The actor that answers, and the supervisor that starts one for each thread, and starts it again. */
import { bytes, call, child, defineActor, defineSupervisor, type RefOf, record, u16, view } from 'heddle';
import { answer } from './answer.js';
import { DEADLINE_MS } from './way.js';

export const Differ = defineActor(import.meta.url, 'Differ', {
  protocol: {
    /** The body is read where it lies in shared memory. */
    diff: call({ body: view }, record({ status: u16, body: bytes })),
  },
  init: () => undefined,
  on: { diff: (_, { body }) => answer(body) },
  // By then nobody waits for it any more.
  budgetMs: DEADLINE_MS,
});

export type DifferRef = RefOf<typeof Differ>;

export const differName = (index: number): string => `differ-${index}`;

export const Differs = defineSupervisor(import.meta.url, 'Differs', {
  children: (count: number) =>
    Array.from({ length: count }, (_, index) =>
      child(differName(index), Differ, undefined, { name: differName(index) }),
    ),
});
