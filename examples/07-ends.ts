/** How actors end: by a failure, by `stop`, `kill` and `drain`; and what becomes of what was sent to them. */
import { setTimeout as delay } from 'node:timers/promises';
import { call, createSystem, defineActor, isHost, text, u32 } from 'heddle';

export const Divider = defineActor(import.meta.url, 'Divider', {
  protocol: { divide: call({ by: u32 }, u32), note: { what: text }, sleep: call({}) },
  init: () => undefined,
  concurrency: 2,
  on: {
    divide(_, { by }) {
      if (by === 0) throw new RangeError('division by zero');
      return Math.floor(100 / by);
    },
    note: () => undefined,
    sleep: () => delay(60_000, undefined, { ref: false }),
  },
});

if (isHost) {
  await using system = await createSystem({ threads: 1 });
  const problems = system.problems[Symbol.asyncIterator]();
  const letters = system.deadLetters[Symbol.asyncIterator]();

  // A handler that throws ends its actor and nothing else.
  const failing = await system.spawn(Divider);
  console.log('before:', await failing.divide({ by: 3 }));
  const ended = system.stopped(failing);
  await failing.divide({ by: 0 }).catch((error) => console.log('caller:', error.code, '<-', error.cause?.message));
  console.log('watcher:', (await ended).reason);
  console.log('problem:', (await problems.next()).value?.kind);

  // Nobody is there any more: casts become dead letters, calls fail at once.
  failing.note({ what: 'hello?' });
  const { value: letter } = await letters.next();
  console.log('dead letter:', letter?.reason);
  await failing.divide({ by: 1 }).catch((error) => console.log('call:', error.code));

  const drained = await system.spawn(Divider);
  const answer = drained.divide({ by: 4 });
  console.log('drain:', (await system.drain(drained)).reason, await answer);

  const stopped = await system.spawn(Divider);
  console.log('stop:', await system.stop(stopped, { reason: 'enough' }));

  // `kill` does not wait for a handler that is asleep.
  const killed = await system.spawn(Divider);
  const asleep = killed.sleep().catch((error) => console.log('sleeper:', error.code));
  await killed.divide({ by: 1 });
  const { reason } = await system.kill(killed);
  await asleep;
  console.log('kill:', reason);
}
