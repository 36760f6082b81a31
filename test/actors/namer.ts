/** Gives names, and looks them up, on its thread. */
import { type AnyRef, anyRef, call, defineActor, i32, list, optional, type Self, text } from 'heddle';
import { Account } from './account.js';
import { Ward } from './ward.js';

const protocol = {
  /** The actor of a name; as one of a definition, if it is. */
  find: call({ name: text }, { any: optional(anyRef), account: optional(anyRef), ward: optional(anyRef) }),
  names: call({}, list(text)),
  /** Spawns an account; tells the code of the error, if there is one. */
  account: call({ name: text, place: i32 }, optional(text)),
  alias: call({ who: anyRef, name: text }, optional(text)),
  unalias: call({ who: anyRef, name: text }, { had: i32 }),
  /** Takes a name for an account that it does not live to spawn. */
  reserveAndDie: { name: text, place: i32 },
};

const codeOf = async (act: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await act();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? 'none';
  }
};

export const Namer = defineActor(import.meta.url, 'Namer', {
  protocol,
  init: (self: Self<typeof protocol>) => ({ self }),
  on: {
    find: (_state, { name }, self) => {
      const found: Record<string, AnyRef | undefined> = {
        any: self.whereIs(name),
        account: self.whereIs(Account, name),
        ward: self.whereIs(Ward, name),
      };
      return Object.fromEntries(Object.entries(found).filter(([, ref]) => ref !== undefined));
    },
    names: (_state, _message, self) => self.names(),
    account: async (_state, { name, place }, self) => {
      const code = await codeOf(() => self.spawn(Account, name, { name, place }));
      return code;
    },
    alias: (_state, { who, name }, self) => codeOf(() => self.alias(who, name)),
    unalias: async (_state, { who, name }, self) => ({ had: Number(await self.unalias(who, name)) }),
    reserveAndDie(_state, { name, place }, self) {
      self.spawnNow(Account, name, { name, place });
      process.exit(7);
    },
  },
});
