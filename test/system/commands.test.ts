/** More commands at once than a control ring holds: each is obeyed. */
import { type AnyRef, type Ended, type RefOf, type System, sameRef } from 'heddle';
import { expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { start } from '../support/systems.js';

/** Many times what fits in. */
const ACTORS = 1000;

type Command = (system: System, accounts: readonly RefOf<typeof Account>[]) => Promise<readonly unknown[]>;

const ended = (reason: string): Command => {
  const verb = reason === 'killed' ? 'kill' : 'stop';
  return async (system, accounts) => {
    const ends = await Promise.all(accounts.map((account) => system[verb](account)));
    return ends.map((end) => end.reason === reason);
  };
};

const watched: Command = async (system, accounts) => {
  const watch = (ref: AnyRef): Promise<Ended> => new Promise((resolve) => system.watch(ref, resolve));
  const notices = accounts.map(watch);
  await system.terminate(1);
  return (await Promise.all(notices)).map(({ reason }) => reason === 'thread-lost');
};

const named: Command = async (system, accounts) => {
  await Promise.all(accounts.map((account, index) => system.alias(account, `${index}`)));
  return accounts.map((account, index) => sameRef(system.whereIs(`${index}`)!, account));
};

it.each([
  ['stopped', ended('stopped')],
  ['killed', ended('killed')],
  ['watched', watched],
  ['named', named],
] as const)('so many actors are %s at once', async (_, command) => {
  const system = await start({ threads: 1 });
  const accounts = await Promise.all(Array.from({ length: ACTORS }, () => system.spawn(Account, 'ann', { place: 1 })));
  expect(await command(system, accounts)).toEqual(accounts.map(() => true));
});
