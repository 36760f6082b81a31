/** Watches the prototypes of its thread while hostile values come and go. */
import { any, call, defineActor, i32, list, text } from 'heddle';
import { ATTACKS } from '../support/attacks.js';
import { changesOf, snapshotOf } from '../support/prototypes.js';

/** What code of the attacks was called on this thread. */
const called: string[] = [];
const noteCall = (what: string): void => {
  called.push(what);
};

export const Warden = defineActor(import.meta.url, 'Warden', {
  protocol: {
    echo: call({ value: any() }, any()),
    /** What it was spawned with. */
    args: call({}, any()),
    /** Throws an attack, or an Error that has it as a cause and for its members. */
    throwAttack: call({ index: i32 }),
    throwError: call({ index: i32 }),
    /** What has changed since it was born, and what code of the attacks was called on its thread. */
    changes: call({}, list(text)),
  },
  init: (_self, args: unknown) => ({ before: snapshotOf(), args }),
  on: {
    echo: (_state, { value }) => value,
    args: ({ args }) => args,
    throwAttack(_state, { index }) {
      throw ATTACKS[index]?.make(noteCall);
    },
    throwError(_state, { index }) {
      const attack = ATTACKS[index]?.make(noteCall);
      throw Object.assign(new Error('an error', { cause: attack }), {
        code: attack,
        toJSON: attack,
        constructor: attack,
      });
    },
    changes: ({ before }) => [...changesOf(before), ...called],
  },
});
