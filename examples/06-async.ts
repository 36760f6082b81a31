/** Async handlers: an actor waits for files and timers like any other code, and takes one message at a time. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call, createSystem, defineActor, isHost, list, text, u32 } from 'heddle';

const protocol = {
  work: call({ name: text, ms: u32 }),
  log: call({}, list(text)),
  nameOf: call({ path: text }, text),
};

const init = (): string[] => [];

const on = {
  async work(log: string[], { name, ms }: { name: string; ms: number }): Promise<void> {
    log.push(`${name} begins`);
    await delay(ms);
    log.push(`${name} ends`);
  },
  log: (log: string[]): string[] => log,
  nameOf: async (_: string[], { path }: { path: string }): Promise<string> =>
    JSON.parse(await readFile(path, 'utf8')).name,
};

export const InTurn = defineActor(import.meta.url, 'InTurn', { protocol, init, on });
/** The same actor, but up to two of its handlers may be waiting for something. */
export const TwoAtOnce = defineActor(import.meta.url, 'TwoAtOnce', { protocol, init, on, concurrency: 2 });

if (isHost) {
  await using system = await createSystem({ threads: 1 });
  for (const definition of [InTurn, TwoAtOnce]) {
    const actor = await system.spawn(definition);
    await Promise.all([actor.work({ name: 'long', ms: 100 }), actor.work({ name: 'short', ms: 1 })]);
    console.log(`${definition.name}: ${(await actor.log()).join(', ')}`);
  }
  const reader = await system.spawn(InTurn);
  console.log('a file:', await reader.nameOf({ path: resolve('package.json') }));
}
