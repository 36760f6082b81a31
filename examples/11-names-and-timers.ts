/** Actors that are found by name, and that act by themselves when their time has come. */
import { setTimeout as delay } from 'node:timers/promises';
import { call, createSystem, defineActor, isHost, text, u32 } from 'heddle';

/** Keeps what it is given for a while, and ends when nobody has asked for anything for long. */
export const Cache = defineActor(import.meta.url, 'Cache', {
  protocol: {
    put: { key: text, value: text, forMs: u32 },
    forget: { key: text },
    get: call({ key: text }, text),
    sweep: {},
    sweeps: call({}, u32),
  },
  init: (self, idleMs: number) => {
    self.every(5, 'sweep');
    return { values: new Map<string, string>(), sweeps: 0, idleMs, idle: self.stopAfter(idleMs, { reason: 'idle' }) };
  },
  on: {
    put({ values }, { key, value, forMs }, self) {
      values.set(key, value);
      self.after(forMs, 'forget', { key });
    },
    forget: ({ values }, { key }) => void values.delete(key),
    get(state, { key }, self) {
      state.idle.cancel();
      state.idle = self.stopAfter(state.idleMs, { reason: 'idle' });
      return state.values.get(key) ?? 'nothing';
    },
    sweep: (state) => void state.sweeps++,
    sweeps: ({ sweeps }) => sweeps,
  },
});

if (isHost) {
  await using system = await createSystem({ threads: 1 });

  // A name is of one actor; an alias is one more name.
  const cache = await system.spawn(Cache, 200, { name: 'cache' });
  await system.spawn(Cache, 200, { name: 'cache' }).catch((error) => console.log('a second one:', error.code));
  await system.alias(cache, 'store');
  console.log('names:', system.names().sort());

  // Found by name, from any thread, at once. The definition says which messages it takes.
  const store = system.whereIs(Cache, 'store')!;
  store.put({ key: 'colour', value: 'blue', forMs: 50 });
  console.log('before:', await store.get({ key: 'colour' }));
  while ((await store.get({ key: 'colour' })) !== 'nothing') await delay(5);
  console.log('after: nothing; it has swept:', (await store.sweeps()) > 0);

  // Nobody asks any more. Its names are free before anybody hears of its end.
  const { reason, detail } = await system.stopped(cache);
  console.log('end:', reason, 'because it was', detail);
  console.log('names:', system.names(), system.whereIs('cache'));
}
