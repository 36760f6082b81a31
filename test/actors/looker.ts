/** Looks names up on its thread without a pause, and tries to take them for others. */
import { AlreadyRegistered, type AnyRef, call, defineActor, i32, list, ref, sameRef, text } from 'heddle';
import { Account } from './account.js';
import { Ward } from './ward.js';

/** Looks between two attempts to take a name. */
const LOOKS_PER_ATTEMPT = 64;

export const Looker = defineActor(import.meta.url, 'Looker', {
  protocol: {
    /** Who has which name, from now on and for ever. */
    meet: call({ names: list(text), wards: list(ref(Ward)) }),
    look: {},
    /** What was seen: the actor of the name, nobody, or another; and attempts that were refused, or were not. */
    rest: call({}, { found: i32, missing: i32, strange: i32, refused: i32, taken: i32 }),
  },
  init: () => ({
    owners: [] as (readonly [string, AnyRef])[],
    resting: false,
    looks: 0,
    seen: { found: 0, missing: 0, strange: 0, refused: 0, taken: 0 },
  }),
  on: {
    meet(state, { names, wards }, self) {
      state.owners = names.map((name, index) => [name, wards[index]!] as const);
      self.ref.look();
    },
    look(state, _message, self) {
      const { seen } = state;
      for (const [name, owner] of state.owners) {
        const found = self.whereIs(Ward, name);
        if (found === undefined) seen.missing++;
        else if (sameRef(found, owner)) seen.found++;
        else seen.strange++;
        if (++state.looks % LOOKS_PER_ATTEMPT !== 0) continue;
        try {
          self.spawnNow(Account, name, { name });
          seen.taken++;
        } catch (error) {
          if (!(error instanceof AlreadyRegistered)) throw error;
          seen.refused++;
        }
      }
      if (!state.resting) self.ref.look();
    },
    rest(state) {
      state.resting = true;
      return state.seen;
    },
  },
});
