/** Tasks: work that is done once, by an actor of its own, so that it is placed, supervised and given up like one. */
import { type Definition, defineActor } from '../actor/definition.js';
import type { Self } from '../actor/self.js';

/** A task takes no messages. */
export type TaskProtocol = Record<never, never>;

/**
 * Defines a task: an actor that does one thing and ends. Its end is normal (`stopped`, detail `done`) when `run` has
 * returned, or its promise is resolved; it fails with what `run` throws, and a supervisor starts it again if it is
 * `transient`. Spawning it resolves when it has begun; `stopped(ref)` when it is done, so ask for that at once.
 * `self.signal` says when it was killed before; a `stop` waits for it. The idea is Elixir's `Task`.
 *
 * @param url  `import.meta.url` of the module
 * @param name unique in its module
 * @throws InvalidDefinition, AlreadyRegistered
 *
 * @example
 * export const Import = defineTask(import.meta.url, 'Import', async (self, file: string) => {
 *   await importLines(file, { signal: self.signal });
 * });
 * const ended = await system.stopped(system.spawnNow(Import, 'books.txt'));
 */
export const defineTask = <A = void>(
  url: string,
  name: string,
  run: (self: Self<TaskProtocol>, args: A) => unknown,
): Definition<TaskProtocol, A> =>
  defineActor(url, name, {
    protocol: {},
    init: (_, args: A) => ({ args }),
    on: {},
    started: async ({ args }, self) => {
      await run(self, args);
      void self.stop(self.ref, { reason: 'done' });
    },
  });
